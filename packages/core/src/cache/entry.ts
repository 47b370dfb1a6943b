import type { Reference, References } from '../contract/index.ts';
import type { ObservedReads } from './task-key.ts';

/** The run that computed a result. */
export interface Producer {
  readonly flow: string;
  readonly runId: string;
  readonly number: number;
}

/** One reusable result: the reads of a task, and its writes. */
export interface CacheEntry extends ObservedReads {
  /** `train[2]`, in the run that computed it. */
  readonly task: string;
  /** For people: `train[knn]`. */
  readonly label: string;
  /** Artifacts it assigned, in order; all others pass on untouched. */
  readonly writes: References;
  readonly deletes: readonly string[];
  /** Its output. */
  readonly log?: Reference;
  /** Wall time it took, ms. */
  readonly ms: number;
  /** Among results for the same key the highest one counts: a repeated, repaired or invalidated result is one higher. */
  readonly generation: number;
  readonly origin: Producer;
  /** Time of publication, by the store's clock, ms since the Unix epoch. */
  readonly at: number;
  /** Present when the result was invalidated: it must not be used. */
  readonly withdrawn?: Invalidation;
}

/** A user's statement that a result must not be used any more. */
export interface Invalidation {
  /** Identifies the invalidation, so that the result can be restored. */
  readonly id: string;
  readonly by: string;
  readonly why: string;
}

/** Everything that a result refers to: its artifacts and its log. */
export function referencesOf({ writes, log }: Pick<CacheEntry, 'writes' | 'log'>): Reference[] {
  return [...Object.values(writes), ...(log ? [log] : [])];
}

/** `Penguins/12/train[2]`. */
export function pathOf({ origin, task }: CacheEntry): string {
  return `${origin.flow}/${origin.number}/${task}`;
}
