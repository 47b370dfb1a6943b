/**
 * One read of a task, written as one line of text in an outcome and in the journal:
 *
 *     rows            its own artifact            !rows           the same, found absent
 *     *               the set of its own names
 *     [3].score       of the fourth task of a join             [3].*     the set of names of that task
 *     [*].score       of every task of a join
 *     left.score      of the branch `left` of a static join    left.*
 *     @element        the element of the foreach                @index, @label, @length, @branches, @run.id, …
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
  | { readonly kind: 'context'; readonly field: ContextField };

/** Facts a task can read besides artifacts. */
export type ContextField =
  | 'element'
  | 'index'
  | 'label'
  | 'length'
  | 'branches'
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
    default:
      return `@${read.field}`;
  }
}

/** `undefined` for a text that `formatRead` never writes. */
export function parseRead(text: string): Read | undefined {
  if (text === '*') return { kind: 'own-names' };
  if (text.startsWith('@')) {
    const field = CONTEXT_FIELDS.find((one) => one === text.slice(1));
    return field && { kind: 'context', field };
  }
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
  'run.id',
  'run.number',
  'run.flow',
  'run.task',
  'run.attempt',
  'run.origin',
];

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
