import {
  type CallOptions,
  type Clock,
  type Datastore,
  type ObjectInfo,
  type RunListing,
  type RunRecord,
  StoreError,
  VarveError,
} from '@varve/core/contract';
import {
  type ArtifactStore,
  compressedKey,
  DatastoreJournal,
  listPages,
  NUMBERS,
  pinKey,
  runPrefix,
  StoreClock,
} from '@varve/core/internal';
import { choosePages, chooseRuns, type ReadPage } from '../gc/choose.ts';
import { forEach } from '../gc/for-each.ts';
import { type Inventory, liveRuns, takeInventory } from '../gc/inventory.ts';
import { callOptions, followManifests, type MarkSources, Marks, markRuns, readAllPages } from '../gc/mark-store.ts';
import type { Tally } from './tally.ts';

/** An object that is to be in the target. */
export interface Wanted {
  readonly key: string;
  /** Bytes; `undefined` when the source does not list it. */
  readonly size: number | undefined;
}

/** An artifact that is to be in the target. */
export interface WantedBlob extends Wanted {
  /** Bytes of the artifact, as those say who refer to it. */
  readonly expected: number;
}

/** The contents of a source, as of one moment: what has ended before it, and everything that this refers to. */
export interface Survey {
  /** Runs to copy, oldest first. */
  readonly runs: readonly RunListing[];
  /** Runs whose journal cannot be read. */
  readonly unreadable: readonly RunRecord[];
  readonly live: readonly RunRecord[];
  /** Objects below `numbers/`. */
  readonly numbers: readonly ObjectInfo[];
  /** Keys. */
  readonly pins: ReadonlySet<string>;
  readonly pages: readonly ReadPage[];
  readonly batches: readonly Wanted[];
  readonly blobs: readonly WantedBlob[];
}

export interface SurveyParts extends CallOptions {
  /** It is only read from. */
  readonly store: Datastore;
  readonly artifacts: Pick<ArtifactStore, 'read'>;
  /** The same store with the right to write, which tells its time. */
  readonly writable: Datastore;
  readonly clock: Clock;
  readonly tally: Tally;
  /** See `CopyOptions`. */
  readonly keepLast?: number;
}

/** Journals read at once. */
const WIDTH = 16;
/** Attempts to read pages that are merged meanwhile. */
const ATTEMPTS = 3;

/**
 * Lists runs first and then what they wrote, so that the batches of every run that has ended are complete; then reads what
 * journals and pages refer to.
 */
export async function surveySource(parts: SurveyParts): Promise<Survey> {
  const { store, tally } = parts;
  const options = callOptions(parts);
  const listings = await listRuns(parts);
  const [inventory, numbers] = await Promise.all([takeInventory(store, options), listAll(store, NUMBERS, options)]);
  for (const prefix of recordedElsewhere(inventory)) tally.lose(`${prefix}bytes`, elsewhere(prefix));
  const live = await runningRuns(parts, inventory, listings);
  const marks = new Marks();
  const { readable, unreadable } = await markEach(
    marks,
    newest(
      listings.filter(({ record }) => !live.has(prefixOf(record))),
      inventory,
      parts,
    ),
    parts,
  );
  const pages = usedBy(readable, await readPages(inventory.pages, parts), marks, parts);
  for (const { page } of pages) marks.addPage(page);
  await followManifests(marks, sourcesOf(parts));
  return {
    runs: readable,
    unreadable,
    live: listings.flatMap(({ record }) => (live.has(prefixOf(record)) ? [record] : [])),
    numbers,
    pins: inventory.pins,
    pages,
    batches: wantedBatches(inventory, readable, marks),
    blobs: wantedBlobs(marks, inventory),
  };
}

/** Where marks are read from. What cannot be read is noted under the object that cannot. */
export function sourcesOf(parts: SurveyParts): MarkSources {
  const { store, artifacts, tally } = parts;
  const onUnreadable = (error: VarveError, object: string) => tally.lose(object, error);
  return { store, artifacts, metadata: undefined, onUnreadable, ...callOptions(parts) };
}

export function prefixOf({ flow, id }: Pick<RunRecord, 'flow' | 'id'>): string {
  return runPrefix(flow, id);
}

async function listRuns({ store, tally, signal }: SurveyParts): Promise<RunListing[]> {
  // The message begins with the key.
  const onDamage = (error: VarveError) => tally.lose(error.message.split(' ', 1)[0] ?? '', error);
  const listings: RunListing[] = [];
  for await (const one of new DatastoreJournal(store).runs({ onDamage }, signal ? { signal } : {})) listings.push(one);
  return listings.reverse();
}

async function listAll(store: Datastore, prefix: string, options: CallOptions): Promise<ObjectInfo[]> {
  const all: ObjectInfo[] = [];
  for await (const info of store.list(prefix, options)) all.push(info);
  return all;
}

/** Prefixes of runs that are going on, by the clock of the store where that can be asked. */
async function runningRuns(
  { writable, clock, signal }: SurveyParts,
  inventory: Inventory,
  listings: readonly RunListing[],
): Promise<ReadonlySet<string>> {
  const ended = new Set(listings.filter(({ summary }) => summary).map(({ record }) => prefixOf(record)));
  const open = [...inventory.runs].some(([prefix, { live }]) => live !== undefined && !ended.has(prefix));
  return open ? liveRuns(inventory, ended, await timeOf(writable, clock, signal ? { signal } : {})) : new Set();
}

/** Ms since the Unix epoch. The clock of a store that may only be read cannot be asked: then it is taken for right. */
async function timeOf(store: Datastore, clock: Clock, options: CallOptions): Promise<number> {
  try {
    return await new StoreClock(store, clock, options).now();
  } catch (error) {
    if (!StoreError.is(error, 'permission-denied') && !StoreError.is(error, 'unsupported')) throw error;
    return clock.now();
  }
}

/** The runs that `keepLast` chooses, by the rules of `varve gc`. */
function newest(
  listings: readonly RunListing[],
  { pins }: Inventory,
  { keepLast }: SurveyParts,
): readonly RunListing[] {
  if (keepLast === undefined) return listings;
  // Age does not matter here, nor what this machine takes for the time.
  const facts = listings.map(({ record, summary }) => ({
    record,
    endedAt: summary?.endedAt ?? record.createdAt,
    live: false,
    pinned: pins.has(pinKey(record.flow, record.id)),
  }));
  const { kept } = chooseRuns(facts, { keepLast, olderMs: 0 }, Number.POSITIVE_INFINITY);
  const ids = new Set(kept.map(({ record }) => record.id));
  return listings.filter(({ record }) => ids.has(record.id));
}

/** All pages, or with `keepLast` those with a result that these runs made or used. */
function usedBy(
  runs: readonly RunListing[],
  pages: readonly ReadPage[],
  { used }: Marks,
  { keepLast }: SurveyParts,
): readonly ReadPage[] {
  if (keepLast === undefined) return pages;
  return choosePages(pages, {
    runs: new Set(runs.map(({ record }) => record.id)),
    used,
    since: Number.POSITIVE_INFINITY,
  }).kept;
}

/** Marks what each run refers to. A run whose journal is damaged is set aside. */
async function markEach(
  marks: Marks,
  listings: readonly RunListing[],
  parts: SurveyParts,
): Promise<{ readable: RunListing[]; unreadable: RunRecord[] }> {
  const sources = sourcesOf(parts);
  const damaged = new Set<RunRecord>();
  const mark = ({ record }: RunListing) =>
    markRuns(marks, [record], {
      ...sources,
      onUnreadable: (error, object) => {
        damaged.add(record);
        sources.onUnreadable(error, object);
      },
    });
  await forEach(listings, { width: WIDTH, ...callOptions(parts) }, mark);
  return { readable: listings.filter(({ record }) => !damaged.has(record)), unreadable: [...damaged] };
}

/** Pages that vanish meanwhile were merged into others: then they are listed again. */
async function readPages(listed: readonly ObjectInfo[], parts: SurveyParts): Promise<ReadPage[]> {
  const read = new Map<string, ReadPage>();
  let missing = listed;
  for (let attempt = 1; missing.length > 0; attempt++) {
    for (const one of await readAllPages(missing, sourcesOf(parts))) read.set(one.info.key, one);
    const isGone = missing.some(({ key }) => !read.has(key) && !parts.tally.has(key));
    if (!isGone || attempt === ATTEMPTS) break;
    const again: ObjectInfo[] = [];
    for await (const info of listPages(parts.store, callOptions(parts))) again.push(info);
    missing = again.filter(({ key }) => !read.has(key) && !parts.tally.has(key));
  }
  return [...read.values()];
}

function wantedBatches({ runs }: Inventory, copied: readonly RunListing[], marks: Marks): Wanted[] {
  const own = copied.flatMap(({ record }) => runs.get(prefixOf(record))?.batches ?? []);
  const keys = new Set([...own.map(({ key }) => key), ...marks.batchKeys()]);
  const listed = [...runs.values()].flatMap(({ batches }) => batches);
  return withSizes(
    [...keys].filter((key) => !isElsewhere(key)),
    listed,
  );
}

/** A blob that the source keeps compressed counts with the size that it has when it is read. */
function wantedBlobs(marks: Marks, { blobs }: Inventory): WantedBlob[] {
  const sizes = new Map(blobs.map(({ key, size }) => [key, size]));
  const sizeOf = (key: string, expected: number) =>
    sizes.get(key) ?? (sizes.has(compressedKey(key)) ? expected : undefined);
  return [...marks.neededBlobs()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, expected]) => ({ key, size: sizeOf(key, expected), expected }));
}

function withSizes(keys: Iterable<string>, listed: readonly ObjectInfo[]): Wanted[] {
  const sizes = new Map(listed.map(({ key, size }) => [key, size]));
  return [...keys].sort().map((key) => ({ key, size: sizes.get(key) }));
}

/** True for bytes of a run whose events a metadata plugin keeps. */
export function isElsewhere(key: string): boolean {
  return /^runs\/[^/]+\/[^/]+\/bytes\//.test(key);
}

function recordedElsewhere({ runs }: Inventory): string[] {
  return [...runs].filter(([, { batches }]) => batches.some(({ key }) => isElsewhere(key))).map(([prefix]) => prefix);
}

function elsewhere(prefix: string): VarveError {
  return new VarveError('VARVE_COPY_METADATA', `The run ${prefix.slice(0, -1)} is recorded by a metadata plugin.`, {
    hint: 'varve store copy knows only runs that the store itself records: copy its history with the tools of that service.',
  });
}
