import type { CallOptions } from './datastore.ts';
import type { ListingQuery, RunListing } from './metadata.ts';

/** A run in an index. */
export interface IndexedRun {
  /** Key of its record in the Datastore. */
  readonly key: string;
  readonly listing: RunListing;
}

/** What an index holds at one moment: no later write changes it. */
export interface IndexSnapshot {
  /** Keys of the runs of one flow, or of all flows; the value tells whether the run is held with its summary. */
  known(flow?: string, options?: CallOptions): Promise<ReadonlyMap<string, boolean>>;
  /** Newest first. Runs that do not fit `where` are left out. Stop by leaving the loop. */
  runs(query: Pick<ListingQuery, 'flow' | 'where'>, options?: CallOptions): AsyncIterable<IndexedRun>;
  /** Lets go of the moment. Called once. */
  close(): Promise<void>;
}

/**
 * A copy of the records and summaries of the runs in one Datastore, for questions over very many of them. It is never the
 * truth: varve compares its keys with those in the Datastore before it takes an answer, and the copy may be lost at any time.
 * Several processes may write to it at once.
 */
export interface RunIndex {
  /** Shown in messages. Never holds a secret. */
  readonly name: string;
  /** One that nothing was ever put into is empty, and reading it leaves nothing behind. */
  snapshot(options?: CallOptions): Promise<IndexSnapshot>;
  /** Adds runs, all or none. One that is there is replaced, but a run with a summary stays as it is. */
  put(runs: readonly IndexedRun[], options?: CallOptions): Promise<void>;
  /** Takes runs out, all or none. Taking out what is not there is NOT an error. */
  remove(keys: readonly string[], options?: CallOptions): Promise<void>;
  /** Empties it, whatever state it is in: also a damaged one serves again afterwards. */
  clear(options?: CallOptions): Promise<void>;
  /** Releases handles. Called last; calling it again is NOT an error. */
  close?(): Promise<void>;
}
