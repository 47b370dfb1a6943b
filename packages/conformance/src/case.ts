/** One thing a plugin must do, as data: any test runner can run it, and so can `varve check-store`. */
export interface Case<Subject> {
  /** A sentence; deviations refer to it. Unique within a kind. */
  readonly name: string;
  /** What the subject must be able to do for the case to apply: names of declared capabilities. */
  readonly needs?: readonly string[];
  /** Moves many or large objects: seconds on a remote service. */
  readonly heavy?: boolean;
  /** Rejects with what was expected and what happened instead. */
  run(subject: Subject): Promise<void>;
}

/** A case that an implementation is known not to pass. Hiding it needs a sentence that can be printed. */
export interface Deviation {
  /** Name of the case. */
  readonly case: string;
  readonly reason: string;
}

/** All cases of one kind of plugin. */
export interface Kit<Subject> {
  /** The interface they test, e.g. `Datastore`. */
  readonly kind: string;
  readonly cases: readonly Case<Subject>[];
  /** Whether the subject declares what a case needs. */
  has(subject: Subject, need: string): boolean;
}

/** Why a case does not apply; `undefined` when it does. */
export function missingNeed<Subject>(kit: Kit<Subject>, item: Case<Subject>, subject: Subject): string | undefined {
  const missing = (item.needs ?? []).filter((need) => !kit.has(subject, need));
  return missing.length === 0 ? undefined : `needs ${missing.join(' and ')}`;
}
