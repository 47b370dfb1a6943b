import { type Datastore, type Reference, VarveError } from '@varve/core/contract';
import { type ArtifactStore, moveToQuarantine, withLimit } from '@varve/core/internal';

import { ObjectCheck, type ObjectState } from './check-objects.ts';
import { type InvalidationNote, invalidate } from './invalidate.ts';
import { type PageFault, readIndexes, resultsOn } from './read-indexes.ts';
import { isMeant, nameOfResult, type Result, type ResultQuery } from './result.ts';

/** Something a result refers to, and what is wrong with it. */
export interface ResultFault {
  /** Artifact, or `its log`. */
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

/** What was looked at, and what is wrong. */
export interface Verification {
  readonly pages: number;
  readonly results: number;
  /** Different objects, or pieces of one, that results refer to. */
  readonly objects: number;
  readonly bytes: number;
  readonly damagedPages: readonly { readonly object: string; readonly message: string }[];
  readonly damagedResults: readonly DamagedResult[];
  /** Pages of another version of varve: they are left alone. */
  readonly otherFormat: readonly string[];
  /** Results that refer to bytes no installed hasher can check. */
  readonly unchecked: number;
  /** What was done about it. */
  readonly repair?: Repair;
}

export interface Repair {
  readonly pagesRemoved: number;
  /** Results that the next run makes again. */
  readonly withdrawn: number;
  /** Takes that back. */
  readonly id?: string;
  /** Damaged objects that were moved out of the way, by their new key. */
  readonly quarantined: readonly string[];
}

/** Most requests at once. */
const REQUESTS = 16;

interface Findings {
  readonly pageFaults: PageFault[];
  readonly damaged: { readonly result: Result; readonly faults: readonly ResultFault[] }[];
  pages: number;
  results: number;
  unchecked: number;
}

/** Decodes every page and reads every byte that results refer to. With `repair` it also mends what can be mended. */
export async function verifyResults(
  raw: Datastore,
  artifacts: ArtifactStore,
  query: ResultQuery,
  repair: InvalidationNote | undefined,
): Promise<Verification> {
  const store = withLimit(raw, REQUESTS);
  const check = new ObjectCheck(store, artifacts);
  const found: Findings = { pageFaults: [], damaged: [], pages: 0, results: 0, unchecked: 0 };
  for await (const shelf of readIndexes(store)) {
    found.pages += shelf.pages.length;
    found.pageFaults.push(...shelf.faults);
    const results = [...resultsOn(shelf)].filter((one) => !one.entry.withdrawn && isMeant(one, query));
    await check.look(results.flatMap(({ entry }) => referencesOf(entry).map(({ reference }) => reference)));
    for (const result of results) judge(result, check, found);
  }
  const otherFormat = found.pageFaults.filter(({ error }) => error.code !== 'VARVE_CORRUPT_PAGE');
  const damagedPages = found.pageFaults.filter(({ error }) => error.code === 'VARVE_CORRUPT_PAGE');
  return {
    ...{ pages: found.pages, results: found.results, objects: check.objects, bytes: check.bytes },
    damagedPages: damagedPages.map(({ object, error }) => ({ object, message: error.message })),
    damagedResults: found.damaged.map(({ result, faults }) => ({
      name: nameOfResult(result),
      key: result.key,
      faults,
    })),
    otherFormat: otherFormat.map(({ object }) => object),
    unchecked: found.unchecked,
    ...(repair && { repair: await mend(store, damagedPages, found.damaged, check.damaged, repair) }),
  };
}

export function isSound({ damagedPages, damagedResults }: Verification): boolean {
  return damagedPages.length === 0 && damagedResults.length === 0;
}

function judge(result: Result, check: ObjectCheck, found: Findings): void {
  found.results++;
  const states = referencesOf(result.entry).map((one) => ({ ...one, state: check.stateOf(one.reference) }));
  if (states.some(({ state }) => state === 'unknown')) found.unchecked++;
  const faults = states.filter((one): one is ResultFault => one.state === 'missing' || one.state === 'damaged');
  if (faults.length > 0) found.damaged.push({ result, faults });
}

function referencesOf({ writes, log }: Result['entry']): { readonly name: string; readonly reference: Reference }[] {
  const artifacts = Object.entries(writes).map(([name, reference]) => ({ name, reference }));
  return log ? [...artifacts, { name: 'its log', reference: log }] : artifacts;
}

/** First the results that cannot be used, then what would keep good ones from being written in their place. */
async function mend(
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
