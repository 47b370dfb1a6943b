import type { Datastore, Reference } from '@varve/core/contract';
import { referencesOf } from '@varve/core/internal';
import type { ListedRun } from '../runs/history.ts';
import { readIndexes, resultsIn, type StoredIndex } from './read-indexes.ts';

/** The size of the cache, and the work it saved in the newest runs. */
export interface CacheStats {
  readonly pages: number;
  /** Bytes of the pages themselves. */
  readonly pageBytes: number;
  readonly damagedPages: number;
  /** Step keys: one for each version of a step. */
  readonly keys: number;
  readonly results: number;
  readonly withdrawn: number;
  /** Bytes that results refer to, each counted once: in objects of their own, and in parts of commit batches. */
  readonly objectBytes: number;
  readonly batchBytes: number;
  /** Most results first. */
  readonly steps: readonly StepStats[];
  readonly runs: RunsStats;
}

export interface StepStats {
  readonly step: string;
  readonly keys: number;
  readonly results: number;
  /** Bytes that its results refer to, each counted once. */
  readonly bytes: number;
  /** Time it took to execute all of them, ms. */
  readonly ms: number;
}

/** Sums over the newest runs that have ended. */
export interface RunsStats {
  readonly runs: number;
  readonly cached: number;
  readonly executed: number;
  readonly savedMs: number;
}

export async function cacheStats(store: Datastore, runs: AsyncIterable<ListedRun>): Promise<CacheStats> {
  const steps = new Map<string, StepSum>();
  const [objects, batches] = [new ByteSum(), new ByteSum()];
  const sums = { pages: 0, pageBytes: 0, damagedPages: 0, keys: 0, results: 0, withdrawn: 0 };
  for await (const index of readIndexes(store)) {
    sums.keys++;
    sums.pages += index.pages.length;
    sums.pageBytes += index.pages.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
    sums.damagedPages += index.faults.length;
    const step = steps.get(index.step) ?? new StepSum(index.step);
    if (index.pages.length > index.faults.length) steps.set(index.step, step);
    step.keys++;
    for (const reference of step.add(index)) (reference.at ? batches : objects).add(reference);
    sums.withdrawn += step.takeWithdrawn();
  }
  const all = [...steps.values()].map((step) => step.stats()).sort((a, b) => b.results - a.results);
  return {
    ...sums,
    results: all.reduce((sum, { results }) => sum + results, 0),
    objectBytes: objects.bytes,
    batchBytes: batches.bytes,
    steps: all,
    runs: await runsStats(runs),
  };
}

class StepSum {
  keys = 0;
  private results = 0;
  private withdrawn = 0;
  private ms = 0;
  private readonly bytes = new ByteSum();

  constructor(private readonly step: string) {}

  /** Counts the results of a key, and yields what they refer to. */
  *add(index: StoredIndex): Generator<Reference> {
    for (const { entry } of resultsIn(index)) {
      if (entry.withdrawn) {
        this.withdrawn++;
        continue;
      }
      this.results++;
      this.ms += entry.ms;
      for (const reference of referencesOf(entry)) {
        this.bytes.add(reference);
        yield reference;
      }
    }
  }

  takeWithdrawn(): number {
    const { withdrawn } = this;
    this.withdrawn = 0;
    return withdrawn;
  }

  stats(): StepStats {
    const { step, keys, results, ms } = this;
    return { step, keys, results, bytes: this.bytes.bytes, ms: Math.round(ms) };
  }
}

/** Sums sizes, each digest once. */
class ByteSum {
  bytes = 0;
  private readonly seen = new Set<string>();

  add({ digest, size }: Reference): void {
    if (this.seen.has(digest)) return;
    this.seen.add(digest);
    this.bytes += size;
  }
}

async function runsStats(runs: AsyncIterable<ListedRun>): Promise<RunsStats> {
  const sum = { runs: 0, cached: 0, executed: 0, savedMs: 0 };
  for await (const { summary } of runs) {
    if (!summary) continue;
    const { cached = 0, succeeded = 0, failed = 0 } = summary.counts;
    sum.runs++;
    sum.cached += cached;
    sum.executed += succeeded + failed;
    sum.savedMs += summary.metrics?.savedMs ?? 0;
  }
  return sum;
}
