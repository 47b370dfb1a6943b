import type { Reference } from './reference.ts';

/** A step as a reader of history needs it. */
export interface StepOutline {
  readonly name: string;
  readonly after: readonly string[];
  readonly foreach?: string;
  readonly join?: string;
}

/** A step's part of its cache keys. */
export interface StepKeyed {
  /** Hex; names the folder of the step's results: `cache/v1/<key>/`. */
  readonly key: string;
  /** What the key is made of, piece by piece: codec `step-key/1`. */
  readonly components: Reference;
}
