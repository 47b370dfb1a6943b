import type { ArtifactStore } from '../artifact/index.ts';
import { pinKey, runPrefix } from '../artifact/index.ts';
import {
  type CallOptions,
  type Clock,
  type Datastore,
  type MetadataProvider,
  type ObjectInfo,
  type RunListing,
  VarveError,
} from '../contract/index.ts';
import { DatastoreJournal, HEARTBEAT_MS, isStale } from '../journal/index.ts';
import { choosePages } from './choose-pages.ts';
import { type ChosenRuns, chooseRuns, type Retention } from './choose-runs.ts';
import { CollectorLease } from './collector-lease.ts';
import { type Inventory, takeInventory } from './inventory.ts';
import { followManifests, type MarkSources, markRuns, readAllPages } from './mark-store.ts';
import { Marks } from './marks.ts';
import { planSweep, type SweepPlan } from './plan-sweep.ts';
import { sweep } from './sweep.ts';

export interface GcParts {
  readonly store: Datastore;
  readonly artifacts: Pick<ArtifactStore, 'read'>;
  /** Where runs are recorded, unless that is the store. */
  readonly metadata: MetadataProvider | undefined;
  readonly clock: Clock;
}

export interface GcOptions extends Retention, CallOptions {
  /** Results of runs that go stay while they are young themselves. */
  readonly keepCache?: boolean;
}

/** What goes, and what stays and why. */
export interface GcPlan extends SweepPlan {
  readonly kept: ChosenRuns['kept'];
  /** Runs that are going on: nothing is deleted before they have ended. */
  readonly live: readonly string[];
  /** Why it is not known what is needed. Then only runs go. */
  readonly unreadable: readonly VarveError[];
}

/** What nobody points to is left alone while it is younger: somebody may be about to point to it. Ms. */
const FLOOR_MS = 3_600_000;

/** What a collection would delete. Changes nothing. */
export function planCollection(parts: GcParts, options: GcOptions): Promise<GcPlan> {
  return plan(parts, options, parts.clock.now());
}

/**
 * Deletes what nobody needs. Throws `VARVE_GC_LIVE` while a run is going on and `VARVE_GC_BUSY` while somebody else
 * collects; runs that start meanwhile wait for its end.
 */
export async function collect(parts: GcParts, options: GcOptions): Promise<GcPlan> {
  const { store, clock, metadata = new DatastoreJournal(store) } = parts;
  const lease = await CollectorLease.take(store, clock);
  try {
    const planned = await plan(parts, options, lease.takenAt);
    if (planned.live.length > 0) throw runsGoOn(planned.live);
    await sweep(planned, {
      store,
      metadata,
      check: () => lease.check(),
      ...(options.signal && { signal: options.signal }),
    });
    return planned;
  } finally {
    await lease.release();
  }
}

async function plan(parts: GcParts, options: GcOptions, now: number): Promise<GcPlan> {
  const { store, artifacts, metadata } = parts;
  const { signal } = options;
  const unreadable: VarveError[] = [];
  const onUnreadable = (error: VarveError) => unreadable.push(error);
  const sources: MarkSources = { store, artifacts, metadata, onUnreadable, ...(signal && { signal }) };
  const inventory = await takeInventory(store, signal ? { signal } : {});
  const listings = await listRuns(metadata ?? new DatastoreJournal(store), sources);
  const live = liveRuns(inventory, listings, now);
  const runs = chooseFrom(listings, inventory, live, metadata, options, now);
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
  return { ...planned, kept: runs.kept, live: [...live], unreadable };
}

async function listRuns(metadata: MetadataProvider, sources: MarkSources): Promise<RunListing[]> {
  const { signal, onUnreadable } = sources;
  const listings: RunListing[] = [];
  for await (const listing of metadata.runs({ onDamage: onUnreadable }, signal ? { signal } : {}))
    listings.push(listing);
  return listings;
}

/** By what they wrote: a run may beat before it is recorded. */
function liveRuns({ runs }: Inventory, listings: readonly RunListing[], now: number): Set<string> {
  const isFresh = (live: ObjectInfo | undefined) =>
    live !== undefined && !isStale({ modifiedAt: live.modifiedAt, intervalMs: HEARTBEAT_MS }, now);
  const ended = new Set(
    listings.filter(({ summary }) => summary).map(({ record }) => runPrefix(record.flow, record.id)),
  );
  return new Set(
    [...runs].filter(([prefix, { live }]) => isFresh(live) && !ended.has(prefix)).map(([prefix]) => prefix),
  );
}

function chooseFrom(
  listings: readonly RunListing[],
  { pins }: Inventory,
  live: ReadonlySet<string>,
  metadata: MetadataProvider | undefined,
  { keepLast, olderMs }: Retention,
  now: number,
): ChosenRuns {
  const facts = listings.map(({ record, summary }) => ({
    record,
    ...(summary && { endedAt: summary.endedAt }),
    live: live.has(runPrefix(record.flow, record.id)),
    pinned: pins.has(pinKey(record.flow, record.id)),
  }));
  const removable = metadata === undefined || metadata.removeRun !== undefined;
  return chooseRuns(facts, { olderMs, keepLast: removable ? keepLast : Number.POSITIVE_INFINITY }, now);
}

function runsGoOn(live: readonly string[]): VarveError {
  const names = live.map((prefix) => prefix.replace(/^runs\/|\/$/g, '')).join(', ');
  return new VarveError('VARVE_GC_LIVE', `Nothing was deleted: ${live.length} runs are going on (${names}).`, {
    hint: 'Run varve gc when they have ended. A run that was killed counts as going on for 20 seconds.',
  });
}
