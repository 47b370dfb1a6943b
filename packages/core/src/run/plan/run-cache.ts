import type { CacheSettings, StepPolicy } from '../../cache/policy.ts';
import type { Reason } from '../../cache/reason.ts';
import type { StepComponents } from '../../cache/step-key.ts';

/** How results of one step are found. */
export interface StepCache {
  /** Hex. */
  readonly key: string;
  readonly components: StepComponents;
  readonly policy: StepPolicy;
}

/** What a run knows of its steps' results before anything has run. */
export interface RunCache {
  readonly settings: CacheSettings;
  /** A reason for a step whose results are never used again. */
  readonly steps: ReadonlyMap<string, StepCache | Reason>;
  /** Of every step, also of those whose results are never used again. */
  readonly keys: ReadonlyMap<string, Pick<StepCache, 'key' | 'components'>>;
}

export function isStepCache(cache: StepCache | Reason | undefined): cache is StepCache {
  return cache !== undefined && 'key' in cache;
}
