import type { Datastore, Reference } from '@varve/core/contract';
import type { ListedRun } from '../runs/run-filter.ts';
import { readIndexes, resultsOn, type StoredIndex } from './read-indexes.ts';

/** What is kept, and what it was good for. */
export interface CacheStats {
  readonly pages: number;
  /** Bytes of the pages themselves. */
  readonly pageBytes: number;
  readonly damagedPages: number;
  /** Step's keys: versions of steps. */
  readonly keys: number;
  readonly results: number;
  readonly withdrawn: number;
  /** Bytes results refer to, each once: objects of their own, and pieces of commit batches. */
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
  /** Bytes its results refer to, each once. */
  readonly bytes: number;
  /** What executing all of them took, ms. */
  readonly ms: number;
}

/** Of the newest runs that have ended. */
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
  for await (const shelf of readIndexes(store)) {
    sums.keys++;
    sums.pages += shelf.pages.length;
    sums.pageBytes += shelf.pages.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
    sums.damagedPages += shelf.faults.length;
    const step = steps.get(shelf.step) ?? new StepSum(shelf.step);
    if (shelf.pages.length > shelf.faults.length) steps.set(shelf.step, step);
    step.keys++;
    for (const reference of step.add(shelf)) (reference.at ? batches : objects).add(reference);
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

  /** Counts a key's results, and gives what they refer to. */
  *add(shelf: StoredIndex): Generator<Reference> {
    for (const { entry } of resultsOn(shelf)) {
      if (entry.withdrawn) {
        this.withdrawn++;
        continue;
      }
      this.results++;
      this.ms += entry.ms;
      for (const reference of [...Object.values(entry.writes), ...(entry.log ? [entry.log] : [])]) {
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

/** The size of different bytes, each counted once. */
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
