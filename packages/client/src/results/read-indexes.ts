import { type CallOptions, type Datastore, type ObjectInfo, VarveError } from '@varve/core/contract';
import { decodePage, listPages, loadPages, type Page, StepIndex, type StoredPage } from '@varve/core/internal';

import { type Result, resultOf } from './result.ts';

/** A page that could not be read. */
export interface PageFault {
  /** Its key in the store. */
  readonly object: string;
  /** `VARVE_CORRUPT_PAGE`, or `VARVE_FORMAT_VERSION` for one that another version of varve may read. */
  readonly error: VarveError;
}

/** Everything that is kept under one step's key. */
export interface StoredIndex {
  readonly key: string;
  readonly step: string;
  readonly pages: readonly StoredPage[];
  readonly shelf: StepIndex;
  readonly faults: readonly PageFault[];
}

/** Keys that are read at the same time. */
const TOGETHER = 4;

/** All results in the store, one step's key after the other. */
export async function* readIndexes(store: Datastore, options: CallOptions = {}): AsyncGenerator<StoredIndex> {
  const keys = new Set<string>();
  for await (const { key } of listPages(store, options)) keys.add(stepKeyOf(key));
  const sorted = [...keys].sort();
  for (let at = 0; at < sorted.length; at += TOGETHER)
    yield* await Promise.all(sorted.slice(at, at + TOGETHER).map((key) => readIndex(store, key, options)));
}

/** The results that count, withdrawn ones among them. */
export function* resultsOn({ key, step, shelf }: StoredIndex): Generator<Result> {
  for (const entry of shelf.entries()) yield resultOf(key, step, entry);
}

/** Pages somebody wrote as the withdrawal with this id. */
export async function invalidationPages(store: Datastore, id: string): Promise<ObjectInfo[]> {
  const found: ObjectInfo[] = [];
  for await (const info of listPages(store))
    if (info.key.slice(info.key.lastIndexOf('/') + 1).startsWith(`${writerOf(id)}-`)) found.push(info);
  return found;
}

/** The writer of a withdrawal's pages. */
export function writerOf(id: string): string {
  return `inv-${id}`;
}

async function readIndex(store: Datastore, key: string, options: CallOptions): Promise<StoredIndex> {
  const pages = await loadPages(store, key, options);
  const shelf = new StepIndex(key);
  const faults: PageFault[] = [];
  let step = '';
  for (const stored of pages) {
    const page = readPage(stored, key, faults);
    step = page?.step ?? step;
    for (const entry of page?.entries ?? []) shelf.add(entry);
  }
  return { key, step, pages, shelf, faults };
}

function readPage(stored: StoredPage, key: string, faults: PageFault[]): Page | undefined {
  try {
    const page = decodePage(stored.bytes, stored.key, stored.modifiedAt);
    if (page.key === key) return page;
    throw new VarveError('VARVE_CORRUPT_PAGE', `${stored.key} holds results of another step's key, ${page.key}`);
  } catch (error) {
    if (!VarveError.is(error)) throw error;
    faults.push({ object: stored.key, error });
    return undefined;
  }
}

/** `cache/v1/4f1c…/01j9zq…-00000000` -> `4f1c…`. */
function stepKeyOf(page: string): string {
  return page.split('/')[2] ?? '';
}
