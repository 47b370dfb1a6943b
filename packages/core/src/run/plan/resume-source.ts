import type { Reference, References, StoredError } from '../../contract/index.ts';

/** A task that an earlier run had finished. */
export interface OriginTask {
  readonly writes: References;
  readonly deletes: readonly string[];
  readonly reads: readonly string[];
  /** Tokens of those reads that lie outside of the run, by read. */
  readonly ambient?: Readonly<Record<string, string>>;
  readonly log?: Reference;
  readonly caught?: StoredError;
  /** Wall time it took, ms. */
  readonly ms: number;
  /** `Flow/number/task` that executed it. */
  readonly from: string;
  /** The key of the step in the run that executed it, hex; `undefined` when that run had none. */
  readonly key: string | undefined;
  /** The run that executed it had compiled the very same bundle. */
  readonly sameBundle: boolean;
  /** A later run of the chain has another result of a task before it, and did not come as far as this one. */
  readonly outdated?: boolean;
}

/** Condition for taking over a finished task: its code and inputs are the same, or its place alone. */
export const TRUSTS = ['verify', 'position'] as const;
export type Trust = (typeof TRUSTS)[number];

/** The finished tasks that a resumed run may take over: of the run it resumes, and of those that one had resumed. */
export interface ResumeSource {
  /** `Flow/12`. */
  readonly path: string;
  readonly tasks: ReadonlyMap<string, OriginTask>;
  /** Beginnings of the digests of elements, by the foreach task that was expanded. */
  readonly elements: ReadonlyMap<string, readonly string[]>;
  readonly trust: Trust;
  /** Steps that are executed again, with all that follows them. */
  readonly rerunSteps: ReadonlySet<string>;
  /** Single tasks that are executed again, by label or name. */
  readonly rerunTasks: ReadonlySet<string>;
  /**
   * `reuse`: they do not run. `merge`: they run, because the code has changed, but only fields that the earlier run did
   * not have count. `rerun`: they run, because parameters were set anew, and all their fields count.
   */
  readonly initialisers: 'reuse' | 'merge' | 'rerun';
}

/** Characters of a digest that suffice to tell the elements of one list apart. */
const SHORT = 16;

/** `json/1 sha256:9f86…` -> its first hex digits. */
export function shortDigest(digest: string): string {
  const hex = digest.slice(digest.lastIndexOf(':') + 1);
  return hex.slice(0, SHORT);
}

/**
 * The index of each element in an earlier list; `undefined` for one that is new. Of several equal ones, the first is the
 * first there.
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

/** True when a task has left the very same artifacts as before. */
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
