/** Mistakes that a cache could have, by what is said of them. */
export const FAULTS: Readonly<Record<string, object>>;
