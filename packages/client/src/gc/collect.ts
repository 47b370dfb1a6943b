import {
  type CallOptions,
  type Clock,
  type Datastore,
  type MetadataProvider,
  type RunListing,
  VarveError,
} from '@varve/core/contract';
import {
  type ArtifactStore,
  CollectorLease,
  DatastoreJournal,
  pinKey,
  runPrefix,
  StoreClock,
} from '@varve/core/internal';

import { type ChosenRuns, choosePages, chooseRuns, type Retention } from './choose.ts';
import {
  fenceLostRuns,
  type Inventory,
  liveRuns,
  stillUnrecorded,
  takeInventory,
  unknownRuns,
  unrecordedRuns,
} from './inventory.ts';
import { callOptions, followManifests, type MarkSources, Marks, markRuns, readAllPages } from './mark-store.ts';
import { planSweep, type SweepPlan, sweep } from './sweep.ts';

export interface GcParts {
  readonly store: Datastore;
  readonly artifacts: Pick<ArtifactStore, 'read'>;
  /** The provider that records runs, unless that is the store. */
  readonly metadata: MetadataProvider | undefined;
  readonly clock: Clock;
}

export interface GcOptions extends Retention, CallOptions {
  /** Keeps young results of removed runs. */
  readonly keepCache?: boolean;
}

/** The objects to delete, and the runs to keep with the reasons. */
export interface GcPlan extends SweepPlan {
  readonly kept: ChosenRuns['kept'];
  /** Prefixes of running runs: nothing is deleted before they end. */
  readonly live: readonly string[];
  /** Errors that leave the needed objects unknown. Then only runs are removed. */
  readonly unreadable: readonly VarveError[];
}

/** Ms. A younger object without references is kept, because a process may be about to refer to it. */
const FLOOR_MS = 3_600_000;

/** The plan that `collect` would execute. Deletes nothing. */
export async function planCollection(parts: GcParts, options: GcOptions): Promise<GcPlan> {
  const storeClock = new StoreClock(parts.store, parts.clock, callOptions(options));
  return decide(await survey(parts, options, await storeClock.now()), options);
}

/**
 * Deletes everything that no kept run or page needs. Throws `VARVE_GC_LIVE` while a run is running and `VARVE_GC_BUSY`
 * during another collection; runs that start meanwhile wait for its end.
 */
export async function collect(parts: GcParts, options: GcOptions): Promise<GcPlan> {
  const { store, clock, metadata = new DatastoreJournal(store) } = parts;
  const lease = await CollectorLease.take(store, clock);
  try {
    const seen = await survey(parts, options, lease.takenAt);
    if (seen.live.size > 0) throw liveRunsError([...seen.live]);
    await fenceLostRuns(store, seen.inventory, seen.settled, { metadata: parts.metadata, ...callOptions(options) });
    const planned = await decide(seen, options);
    await sweep(planned, {
      store,
      metadata,
      check: () => lease.check(),
      ...callOptions(options),
    });
    return planned;
  } finally {
    await lease.release();
  }
}

/** The contents of the store, before the needed objects are known. */
interface Seen {
  readonly parts: GcParts;
  readonly inventory: Inventory;
  readonly listings: readonly RunListing[];
  /** Prefixes of running runs. */
  readonly live: ReadonlySet<string>;
  /** Prefixes of runs that no fence is set for: their end is recorded, or nothing is known of them. */
  readonly settled: ReadonlySet<string>;
  /** Errors of unreadable run records. The runs that these resumed are unknown, too. */
  readonly damaged: readonly VarveError[];
  readonly unknown: readonly VarveError[];
  /** Ms since the Unix epoch, by the store's clock. */
  readonly now: number;
}

async function survey(parts: GcParts, options: GcOptions, now: number): Promise<Seen> {
  const { store, metadata } = parts;
  const inventory = await takeInventory(store, callOptions(options));
  const damaged: VarveError[] = [];
  const listings: RunListing[] = [];
  const journal = metadata ?? new DatastoreJournal(store);
  const query = { onDamage: (error: VarveError) => damaged.push(error) };
  for await (const listing of journal.runs(query, callOptions(options))) listings.push(listing);
  const ended = new Set(listings.filter(({ summary }) => summary).map(prefixOf));
  const known = new Set(listings.map(prefixOf));
  const live = liveRuns(inventory, ended, now);
  const suspects = metadata || damaged.length > 0 ? new Set<string>() : unrecordedRuns(inventory, known);
  const unrecorded = await stillUnrecorded(store, suspects, callOptions(options));
  if (unrecorded.size > 0 && listings.length === 0) throw noRecordsError(store, unrecorded.size);
  const unknown = [...unknownRuns(inventory, known, metadata), ...[...unrecorded].map(unrecordedError)];
  const settled = new Set([...ended, ...unrecorded]);
  return { parts, inventory, listings, live, settled, damaged, unknown, now };
}

async function decide(seen: Seen, options: GcOptions): Promise<GcPlan> {
  const { parts, inventory, now } = seen;
  const unreadable = [...seen.damaged, ...seen.unknown];
  const onUnreadable = (error: VarveError) => unreadable.push(error);
  const { store, artifacts, metadata } = parts;
  const sources: MarkSources = { store, artifacts, metadata, onUnreadable, ...callOptions(options) };
  const runs = chooseFrom(seen, options);
  const marks = new Marks();
  const keptRecords = runs.kept.map(({ record }) => record);
  await markRuns(marks, keptRecords, sources);
  const pages = choosePages(await readAllPages(inventory.pages, sources), {
    runs: new Set(keptRecords.map(({ id }) => id)),
    used: marks.used,
    since: options.keepCache ? now - options.olderMs : Number.POSITIVE_INFINITY,
  });
  for (const { page } of pages.kept) marks.addPage(page);
  await followManifests(marks, sources);
  const planned = planSweep({
    inventory,
    runs,
    pages: pages.removed.map(({ info }) => info),
    marks: unreadable.length === 0 ? marks : undefined,
    before: now - FLOOR_MS,
    quarantineBefore: now - options.olderMs,
  });
  return { ...planned, kept: runs.kept, live: [...seen.live], unreadable };
}

function chooseFrom(seen: Seen, { keepLast, olderMs }: Retention): ChosenRuns {
  const { parts, inventory, live, damaged, now } = seen;
  const facts = seen.listings.map((listing) => ({
    record: listing.record,
    ...(listing.summary && { endedAt: listing.summary.endedAt }),
    live: live.has(prefixOf(listing)),
    pinned: inventory.pins.has(pinKey(listing.record.flow, listing.record.id)),
  }));
  const removable = damaged.length === 0 && (parts.metadata === undefined || parts.metadata.removeRun !== undefined);
  return chooseRuns(facts, { olderMs, keepLast: removable ? keepLast : Number.POSITIVE_INFINITY }, now);
}

function prefixOf({ record }: RunListing): string {
  return runPrefix(record.flow, record.id);
}

function noRecordsError(store: Datastore, count: number): VarveError {
  const message = `Nothing was deleted: ${store.name} holds the journals of ${count} runs, but lists not one record of a run.`;
  return new VarveError('VARVE_GC_NO_RECORD', message, {
    hint: 'Run varve doctor: a proxy, a rule of the bucket or a right may hide records/. If they are gone, put them back from a backup.',
  });
}

function unrecordedError(prefix: string): VarveError {
  return new VarveError('VARVE_GC_NO_RECORD', `The run ${prefix.slice(0, -1)} has a journal, but no record.`, {
    hint: `Put its record back from a backup. Or do without the run: delete the object ${prefix}live.`,
  });
}

function liveRunsError(live: readonly string[]): VarveError {
  const names = live.map((prefix) => prefix.replace(/^runs\/|\/$/g, '')).join(', ');
  return new VarveError('VARVE_GC_LIVE', `Nothing was deleted: ${live.length} runs are going on (${names}).`, {
    hint: 'Run varve gc when they have ended. A run that was killed counts as going on for 20 seconds.',
  });
}
