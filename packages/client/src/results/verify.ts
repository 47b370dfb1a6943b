import { type Datastore, type Reference, VarveError } from '@varve/core/contract';
import { type ArtifactStore, moveToQuarantine, type PageFault, withLimit } from '@varve/core/internal';

import { ObjectCheck, type ObjectState } from './check-objects.ts';
import { type InvalidationNote, invalidate } from './invalidate.ts';
import { readIndexes, resultsIn } from './read-indexes.ts';
import { matchesQuery, nameOfResult, type Result, type ResultQuery } from './result.ts';

/** Missing or damaged bytes that a result refers to. */
export interface ResultFault {
  /** Name of the artifact, or `its log`. */
  readonly name: string;
  readonly state: ObjectState & ('missing' | 'damaged');
  readonly reference: Reference;
}

export interface DamagedResult {
  /** `Penguins/12/train[2]`. */
  readonly name: string;
  readonly key: string;
  readonly faults: readonly ResultFault[];
}

/** The results that were checked, and their faults. */
export interface Verification {
  readonly pages: number;
  readonly results: number;
  /** Distinct objects, or parts of commit batches, that results refer to. */
  readonly objects: number;
  readonly bytes: number;
  readonly damagedPages: readonly { readonly object: string; readonly message: string }[];
  readonly damagedResults: readonly DamagedResult[];
  /** Pages of another version of varve, which are left unchanged. */
  readonly otherFormat: readonly string[];
  /** Results that refer to bytes of a hasher that is not installed. */
  readonly unchecked: number;
  /** Set when a repair was asked for. */
  readonly repair?: Repair;
}

export interface Repair {
  readonly pagesRemoved: number;
  /** Invalidated results, which the next run computes again. */
  readonly withdrawn: number;
  /** Id that undoes the invalidation. */
  readonly id?: string;
  /** New keys of the damaged objects that were moved to quarantine. */
  readonly quarantined: readonly string[];
}

/** Concurrent requests to the store. */
const REQUESTS = 16;

interface Findings {
  readonly pageFaults: PageFault[];
  readonly damaged: { readonly result: Result; readonly faults: readonly ResultFault[] }[];
  pages: number;
  results: number;
  unchecked: number;
}

/** Decodes every page and reads every byte that results refer to. With `repair` it also repairs what it can. */
export async function verifyResults(
  raw: Datastore,
  artifacts: ArtifactStore,
  query: ResultQuery,
  repair: InvalidationNote | undefined,
): Promise<Verification> {
  const store = withLimit(raw, REQUESTS);
  const objects = new ObjectCheck(store, artifacts);
  const found: Findings = { pageFaults: [], damaged: [], pages: 0, results: 0, unchecked: 0 };
  for await (const index of readIndexes(store)) {
    found.pages += index.pages.length;
    found.pageFaults.push(...index.faults);
    const results = [...resultsIn(index)].filter((one) => !one.entry.withdrawn && matchesQuery(one, query));
    await objects.check(results.flatMap(({ entry }) => namedReferences(entry).map(({ reference }) => reference)));
    for (const result of results) judge(result, objects, found);
  }
  const otherFormat = found.pageFaults.filter(({ error }) => error.code !== 'VARVE_CORRUPT_PAGE');
  const damagedPages = found.pageFaults.filter(({ error }) => error.code === 'VARVE_CORRUPT_PAGE');
  return {
    ...{ pages: found.pages, results: found.results, objects: objects.count, bytes: objects.bytes },
    damagedPages: damagedPages.map(({ object, error }) => ({ object, message: error.message })),
    damagedResults: found.damaged.map(({ result, faults }) => ({
      name: nameOfResult(result),
      key: result.key,
      faults,
    })),
    otherFormat: otherFormat.map(({ object }) => object),
    unchecked: found.unchecked,
    ...(repair && { repair: await repairDamage(store, damagedPages, found.damaged, objects.damaged, repair) }),
  };
}

export function isSound({ damagedPages, damagedResults }: Verification): boolean {
  return damagedPages.length === 0 && damagedResults.length === 0;
}

function judge(result: Result, objects: ObjectCheck, found: Findings): void {
  found.results++;
  const states = namedReferences(result.entry).map((one) => ({ ...one, state: objects.stateOf(one.reference) }));
  if (states.some(({ state }) => state === 'unknown')) found.unchecked++;
  const faults = states.filter((one): one is ResultFault => one.state === 'missing' || one.state === 'damaged');
  if (faults.length > 0) found.damaged.push({ result, faults });
}

function namedReferences({ writes, log }: Result['entry']): { readonly name: string; readonly reference: Reference }[] {
  const artifacts = Object.entries(writes).map(([name, reference]) => ({ name, reference }));
  return log ? [...artifacts, { name: 'its log', reference: log }] : artifacts;
}

/** Invalidates damaged results first, then removes the pages and objects that would block good ones of the same key. */
async function repairDamage(
  store: Datastore,
  pages: readonly PageFault[],
  damaged: Findings['damaged'],
  objects: Iterable<string>,
  note: InvalidationNote,
): Promise<Repair> {
  const results = damaged.map(({ result }) => result);
  const id = results.length > 0 ? await invalidate(store, results, note) : undefined;
  for (const { object } of pages) await store.delete(object);
  const quarantined: string[] = [];
  for (const key of objects) {
    const to = await moveToQuarantine(store, key);
    if (to === undefined) throw cannotMove(key);
    quarantined.push(to);
  }
  return { pagesRemoved: pages.length, withdrawn: results.length, ...(id !== undefined && { id }), quarantined };
}

function cannotMove(key: string): VarveError {
  return new VarveError('VARVE_CACHE_PARTLY', `the damaged object ${key} could not be moved out of the way`, {
    hint: 'The results that need it are withdrawn. Remove it by hand, so that a good one can be stored.',
  });
}
