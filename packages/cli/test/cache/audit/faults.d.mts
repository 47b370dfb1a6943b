/** Faults of a cache, by description. */
export const FAULTS: Readonly<Record<string, object>>;
