import type { CallOptions, Datastore, IndexedRun, RunIndex, RunListing, VarveError } from '@varve/core/contract';
import { DatastoreJournal, type RecordKeyParts, readAhead } from '@varve/core/internal';
import { listRecords } from './record-keys.ts';

/** Runs that are read from the store at once, two requests each. */
const WIDTH = 20;
/** Runs that are put into the index, or taken out, at once: what is written so far stays when the process is killed. */
const PORTION = 500;

export interface UpdateIndexOptions extends CallOptions {
  /** Empties the index first, and reads every run again. */
  readonly rebuild?: boolean;
  /** Called from time to time with the number of runs read so far, and of those to read. */
  readonly onProgress?: (done: number, all: number) => void;
}

/** What an update has done. */
export interface IndexUpdate {
  /** Runs in the index now. */
  readonly runs: number;
  readonly added: number;
  /** Runs that were in the index and have ended since. */
  readonly ended: number;
  /** Runs that have been removed from the store. */
  readonly removed: number;
  /** Runs in the index without a summary: they go on, or were killed. Lists read them from the store. */
  readonly unfinished: number;
  /** What is damaged in the store, and so is not in the index. */
  readonly damaged: readonly VarveError[];
}

/**
 * Brings an index up to date with the records in a store: reads what is new, and what had not ended when it was last read.
 * Several may do so at once.
 */
export async function updateIndex(
  store: Datastore,
  index: RunIndex,
  { rebuild = false, onProgress, ...options }: UpdateIndexOptions = {},
): Promise<IndexUpdate> {
  if (rebuild) await index.clear(options);
  const known = await knownRuns(index, options);
  // Listed after the index was read: what another process puts into it meanwhile is not taken for removed.
  const stored = await listRecords(store, undefined, options);
  const gone = [...known.keys()].filter((key) => !stored.has(key));
  for (let at = 0; at < gone.length; at += PORTION) await index.remove(gone.slice(at, at + PORTION), options);
  const stale = [...stored.values()].filter(({ record }) => known.get(record) !== true);
  const tally = { added: 0, ended: 0, unfinished: 0, damaged: [] as VarveError[] };
  for (let at = 0; at < stale.length; at += PORTION) {
    onProgress?.(at, stale.length);
    const runs = await readRuns(store, stale.slice(at, at + PORTION), tally.damaged, options);
    await index.put(runs, options);
    for (const { key, listing } of runs) {
      if (!known.has(key)) tally.added++;
      else if (listing.summary) tally.ended++;
      if (!listing.summary) tally.unfinished++;
    }
  }
  return { ...tally, runs: known.size - gone.length + tally.added, removed: gone.length };
}

async function knownRuns(index: RunIndex, options: CallOptions): Promise<ReadonlyMap<string, boolean>> {
  const snapshot = await index.snapshot(options);
  try {
    return await snapshot.known(undefined, options);
  } finally {
    await snapshot.close();
  }
}

async function readRuns(
  store: Datastore,
  records: readonly RecordKeyParts[],
  damaged: VarveError[],
  options: CallOptions,
): Promise<IndexedRun[]> {
  const journal = new DatastoreJournal(store);
  const read = async (parts: RecordKeyParts): Promise<[string, RunListing | undefined]> => [
    parts.record,
    await journal.listingAt(parts, options, (error) => damaged.push(error)),
  ];
  const runs: IndexedRun[] = [];
  for await (const [key, listing] of readAhead(records, WIDTH, read)) if (listing) runs.push({ key, listing });
  return runs;
}
