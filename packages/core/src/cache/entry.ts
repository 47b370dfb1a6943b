import type { Reference, References } from '../contract/index.ts';
import type { Seen } from './task-key.ts';

/** Which run made a result. */
export interface Producer {
  readonly flow: string;
  readonly runId: string;
  readonly number: number;
}

/** One result that can be used again: what a task read, and what it did. Never holds how it was called or what it cost to store. */
export interface CacheEntry extends Seen {
  /** `train[2]`, in the run that made it. */
  readonly task: string;
  /** For people: `train[knn]`. */
  readonly label: string;
  /** What it assigned, in order; the rest passes on untouched. */
  readonly writes: References;
  readonly deletes: readonly string[];
  /** What it printed. */
  readonly log?: Reference;
  /** Wall time it took, ms. */
  readonly ms: number;
  /** Among results for the same key the highest one counts: a repeated, repaired or withdrawn result is one higher. */
  readonly generation: number;
  readonly origin: Producer;
  /** When it was published, by the store's clock, ms since the Unix epoch. */
  readonly at: number;
  /** Somebody withdrew the result: there is none. */
  readonly withdrawn?: Invalidation;
}

/** Who said that a result must not be used any more. */
export interface Invalidation {
  /** Names the withdrawal, so that it can be taken back. */
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
