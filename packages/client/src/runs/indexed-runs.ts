import type { Datastore, IndexSnapshot, ListingQuery, RunIndex, RunListing } from '@varve/core/contract';
import { DatastoreJournal, type RecordKeyParts, readAhead } from '@varve/core/internal';
import { listRecords } from './record-keys.ts';

/** Runs that are read from the store at once, two requests each. */
const WIDTH = 20;

export interface IndexedQuery extends ListingQuery {
  /** Called with the number of runs that are not in the index, and so are read from the store where they are needed. */
  readonly onUnindexed?: (runs: number) => void;
}

/**
 * Lists runs by an index. Its keys are compared with those in the store, so that an index that is behind costs time and never
 * an answer: a run that it does not hold is read from the store, one that was removed is passed over, and one that it holds
 * without a summary is read again. A summary is written once, so the others are as they were.
 */
export class IndexedRuns {
  readonly capabilities = { selectsRuns: true };
  private readonly journal: DatastoreJournal;

  constructor(
    private readonly store: Datastore,
    private readonly index: RunIndex,
  ) {
    this.journal = new DatastoreJournal(store);
  }

  /** Newest first, as a MetadataProvider lists them. Those read from the store may not fit `where`. */
  async *runs(query: IndexedQuery): AsyncGenerator<RunListing> {
    const [snapshot, stored] = await this.open(query.flow);
    try {
      const known = await snapshot.known(query.flow);
      const missing = [...stored.values()].filter(({ record }) => !known.has(record)).sort(newestFirst);
      if (missing.length > 0) query.onUnindexed?.(missing.length);
      let next = 0;
      for await (const { key, listing } of snapshot.runs(query)) {
        const parts = stored.get(key);
        if (!parts) continue;
        const from = next;
        while (newestFirst(missing[next] ?? parts, parts) < 0) next++;
        yield* this.read(missing.slice(from, next), query);
        if (listing.summary) yield listing;
        else yield* this.read([parts], query);
      }
      yield* this.read(missing.slice(next), query);
    } finally {
      await snapshot.close();
    }
  }

  private async open(flow: string | undefined): Promise<[IndexSnapshot, ReadonlyMap<string, RecordKeyParts>]> {
    const snapshot = await this.index.snapshot();
    try {
      return [snapshot, await listRecords(this.store, flow)];
    } catch (error) {
      await snapshot.close();
      throw error;
    }
  }

  private async *read(runs: readonly RecordKeyParts[], { onDamage }: ListingQuery): AsyncGenerator<RunListing> {
    for await (const listing of readAhead(runs, WIDTH, (parts) => this.journal.listingAt(parts, {}, onDamage)))
      if (listing) yield listing;
  }
}

function newestFirst(a: RecordKeyParts, b: RecordKeyParts): number {
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}
