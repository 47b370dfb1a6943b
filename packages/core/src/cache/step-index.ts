import type { CacheEntry } from './entry.ts';
import { type Observe, type ObservedReads, observeReads, taskKey } from './task-key.ts';

/** Reason why a result for the same reads is not used. */
export type Unusable = 'withdrawn' | 'expired' | 'forced';

/** Result of a lookup. */
export type Found =
  | { readonly type: 'hit'; readonly entry: CacheEntry }
  | { readonly type: 'unusable'; readonly entry: CacheEntry; readonly because: Unusable }
  | { readonly type: 'none' };

interface ReadSet {
  readonly names: readonly string[];
  readonly byKey: Map<string, CacheEntry>;
}

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
    for (const { byKey } of this.sets.values()) yield* byKey.values();
  }

  /** Adds a result. Returns the other one when two of the same generation differ: then the step is not deterministic. */
  add(entry: CacheEntry): CacheEntry | undefined {
    const set = this.setOf(entry.reads);
    const key = taskKey(this.key, entry);
    const known = set.byKey.get(key);
    if (!known) this.count++;
    if (!known || precedes(entry, known)) set.byKey.set(key, entry);
    if (!entry.withdrawn) this.remember(entry);
    return known && differ(known, entry) ? known : undefined;
  }

  /** `judge` returns a reason when a result for the same reads must not be used. The newest sets of reads are tried first. */
  find(observe: Observe, judge: (entry: CacheEntry) => Unusable | undefined): Found {
    let unusable: Found = { type: 'none' };
    for (const { names, byKey } of [...this.sets.values()].reverse()) {
      const entry = byKey.get(taskKey(this.key, observeReads(observe, names)));
      if (!entry) continue;
      const because = judge(entry);
      if (because === undefined) return { type: 'hit', entry };
      unusable = { type: 'unusable', entry, because };
    }
    return unusable;
  }

  /** The generation with which a new result for the same reads replaces the known one. */
  nextGeneration(observed: ObservedReads): number {
    const known = this.sets.get(setName(observed.reads))?.byKey.get(taskKey(this.key, observed));
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
    const fresh = { names: reads, byKey: new Map<string, CacheEntry>() };
    this.sets.set(name, fresh);
    return fresh;
  }
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
