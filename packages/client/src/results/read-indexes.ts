import type { CallOptions, Datastore, ObjectInfo } from '@varve/core/contract';
import { listPages, loadPages, type PageFault, readPages, StepIndex, type StoredPage } from '@varve/core/internal';

import { type Result, resultOf } from './result.ts';

/** Everything that is stored under one step's key. */
export interface StoredIndex {
  readonly key: string;
  readonly step: string;
  readonly pages: readonly StoredPage[];
  readonly index: StepIndex;
  readonly faults: readonly PageFault[];
}

/** Keys read at once. */
const WIDTH = 4;

/** All results in the store, by step key. */
export async function* readIndexes(store: Datastore, options: CallOptions = {}): AsyncGenerator<StoredIndex> {
  const keys = new Set<string>();
  for await (const { key } of listPages(store, options)) keys.add(stepKeyOf(key));
  const sorted = [...keys].sort();
  for (let at = 0; at < sorted.length; at += WIDTH)
    yield* await Promise.all(sorted.slice(at, at + WIDTH).map((key) => readIndex(store, key, options)));
}

/** The newest generation of each result, invalidated ones included. */
export function* resultsIn({ key, step, index }: StoredIndex): Generator<Result> {
  for (const entry of index.entries()) yield resultOf(key, step, entry);
}

/** The pages of the invalidation with this id. */
export async function invalidationPages(store: Datastore, id: string): Promise<ObjectInfo[]> {
  const found: ObjectInfo[] = [];
  for await (const info of listPages(store))
    if (info.key.slice(info.key.lastIndexOf('/') + 1).startsWith(`${writerOf(id)}-`)) found.push(info);
  return found;
}

/** The writer name in the keys of an invalidation's pages. */
export function writerOf(id: string): string {
  return `inv-${id}`;
}

async function readIndex(store: Datastore, key: string, options: CallOptions): Promise<StoredIndex> {
  const stored = await loadPages(store, key, options);
  const { pages, damaged } = readPages(stored, key);
  const index = new StepIndex(key);
  for (const { entries } of pages) for (const entry of entries) index.add(entry);
  return { key, step: pages.at(-1)?.step ?? '', pages: stored, index, faults: damaged };
}

/** `cache/v1/4f1c…/01j9zq…-00000000` -> `4f1c…`. */
function stepKeyOf(page: string): string {
  return page.split('/')[2] ?? '';
}
