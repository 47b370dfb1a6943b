import type { Reference, References, StoredError } from '../../contract/index.ts';

/** A task that a run before had finished. */
export interface OriginTask {
  readonly writes: References;
  readonly deletes: readonly string[];
  readonly reads: readonly string[];
  readonly log?: Reference;
  readonly caught?: StoredError;
  /** Wall time it took, ms. */
  readonly ms: number;
  /** `Flow/number/task` that executed it. */
  readonly from: string;
  /** The key of the step in the run that executed it, hex; `undefined` when that run had none. */
  readonly key: string | undefined;
  /** Whether the run that executed it had compiled the very same file. */
  readonly sameBundle: boolean;
  /** A later run of the chain has another result of something that leads to it, and did not come as far as this. */
  readonly outdated?: boolean;
}

/** Whether a finished task is taken over only if its code is the same, or for its place alone. */
export const TRUSTS = ['verify', 'position'] as const;
export type Trust = (typeof TRUSTS)[number];

/** What a resumed run takes over: the finished tasks of the run it resumes, and of those that one had resumed. */
export interface ResumeSource {
  /** `Flow/12`. */
  readonly path: string;
  readonly tasks: ReadonlyMap<string, OriginTask>;
  /** Beginnings of the digests of elements, by the foreach task that was expanded. */
  readonly elements: ReadonlyMap<string, readonly string[]>;
  readonly trust: Trust;
  /** Steps that are executed again, with all that follows them. */
  readonly rerun: ReadonlySet<string>;
  /** Single tasks that are, by label or name. */
  readonly againTasks: ReadonlySet<string>;
  /**
   * `kept`: they have run. `filled`: they run once more, because the code has changed, and only what is new counts.
   * `again`: parameters were set anew, and all they leave counts.
   */
  readonly initialisers: 'kept' | 'filled' | 'again';
}

/** Characters of a digest that tell the elements of one list apart. */
const SHORT = 16;

/** `json/1 sha256:9f86…` -> its first hex digits. */
export function shortDigest(digest: string): string {
  const hex = digest.slice(digest.lastIndexOf(':') + 1);
  return hex.slice(0, SHORT);
}

/**
 * Where each element stood in a list before: the first of several equal ones is the first of them there. `undefined` for
 * one that is new.
 */
export function matchElements(now: readonly string[], before: readonly string[]): (number | undefined)[] {
  const places = new Map<string, number[]>();
  for (const [i, digest] of before.entries()) {
    const known = places.get(digest);
    if (known) known.push(i);
    else places.set(digest, [i]);
  }
  const taken = new Map<string, number>();
  return now.map((digest) => {
    const nth = taken.get(digest) ?? 0;
    taken.set(digest, nth + 1);
    return places.get(digest)?.[nth];
  });
}

/** Whether a task has left the very same as before. */
export function sameResult(
  before: Pick<OriginTask, 'writes' | 'deletes'>,
  writes: References,
  deletes: readonly string[],
): boolean {
  const names = Object.keys(before.writes);
  if (names.length !== Object.keys(writes).length || deletes.join('\n') !== before.deletes.join('\n')) return false;
  return names.every((name) => {
    const [a, b] = [before.writes[name], writes[name]];
    return a?.digest === b?.digest && a?.codec === b?.codec;
  });
}
