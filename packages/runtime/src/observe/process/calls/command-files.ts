import { basename, delimiter, isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Meaning, NamedPath } from '../../shared/named-path.ts';
import { namesIn, readsOf } from './shell/reads.ts';
import { type Sent, useOfInput, wordsOf } from './shell/sent.ts';
import { Variables } from './shell/variables.ts';
import { parseScript, type ShellWord } from './shell/words.ts';

/** Shells that take a whole command as the argument after this flag. */
const SCRIPT_FLAG = /^(-[a-z]*c|\/c|-Command)$/i;
/** Flags before the folder that a program goes to first. */
const FOLDER_FLAG = /^(?:-C|--(?:prefix|cwd|directory|chdir))(?:=(.+))?$/s;
/** Flags before a file with the names of other files. */
const LIST_FLAG = /^(?:-T|--(?:files-from|arg-file|from-file))$/;
/** Programs whose arguments come from what they are sent. */
const TAKES_NAMES = /(?:^|[/|;&\s])(?:xargs|parallel)(?=\s|$)/;
/** Shells whose texts are understood. */
const SHELL = /^(?:ba|da|z|k|mk|a)?sh(?:\.exe)?$/;
/** Shells of other languages. */
const OTHER_SHELL = /^(?:fish|t?csh|nu|xonsh|elvish|pwsh|powershell|cmd|busybox)(?:\.exe)?$/i;
/** Programs that print variables. */
const PRINTS = /^(?:env|printenv|envsubst)$/;
/** Files in its folder that decide what a program does, though no command names them. */
const IMPLIED: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^g?make$/, ['GNUmakefile', 'makefile', 'Makefile']],
  [/^(?:npm|npx|pnpm|yarn)$/, ['package.json']],
];
/** Commands of a shell that change its folder. */
const GOES_TO = /^(cd|pushd|chdir)$/;
/** A word that is most likely meant as the name of a file, even if there is none. */
const LIKE_A_FILE = /^(?![-@]|\w+:\/\/)[^\n*?"'<>|=]*(?:[\\/][^\n=]*|\.[A-Za-z]\w{0,7})$/;
/** Characters of the longest path of any system here. */
const PATH_MAX = 4096;
/** Texts in texts that are taken apart. */
const DEPTH_MAX = 3;

/** A command as it is started. */
export interface Command {
  readonly file: string;
  /** Without the name of the command itself. */
  readonly args: readonly string[];
  /** Folder it is started in, if that is not the one of this process. */
  readonly cwd?: string;
  /** Its environment as `NAME=value`. */
  readonly env?: readonly string[];
  /** What it is given to read at once. */
  readonly input?: string;
}

/** What a command names. */
export interface CommandNames {
  readonly paths: readonly NamedPath[];
  /** Variables of its environment that texts for a shell name, with their values in it. */
  readonly variables: ReadonlyMap<string, string | undefined>;
  /** True when it may read any other variable, too. */
  readonly isAll: boolean;
  /** What it does with what it is sent. */
  readonly sent: Sent;
}

/**
 * The command in the arguments that Node's native side gets: one object, or, since a later release of Node 24, the file, its
 * arguments, the folder and the environment one after the other. `undefined` for other arguments, which no release known
 * here passes.
 */
export function commandOf([first, ...rest]: readonly unknown[]): Command | undefined {
  const isObject = typeof first === 'object' && first !== null;
  const { file, args, cwd, envPairs, stdio } = isObject
    ? (first as Record<string, unknown>)
    : { file: first, args: rest[0], cwd: rest[1], envPairs: rest[2], stdio: rest[3] };
  if (typeof file !== 'string' || !(isNothing(args) || Array.isArray(args))) return undefined;
  if (!(isNothing(cwd) || typeof cwd === 'string')) return undefined;
  const env = Array.isArray(envPairs) ? { env: envPairs.map(String) } : {};
  const folder = isNothing(cwd) ? {} : { cwd };
  return { file, args: (args ?? []).slice(1).map(String), ...folder, ...env, ...inputOf(stdio) };
}

function isNothing(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/** What a program gets as its input by `spawnSync` and its kin. */
function inputOf(stdio: unknown): { readonly input?: string } {
  const { input } = (Array.isArray(stdio) ? (stdio[0] ?? {}) : {}) as { readonly input?: unknown };
  if (typeof input === 'string') return { input };
  return ArrayBuffer.isView(input)
    ? { input: Buffer.from(input.buffer, input.byteOffset, input.byteLength).toString() }
    : {};
}

/**
 * What a command may read or write: the command itself, its arguments, values in them (`--in=a`, `if=a`, `-oa`,
 * `a,b`, `@a`, `file:///a`), and the words of texts for a shell. `base`: the folder it is started in.
 */
export function namesInCommand({ file, args, cwd, env = [], input }: Command, base: string): CommandNames {
  const given = valuesOf(env);
  const variables = new Variables(given, base);
  const found = new CommandPaths(base, variables, {
    isFixed: cwd !== undefined && isAbsolute(cwd),
    folders: (given.get('PATH') ?? '').split(delimiter).filter(isAbsolute),
  });
  found.program(file);
  const sent = useOfInput(file, args);
  if (input !== undefined && sent === 'names') found.sends(input, args);
  found.arguments(args.map(plainWord));
  found.implied(file);
  if (input !== undefined && sent === 'script') found.script(input, 1);
  return { paths: found.list(), sent, ...variablesIn({ file, args, input: sent ? input : undefined }, given) };
}

type Started = Pick<Command, 'file' | 'args'> & { readonly input: string | undefined };

function variablesIn(
  { file, args, input = '' }: Started,
  given: ReadonlyMap<string, string>,
): Pick<CommandNames, 'variables' | 'isAll'> {
  const program = basename(file);
  const isOther = [program, ...args].some(
    (one, at) => OTHER_SHELL.test(one) && (at === 0 || SCRIPT_FLAG.test(args[at] ?? '')),
  );
  const hasText = isOther || [program, ...args].some((one) => SHELL.test(basename(one)));
  const texts = [PRINTS.test(program) ? [program, ...args].join(' ') : hasText ? args.join('\n') : '', input];
  const reads = texts.filter((text) => text !== '').map(readsOf);
  const inSums = reads.flatMap(({ counted }) => [...counted]).map((name) => given.get(name) ?? '');
  const isAll = isOther || reads.some((each) => each.isAll) || inSums.some((value) => /[A-Za-z_]/.test(value));
  const names = new Set(reads.flatMap((each) => [...each.names]));
  if (isAll) for (const name of namesIn([...texts, ...inSums].join(' '))) if (given.has(name)) names.add(name);
  return { variables: new Map([...names].map((name) => [name, given.get(name)])), isAll: isAll && given.size > 0 };
}

/** The names in a text that lists the arguments of a command. */
export function pathsInText(text: string, base: string): NamedPath[] {
  const found = new CommandPaths(base, new Variables());
  for (const words of parseScript(text)) found.arguments(words);
  return found.list();
}

function valuesOf(env: readonly string[]): Map<string, string> {
  return new Map(env.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}

function plainWord(text: string): ShellWord {
  return { text, isOutput: false, isPattern: false };
}

const RANKS: readonly Meaning[] = ['part', 'output', 'pattern', 'name', 'list', 'program'];

class CommandPaths {
  private readonly found = new Map<string, NamedPath>();
  /** Folders that names may be relative to, the likeliest first. */
  private bases: readonly string[];
  /** True while what names files may have names of others in it. */
  private hasLists = false;

  constructor(
    base: string,
    private readonly variables: Variables,
    /** `folders`: where programs are searched. */
    private readonly at: { readonly isFixed?: boolean; readonly folders?: readonly string[] } = {},
  ) {
    this.bases = [base];
  }

  /** Adds a program by its path, or all that may be meant by its name. */
  program(file: string): void {
    if (/[\\/]/.test(file)) this.add(file, 'program');
    else for (const folder of this.at.folders ?? []) this.add(resolve(folder, file), 'program');
  }

  implied(file: string): void {
    const [base = ''] = this.bases;
    for (const [program, files] of IMPLIED)
      if (program.test(basename(file))) for (const one of files) this.add(resolve(base, one), 'name');
  }

  /** Takes what is sent as a list of files. `args`: those that it is put into. */
  sends(text: string, args: readonly string[]): void {
    const words = wordsOf(text);
    this.variables.sent = words;
    const [, mark = '{}'] = /(?:^|\s)-[Ii]\s*([^\s-]\S*)/.exec(args.join(' ')) ?? [];
    const within = args.flatMap((each) => each.split(/[\s"']+/)).filter((each) => each.includes(mark));
    for (const word of words) {
      this.value(word);
      for (const each of within) if (each !== mark) this.value(each.replaceAll(mark, word));
    }
  }

  list(): NamedPath[] {
    return [...this.found.values()];
  }

  add(text: string, meaning: Meaning): void {
    if (text === '' || text.includes('\0') || text.length > PATH_MAX) return;
    const isRelative = this.at.isFixed !== true && !isAbsolute(text);
    for (const [at, base] of this.bases.entries()) {
      const path = resolve(base, text);
      const wanted = meaning === 'name' && this.hasLists ? 'list' : meaning;
      const one = { path, meaning: at > 0 && meaning === 'name' ? ('part' as const) : wanted, isRelative };
      const known = this.found.get(path);
      if (known === undefined || RANKS.indexOf(known.meaning) < RANKS.indexOf(one.meaning)) this.found.set(path, one);
    }
  }

  arguments(words: readonly ShellWord[], depth = 0): void {
    let isFolder = false;
    for (const [at, word] of words.entries()) {
      const [isFlag, folder] = FOLDER_FLAG.exec(word.text) ?? [];
      if (isFolder) this.goTo(word.text);
      else if (folder !== undefined) this.goTo(folder);
      else if (LIST_FLAG.test(words[at - 1]?.text ?? '')) this.add(word.text, 'list');
      else if (isFlag === undefined) this.word(word, depth, SCRIPT_FLAG.test(words[at - 1]?.text ?? ''));
      isFolder = !isFolder && isFlag !== undefined && folder === undefined;
    }
  }

  private goTo(folder: string): void {
    this.bases = [...new Set([resolve(this.bases[0] as string, folder), ...this.bases])];
  }

  script(text: string, depth: number): void {
    this.hasLists ||= TAKES_NAMES.test(text);
    for (const [first, ...rest] of parseScript(text, this.variables)) {
      if (first === undefined) continue;
      if (GOES_TO.test(first.text)) this.goTo(rest.shift()?.text ?? '.');
      else if (isAbsolute(first.text)) this.add(first.text, 'program');
      else this.word(first, depth, false);
      this.arguments(rest, depth);
      if (!/[\\/]/.test(first.text)) this.program(first.text);
      this.implied(first.text);
    }
  }

  private word({ text, isOutput, isPattern }: ShellWord, depth: number, isScript: boolean): void {
    if (isOutput) return this.add(text, 'output');
    if (isPattern) return this.add(text, 'pattern');
    const isText = /[\s"'();|<>]/.test(text);
    if (isScript) return this.script(text, depth + 1);
    this.value(text);
    if (isText && depth < DEPTH_MAX) this.script(text, depth + 1);
    const [, value] = /^[^=\s]*=(.+)$/s.exec(text) ?? [];
    if (value !== undefined) this.value(value);
    if (value !== undefined && /^--?(?:files-from|arg-file|from-file)=/.test(text)) this.add(value, 'list');
    const [, attached] = /^-[A-Za-z](.+)$/s.exec(text) ?? [];
    if (attached !== undefined) this.add(attached, 'part');
  }

  private value(text: string): void {
    if (/^file:/i.test(text)) return this.url(text);
    // Asking for the form of a long text takes seconds.
    if (text.length <= PATH_MAX) this.add(text, LIKE_A_FILE.test(text) ? 'name' : 'part');
    if (text.startsWith('@')) this.add(text.slice(1), 'list');
    if (/[,:]/.test(text) && !text.includes('://')) for (const part of text.split(/[,:]/)) this.add(part, 'part');
  }

  private url(text: string): void {
    try {
      this.add(fileURLToPath(text), 'name');
    } catch {
      // A URL of another machine is no file here.
    }
  }
}
