/**
 * One read of a task, written as one line of text in an outcome and in the journal:
 *
 *     rows            its own artifact            !rows           the same, found absent
 *     *               the set of its own names
 *     [3].score       of the fourth task of a join             [3].*     the set of names of that task
 *     [*].score       of every task of a join
 *     left.score      of the branch `left` of a static join    left.*
 *     @element        the element of the foreach                @index, @label, @length, @branches, @seed, @run.id, …
 *     @file data/a.csv  an ambient input: something outside the run that its code looked at, see `AmbientKind`
 *
 * In names, `\` stands before each `\` and `.`, and before a `!`, `*`, `[` or `@` at the start.
 */
export type Read =
  | { readonly kind: 'own'; readonly name: string; readonly absent: boolean }
  | { readonly kind: 'own-names' }
  /** `index` is `*` for all of them. */
  | { readonly kind: 'task'; readonly index: number | '*'; readonly name: string; readonly absent: boolean }
  | { readonly kind: 'task-names'; readonly index: number | '*' }
  | { readonly kind: 'branch'; readonly branch: string; readonly name: string; readonly absent: boolean }
  | { readonly kind: 'branch-names'; readonly branch: string }
  | { readonly kind: 'context'; readonly field: ContextField }
  /** `name` is empty for kinds that have only one value. */
  | { readonly kind: 'ambient'; readonly what: AmbientKind; readonly name: string };

/**
 * Kinds of inputs outside the run. Paths are relative to the project with `/`, or absolute when they lie outside of it.
 *
 *     env HOME          a variable of the environment; `env *` the set of their names
 *     file a/b.csv      the content of a file
 *     dir a             the names in a folder;  `kinds a` with the kind of each;  `tree a` of all folders below it
 *     stat a/b          kind and size;          `exists a/b` only whether it is there
 *     link a/b          the target of a symbolic link, `real a/b` its path with all links followed
 *     tz, locale        the time zone and the locale of the process
 *     os cwd            the working directory; also `os hostname`, `os homedir`, `os userInfo`, …
 *     package zod       an installed package that was loaded while the task ran
 *     wrote out.html    not read but written: the content a file was left with
 *     call Date.now     a call whose result no key can hold; its token is always the same
 */
export type AmbientKind = (typeof AMBIENT_KINDS)[number];

const AMBIENT_KINDS = [
  'env',
  'file',
  'dir',
  'kinds',
  'tree',
  'stat',
  'exists',
  'link',
  'real',
  'tz',
  'locale',
  'os',
  'package',
  'wrote',
  'call',
] as const;

/** Facts a task can read besides artifacts. */
export type ContextField =
  | 'element'
  | 'index'
  | 'label'
  | 'length'
  | 'branches'
  | 'seed'
  | 'run.id'
  | 'run.number'
  | 'run.flow'
  | 'run.task'
  | 'run.attempt'
  | 'run.origin';

export function formatRead(read: Read): string {
  switch (read.kind) {
    case 'own':
      return `${read.absent ? '!' : ''}${escapeName(read.name)}`;
    case 'own-names':
      return '*';
    case 'task':
      return `${read.absent ? '!' : ''}[${read.index}].${escapeName(read.name)}`;
    case 'task-names':
      return `[${read.index}].*`;
    case 'branch':
      return `${read.absent ? '!' : ''}${escapeName(read.branch)}.${escapeName(read.name)}`;
    case 'branch-names':
      return `${escapeName(read.branch)}.*`;
    case 'ambient':
      return read.name === '' ? `@${read.what}` : `@${read.what} ${read.name}`;
    default:
      return `@${read.field}`;
  }
}

/** True for the text of a read outside of the run. */
export function isAmbientRead(text: string): boolean {
  return AMBIENT.test(text);
}

const AMBIENT = new RegExp(`^@(${AMBIENT_KINDS.join('|')})( |$)`);

/** `undefined` for a text that `formatRead` never writes. */
export function parseRead(text: string): Read | undefined {
  if (text === '*') return { kind: 'own-names' };
  if (text.startsWith('@')) return readFact(text.slice(1));
  const absent = text.startsWith('!');
  const parts = splitParts(absent ? text.slice(1) : text);
  const [first, second] = parts;
  if (first === undefined || parts.length > 2) return undefined;
  if (second === undefined) return readOwn(first, absent);
  const index = indexOf(first);
  if (second === '*') {
    if (absent) return undefined;
    return index === undefined
      ? named(first, (branch) => ({ kind: 'branch-names', branch }))
      : { kind: 'task-names', index };
  }
  return named(second, (name) =>
    index === undefined
      ? named(first, (branch) => ({ kind: 'branch', branch, name, absent }))
      : { kind: 'task', index, name, absent },
  );
}

const CONTEXT_FIELDS: readonly ContextField[] = [
  'element',
  'index',
  'label',
  'length',
  'branches',
  'seed',
  'run.id',
  'run.number',
  'run.flow',
  'run.task',
  'run.attempt',
  'run.origin',
];

function readFact(text: string): Read | undefined {
  const field = CONTEXT_FIELDS.find((one) => one === text);
  if (field) return { kind: 'context', field };
  const at = text.indexOf(' ');
  const kind = at < 0 ? text : text.slice(0, at);
  const what = AMBIENT_KINDS.find((one) => one === kind);
  return what && { kind: 'ambient', what, name: at < 0 ? '' : text.slice(at + 1) };
}

function readOwn(part: string, absent: boolean): Read | undefined {
  return named(part, (name) => ({ kind: 'own', name, absent }));
}

function named<T>(part: string, use: (name: string) => T | undefined): T | undefined {
  return /^[!*[@]/.test(part) ? undefined : use(part.replace(/\\(.)/gsu, '$1'));
}

function indexOf(part: string): number | '*' | undefined {
  const [, index] = /^\[(\*|0|[1-9]\d*)\]$/.exec(part) ?? [];
  return index === undefined ? undefined : index === '*' ? '*' : Number(index);
}

function escapeName(name: string): string {
  return PLAIN.test(name) ? name : name.replace(/[\\.]/g, '\\$&').replace(/^[!*[@]/, '\\$&');
}

/** Names without special characters, which is most of them. */
const PLAIN = /^[\w$][\w$-]*$/;

/** Splits at the dots that have no backslash before them. */
function splitParts(text: string): string[] {
  if (!text.includes('\\')) return text.split('.');
  return [...text.matchAll(/(?:^|\.)((?:\\.|[^\\.])*)/gsu)].map((match) => match[1] ?? '');
}
