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
  /** Keys of those whose place a sound copy has taken: their results are not invalidated. */
  readonly healed: readonly string[];
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
    ...(repair && {
      repair: await repairDamage(store, { pages: damagedPages, damaged: found.damaged, objects }, repair),
    }),
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

interface Damage {
  readonly pages: readonly PageFault[];
  readonly damaged: Findings['damaged'];
  readonly objects: ObjectCheck;
}

/**
 * Heals the objects of which the store has a sound copy nearer. Then it invalidates the results that are still damaged, and
 * removes last the pages and objects that would block good ones of the same key.
 */
async function repairDamage(
  store: Datastore,
  { pages, damaged, objects }: Damage,
  note: InvalidationNote,
): Promise<Repair> {
  const quarantined: string[] = [];
  const move = async (key: string) => {
    const to = await moveToQuarantine(store, key);
    if (to === undefined) throw cannotMove(key);
    quarantined.push(to);
  };
  const healed = new Set<string>();
  for (const [key, reference] of objects.damaged) {
    if (!(await objects.hasSoundCopy(reference))) continue;
    await move(key);
    if (await objects.isSoundAgain(reference)) healed.add(key);
  }
  const left = healed.size === 0 ? damaged : await stillDamaged(damaged, objects.anew());
  const id = left.length > 0 ? await invalidate(store, resultsOf(left), note) : undefined;
  for (const { object } of pages) await store.delete(object);
  for (const key of objects.damaged.keys()) if (!healed.has(key)) await move(key);
  return {
    ...{ pagesRemoved: pages.length, withdrawn: left.length, ...(id !== undefined && { id }), quarantined },
    healed: [...healed],
  };
}

async function stillDamaged(damaged: Findings['damaged'], objects: ObjectCheck): Promise<Findings['damaged']> {
  await objects.check(damaged.flatMap(({ faults }) => faults.map(({ reference }) => reference)));
  return damaged.filter(({ faults }) => faults.some(({ reference }) => objects.stateOf(reference) !== 'good'));
}

const resultsOf = (damaged: Findings['damaged']) => damaged.map(({ result }) => result);

function cannotMove(key: string): VarveError {
  return new VarveError('VARVE_CACHE_PARTLY', `the damaged object ${key} could not be moved out of the way`, {
    hint: 'The results that need it are withdrawn. Remove it by hand, so that a good one can be stored.',
  });
}
