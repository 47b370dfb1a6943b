import type { Reference } from './reference.ts';

/** The shape of a step, stored so that history can be shown without the source. */
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
  /** The parts of the key: codec `step-key/1`. */
  readonly components: Reference;
}
