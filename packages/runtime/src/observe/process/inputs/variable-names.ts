import type { ObserveOptions } from '../../options.ts';

/**
 * Variables that differ between machines, terminals and people without meaning for a result, and credentials. They do not
 * count when a package or Node reads them, nor as part of an enumeration. They do when the user's own code names one. This
 * list is closed: it grows only together with the guide.
 */
const QUIET = new RegExp(
  [
    // Colour and terminal
    'NO_COLOR|FORCE_COLOR|FORCE_HYPERLINK|CLICOLOR(_FORCE)?|COLOR|COLORS|COLORTERM|COLORFGBG|LS_COLORS|GREP_COLORS?',
    'TERM|TERM_.*|TERMINFO(_DIRS)?|TERMINAL_EMULATOR|ITERM_.*|KITTY_.*|ALACRITTY_.*|WEZTERM_.*|KONSOLE_.*|VTE_VERSION',
    'TMUX|TMUX_.*|STY|WINDOW|WINDOWID|COLUMNS|LINES|WT_SESSION|WT_PROFILE_ID|CONEMU.*|ANSICON|TERMUX_.*|LESS.*|PAGER|MANPAGER',
    'DEBUG_COLORS|DEBUG_HIDE_DATE|DEBUG_SHOW_HIDDEN|DEBUG_DEPTH|NODE_DISABLE_COLORS|VITEST.*|VSCODE_.*|EDITOR|VISUAL',
    // CI
    'CI|CI_.*|CONTINUOUS_INTEGRATION|BUILD_NUMBER|BUILD_ID|RUN_ID|GITHUB_.*|RUNNER_.*|ACTIONS_.*|GITLAB_.*|TRAVIS.*',
    'CIRCLECI|CIRCLE_.*|APPVEYOR.*|BUILDKITE.*|DRONE.*|JENKINS_.*|TEAMCITY_.*|TF_BUILD|AGENT_.*|BITBUCKET_.*|CODEBUILD_.*',
    // Proxy
    '(HTTP|HTTPS|FTP|ALL|NO|SOCKS)_PROXY|NODE_USE_ENV_PROXY|GLOBAL_AGENT_.*',
    // Home and temp
    'HOME|HOMEDRIVE|HOMEPATH|USERPROFILE|APPDATA|LOCALAPPDATA|XDG_.*|TMP|TEMP|TMPDIR|USER|USERNAME|LOGNAME|HOST|HOSTNAME|MAIL',
    // Shell and session
    '_|__CF.*|SHELL|SHLVL|COMSPEC|PWD|OLDPWD|PATH|PATHEXT|MANPATH|INFOPATH|PS1|PS2|IFS|HIST.*|ZDOTDIR|BASH_.*|ZSH.*|FISH_.*',
    'SSH_.*|GPG_.*|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|DBUS_.*|DESKTOP_.*|SESSION_MANAGER|GNOME_.*|GTK_.*|QT_.*|KDE_.*|WSL.*',
    'SUDO_.*|INVOCATION_ID|JOURNAL_STREAM|SYSTEMD_.*|SECURITYSESSIONID|LAUNCHINSTANCEID|XPC_.*|HOMEBREW_.*|CONTAINER',
    'SYSTEMROOT|SYSTEMDRIVE|WINDIR|PROGRAM(FILES|DATA).*|COMMONPROGRAM.*|ALLUSERSPROFILE|PUBLIC|PROCESSOR_.*|NUMBER_OF_PROCESSORS',
    // npm's, Node's and varve's own
    'npm_.*|INIT_CWD|NVM_.*|FNM_.*|VOLTA_.*|ASDF_.*|PNPM_.*|YARN_.*|BERRY_.*|BUN_INSTALL|COREPACK_.*|NODE|NODE_PATH|PROJECT_CWD',
    'NODE_OPTIONS|NODE_DEBUG|NODE_DEBUG_NATIVE|NODE_V8_COVERAGE|NODE_CHANNEL_.*|NODE_UNIQUE_ID|NODE_PENDING_DEPRECATION',
    'NODE_NO_WARNINGS|NODE_REPL_.*|NODE_COMPILE_CACHE|NODE_DISABLE_COMPILE_CACHE|NODE_TEST_CONTEXT|JEST_WORKER_ID|UNDICI_.*|WATCH_REPORT_DEPENDENCIES|NODE_EXTRA_CA_CERTS|VARVE_.*',
    // Credentials
    '.*_KEY|.*_KEY_ID|.*_TOKEN|TOKEN|.*_SECRET|.*PASSWORD.*|.*_PASS|.*_CREDENTIALS?',
  ]
    .map((names) => `^(?:${names})$`)
    .join('|'),
  'i',
);

/** Which variables count, by name. */
export interface NameRules {
  /** True for names that count only when the user's own code names one. */
  isQuiet(name: string): boolean;
  /** True for names that never count. */
  isExcluded(name: string): boolean;
}

/** Compiles the user's settings over the list. Names may hold `*` for any characters; `exclude` wins. */
export function compileNames({ include = [], exclude = [] }: NonNullable<ObserveOptions['env']> = {}): NameRules {
  const [included, excluded] = [patternOf(include), patternOf(exclude)];
  const isExcluded = (name: string) => excluded?.test(name) === true;
  return {
    isExcluded,
    isQuiet: (name) => QUIET.test(name) && included?.test(name) !== true,
  };
}

function patternOf(names: readonly string[]): RegExp | undefined {
  if (names.length === 0) return undefined;
  const parts = names.map((name) => name.split('*').map(escapePattern).join('.*'));
  return new RegExp(`^(?:${parts.join('|')})$`, process.platform === 'win32' ? 'i' : '');
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.+?()[\]{}|]/g, '\\$&');
}
