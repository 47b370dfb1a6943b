/** One duty of a plugin, as data: any test runner can run it, and so can `varve check-store`. */
export interface Case<Subject> {
  /** A sentence; deviations refer to it. Unique within a kind. */
  readonly name: string;
  /** Names of the declared capabilities without which the case does not apply. */
  readonly needs?: readonly string[];
  /** True for a case that moves many or large objects: seconds on a remote service. */
  readonly heavy?: boolean;
  /** Rejects with the expected and the actual behaviour. */
  run(subject: Subject): Promise<void>;
}

/** A case that an implementation is known to fail, with the reason that reports print. */
export interface Deviation {
  /** Name of the case. */
  readonly case: string;
  readonly reason: string;
}

/** All cases of one kind of plugin. */
export interface Kit<Subject> {
  /** The interface under test, e.g. `Datastore`. */
  readonly kind: string;
  readonly cases: readonly Case<Subject>[];
  /** True when the subject declares a capability. */
  has(subject: Subject, need: string): boolean;
}

/** Explains why a case does not apply; `undefined` when it does. */
export function missingNeed<Subject>(kit: Kit<Subject>, item: Case<Subject>, subject: Subject): string | undefined {
  const missing = (item.needs ?? []).filter((need) => !kit.has(subject, need));
  return missing.length === 0 ? undefined : `needs ${missing.join(' and ')}`;
}
