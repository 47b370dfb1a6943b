import type { CacheEntry } from './entry.ts';
import {
  ambientReads,
  type Observe,
  type ObservedReads,
  observeReads,
  runReads,
  type Tokens,
  taskKey,
} from './task-key.ts';

/** Reason why a result for the same reads is not used. */
export type Unusable = 'withdrawn' | 'expired' | 'forced' | 'impure';

/** Result of a lookup. */
export type Found =
  | { readonly type: 'hit'; readonly entry: CacheEntry }
  | { readonly type: 'unusable'; readonly entry: CacheEntry; readonly because: Unusable }
  | { readonly type: 'none' };

/** Results that read the same names of the run. */
interface ReadSet {
  readonly names: readonly string[];
  /** By key of what was read of the run: the results for it, one for each state of the world outside. */
  readonly byKey: Map<string, readonly CacheEntry[]>;
}

/** Results for the same inputs of the run, which differ in what they read outside of it. */
export type Candidates = readonly (readonly CacheEntry[])[];

/** All results of one step's key, in memory. */
export class StepIndex {
  private readonly sets = new Map<string, ReadSet>();
  /** By task label: the result to which a task without one is compared. */
  private readonly byLabel = new Map<string, CacheEntry>();
  private latest: CacheEntry | undefined;
  private count = 0;

  constructor(
    /** The step's key, hex. */
    readonly key: string,
  ) {}

  get size(): number {
    return this.count;
  }

  /** The valid result of each key. */
  *entries(): Generator<CacheEntry> {
    for (const { byKey } of this.sets.values()) for (const entries of byKey.values()) yield* entries;
  }

  /** Adds a result. Returns the other one when two of the same generation differ: then the step is not deterministic. */
  add(entry: CacheEntry): CacheEntry | undefined {
    const run = runReads(entry);
    const { byKey } = this.setOf(run.reads);
    const key = taskKey(this.key, run);
    const beside = byKey.get(key);
    const known = beside?.find((other) => readsSameOutside(other, entry));
    if (!known) {
      this.count++;
      byKey.set(key, beside ? [...beside, entry] : [entry]);
    } else if (precedes(entry, known)) {
      byKey.set(key, beside?.map((one) => (one === known ? entry : one)) ?? [entry]);
    }
    if (!entry.withdrawn) this.remember(entry);
    return known && differ(known, entry) ? known : undefined;
  }

  /** The results for these inputs of the run, the newest sets of reads first. */
  candidates(observe: Observe): Candidates {
    return [...this.sets.values()].reverse().flatMap(({ names, byKey }) => {
      const found = byKey.get(taskKey(this.key, observeReads(observe, names)));
      return found ? [found] : [];
    });
  }

  /** The generation with which a new result for the same reads replaces the known one. */
  nextGeneration(observed: ObservedReads): number {
    const run = runReads(observed);
    const beside = this.sets.get(setName(run.reads))?.byKey.get(taskKey(this.key, run));
    const known = beside?.find((other) => readsSameOutside(other, observed));
    return known ? known.generation + 1 : 0;
  }

  /** The newest result of the task with this label. */
  nearest(label: string): CacheEntry | undefined {
    return this.byLabel.get(label);
  }

  /** The newest result of any task. */
  get newest(): CacheEntry | undefined {
    return this.latest;
  }

  private remember(entry: CacheEntry): void {
    const known = this.byLabel.get(entry.label);
    if (!known || known.at <= entry.at) this.byLabel.set(entry.label, entry);
    if (!this.latest || this.latest.at <= entry.at) this.latest = entry;
  }

  private setOf(reads: readonly string[]): ReadSet {
    const name = setName(reads);
    const known = this.sets.get(name);
    if (known) return known;
    const fresh = { names: reads, byKey: new Map<string, readonly CacheEntry[]>() };
    this.sets.set(name, fresh);
    return fresh;
  }
}

/**
 * The first candidate that saw what is outside of the run now. `judge` returns a reason when a result must not be used
 * although it fits.
 */
export function findResult(
  candidates: Candidates,
  ambient: Tokens,
  judge: (entry: CacheEntry) => Unusable | undefined,
): Found {
  let unusable: Found = { type: 'none' };
  for (const entry of candidates.flatMap((one) => one.toReversed())) {
    if (!ambientReads(entry).every(([read, token]) => ambient.get(read) === token)) continue;
    const because = judge(entry);
    if (because === undefined) return { type: 'hit', entry };
    unusable = { type: 'unusable', entry, because };
  }
  return unusable;
}

function readsSameOutside(a: ObservedReads, b: ObservedReads): boolean {
  const [one, other] = [ambientReads(a), ambientReads(b)];
  return (
    one.length === other.length && one.every(([read, token], i) => other[i]?.[0] === read && other[i]?.[1] === token)
  );
}

function setName(reads: readonly string[]): string {
  return reads.join('\n');
}

/** The highest generation counts, then the earliest result, so that all processes agree. */
function precedes(a: CacheEntry, b: CacheEntry): boolean {
  if (a.generation !== b.generation) return a.generation > b.generation;
  if (a.at !== b.at) return a.at < b.at;
  return a.origin.runId < b.origin.runId;
}

function differ(a: CacheEntry, b: CacheEntry): boolean {
  if (a.generation !== b.generation || a.withdrawn || b.withdrawn) return false;
  return resultOf(a) !== resultOf(b);
}

function resultOf({ writes, deletes }: CacheEntry): string {
  const names = Object.keys(writes).sort();
  return JSON.stringify([names.map((name) => [name, writes[name]?.digest, writes[name]?.codec]), [...deletes].sort()]);
}
