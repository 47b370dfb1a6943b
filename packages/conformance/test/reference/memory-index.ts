import type { CallOptions, IndexedRun, IndexSnapshot, ListingQuery, RunIndex } from '@varve/core/contract';
import { selects } from './memory-metadata.ts';

/** A correct index in memory, on which the broken ones are based. */
export class MemoryIndex implements RunIndex {
  readonly name: string = 'memory:';
  readonly held: Map<string, IndexedRun>;

  constructor(held: Map<string, IndexedRun>) {
    this.held = held;
  }

  async snapshot({ signal }: CallOptions = {}): Promise<IndexSnapshot> {
    signal?.throwIfAborted();
    return new MemorySnapshot(new Map(this.held));
  }

  async put(runs: readonly IndexedRun[], { signal }: CallOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    for (const run of runs) if (!this.held.get(run.key)?.listing.summary) this.held.set(run.key, structuredClone(run));
  }

  async remove(keys: readonly string[], { signal }: CallOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    for (const key of keys) this.held.delete(key);
  }

  async clear({ signal }: CallOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    this.held.clear();
  }

  async close(): Promise<void> {}
}

class MemorySnapshot implements IndexSnapshot {
  constructor(private readonly held: ReadonlyMap<string, IndexedRun>) {}

  async known(flow?: string): Promise<ReadonlyMap<string, boolean>> {
    const runs = [...this.held.values()].filter(({ listing }) => flow === undefined || listing.record.flow === flow);
    return new Map(runs.map(({ key, listing }) => [key, listing.summary !== undefined]));
  }

  async *runs({ flow, where = {} }: Pick<ListingQuery, 'flow' | 'where'>): AsyncGenerator<IndexedRun> {
    const runs = [...this.held.values()].sort((a, b) => (a.listing.record.id < b.listing.record.id ? 1 : -1));
    for (const run of runs) {
      if (flow !== undefined && run.listing.record.flow !== flow) continue;
      if (selects(where, run.listing)) yield run;
    }
  }

  async close(): Promise<void> {}
}
