/** What the text of a shell reads of the environment. */
export interface ShellReads {
  /** Variables that it names, in any form. */
  readonly names: ReadonlySet<string>;
  /** Those whose value is worked out as a sum, in which it may name others. */
  readonly counted: ReadonlySet<string>;
  /** True when it reads some that it does not name, or has a form that is not known. */
  readonly isAll: boolean;
}

const NAME = '[A-Za-z_]\\w*';
const NAMES = new RegExp(NAME, 'g');
/** What ends a command, or the text that it is in. */
const END = String.raw`(?=\s*(?:$|[;&|)}\n<>"'\x60]))`;
/** `$V`, `${V…}`, `${#V}`, in quotes of any kind: a text in single quotes may be one for another shell. */
const NAMED = new RegExp(String.raw`\$\{?[#+~=^]*(${NAME})`, 'g');
const OF_CMD = new RegExp(`[%!](${NAME})(?::[^%!]*)?[%!]`, 'g');

/** Where names stand for values without a `$`: all from the first beginning to the last end. */
const SUMS: readonly RegExp[] = [
  /\(\([\s\S]*\)\)/g,
  /\$\[[\s\S]*\]/g,
  /\blet\s[^;\n]*/g,
  /\b(?:declare|typeset|local)\s+-\w*i[^;\n]*/g,
  /\$\{\w+\[[^\]]*\]|\w\[[^\]]*\]\+?=/g,
  /\$\{\w+:(?![-=+?])[^}]*/g,
  /\[\[[\s\S]*?-(?:eq|ne|lt|le|gt|ge)[\s\S]*\]\]/g,
];
/** Words of sums that are no names. */
const WORDS = /^(?:let|declare|typeset|local|eq|ne|gt|ge|lt|le)$/;
/** `[[ -v V ]]`, where there are tests at all. */
const TESTS = /\[|\btest\b/;
const TESTED = new RegExp(String.raw`-[vR]\s+["']?(${NAME})`, 'g');
const PRINTED = /\bprintenv((?:\s+[-\w]+)+)/g;

const HOME = new RegExp(String.raw`(?:^|[\s=:;&|(\x60"'<>])~(?=$|[\s/;&|)\x60"':])|(?<![\w.\/-])(?:cd|pushd)${END}`);
const OLD = /(?:^|[\s=:"'])~-|(?<![\w./-])cd\s+-(?!\w)/;
const GOES = /(?<![\w./-])(?:cd|pushd)\s+[^\s./~$-]/;

/** Forms that read variables which nothing names. */
const ALL: readonly RegExp[] = [
  /\$\{!/,
  // A parameter of no form that is known: `${(P)N}`.
  /\$\{(?![#!]?\w|[#@*?$!-])/,
  /(?<![\w./-])(?:eval|compgen|envsubst|setenv)(?![\w.=-])/,
  new RegExp(String.raw`(?:^|[;&|({\n"'\x60]|\b(?:then|do|else|builtin|command)\s)\s*set${END}`),
  new RegExp(String.raw`(?<![\w.-])env(?:\s+(?:-[uCS]\s+\S+|-[-\w]*(?:=\S+)?|\w+=\S*))*${END}`),
  new RegExp(String.raw`(?<![\w.-])printenv(?:\s+-\S+)*${END}`),
  new RegExp(String.raw`(?<![\w./-])(?:export|declare|typeset|readonly|local)(?:${END}|\s+-\w*[pn])`),
];

/** Finds what a text for a shell reads. It may find more than that: a name that is no variable costs nothing. */
export function readsOf(text: string): ShellReads {
  const sums = SUMS.flatMap((form) => text.match(form) ?? []).join(' ');
  const counted = namesIn(sums).filter((name) => !WORDS.test(name));
  const printed = namesIn([...text.matchAll(PRINTED)].map(([, names]) => names).join(' '));
  const found = [NAMED, OF_CMD, ...(TESTS.test(text) ? [TESTED] : [])].flatMap((form) =>
    [...text.matchAll(form)].map(([, name = '']) => name),
  );
  const implied = [
    ...(HOME.test(text) ? ['HOME'] : []),
    ...(OLD.test(text) ? ['OLDPWD'] : []),
    ...(GOES.test(text) ? ['CDPATH'] : []),
  ];
  const names = [...found, ...counted, ...printed, ...implied].filter(
    (name) => name !== 'PWD' && !setsFirst(text, name),
  );
  return { names: new Set(names), counted: new Set(counted), isAll: ALL.some((form) => form.test(text)) };
}

/** All words of a text that may be names of variables. */
export function namesIn(text: string): readonly string[] {
  return text.match(NAMES) ?? [];
}

/** Anything by which a command may not run, or run in a shell of its own. */
const MAYBE = /[(){}&|`]|\b(?:if|while|until|case|then|else)\b/;

/** True when a text sets a variable, in the shell itself and in any case, before it can read it. */
function setsFirst(text: string, name: string): boolean {
  const at = text.search(new RegExp(String.raw`(?<!\w)${name}(?!\w)`));
  const before = text.slice(0, Math.max(at, 0));
  if (at < 0 || MAYBE.test(before)) return false;
  const [command = ''] = /(?:^|[;\n])[^;\n]*$/.exec(before) ?? [];
  const after = text.slice(at + name.length);
  if (/^[;\n]?\s*for\s+$/.test(command)) return /^\s+in\s+[^\s;$`*?[{]/.test(after);
  return (
    /^[;\n]?\s*(?:export\s+)?$/.test(command) && /^=(?:[^\s;&|()'"`\\]|'[^']*'|"[^"`]*")*\s*(?:[;\n]|$)/.test(after)
  );
}
