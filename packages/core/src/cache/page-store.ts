import { type CallOptions, type Datastore, type ObjectInfo, VarveError } from '../contract/index.ts';
import { readObject } from '../store/objects/body.ts';
import { createOnce } from '../store/objects/create-once.ts';
import { CACHE, pageKey, pagesPrefix } from '../store/objects/key.ts';
import type { CacheEntry, EntryOrigin } from './entry.ts';
import { encodePage, type Page } from './page.ts';
import { decodePage } from './read-page.ts';
import { Shelf } from './step-index.ts';

/** A page as it is stored. */
export interface StoredPage {
  readonly key: string;
  /** By the store's clock, ms since the Unix epoch. */
  readonly modifiedAt: number;
  readonly bytes: Uint8Array;
}

/** Pages of a step's key beyond this number are merged. */
const PAGES_MAX = 16;
/** A page with more entries is left alone. */
const MERGED_ENTRIES_MAX = 20_000;

/** Every page in the store, of every key. */
export function listPages(store: Datastore, options: CallOptions = {}): AsyncIterable<ObjectInfo> {
  return store.list(CACHE, options);
}

/** All pages of a step's key. Pages that vanish meanwhile were merged into another one: then all are looked for again. */
export async function loadPages(store: Datastore, key: string, options: CallOptions = {}): Promise<StoredPage[]> {
  for (let attempt = 0; ; attempt++) {
    const found: ObjectInfo[] = [];
    for await (const info of store.list(pagesPrefix(key), options)) found.push(info);
    const pages = await Promise.all(found.map((info) => loadPage(store, info, options)));
    const there = pages.filter((page) => page !== undefined);
    if (there.length === found.length || attempt === 2) return there.sort((a, b) => (a.key < b.key ? -1 : 1));
  }
}

async function loadPage(store: Datastore, info: ObjectInfo, options: CallOptions): Promise<StoredPage | undefined> {
  const bytes = await readObject(store, info.key, options);
  return bytes && { key: info.key, modifiedAt: info.modifiedAt, bytes };
}

/** What was read of stored pages, and what could not be. A damaged page is a page less, never a failure. */
export function readPages(stored: readonly StoredPage[]): { readonly pages: Page[]; readonly damaged: VarveError[] } {
  const pages: Page[] = [];
  const damaged: VarveError[] = [];
  for (const { key, bytes, modifiedAt } of stored) {
    try {
      pages.push(decodePage(bytes, key, modifiedAt));
    } catch (error) {
      if (!VarveError.is(error)) throw error;
      damaged.push(error);
    }
  }
  return { pages, damaged };
}

/**
 * Puts many small pages of a key into one. The new page is there before the old ones go, so at every instant each result
 * is in at least one. Withdrawals stay pages of their own: they may be taken back. Returns how many pages went.
 */
export async function mergePages(
  store: Datastore,
  key: string,
  stored: readonly StoredPage[],
  by: EntryOrigin,
  options: CallOptions = {},
): Promise<number> {
  if (stored.length <= PAGES_MAX) return 0;
  const old: string[] = [];
  const shelf = new Shelf(key);
  let step = '';
  for (const page of stored) {
    const [read] = readPages([page]).pages;
    if (!read || read.key !== key || read.entries.some((entry) => entry.withdrawn)) continue;
    if (shelf.size + read.entries.length > MERGED_ENTRIES_MAX) continue;
    step = read.step;
    for (const entry of read.entries) shelf.add(entry);
    old.push(page.key);
  }
  if (old.length < 2) return 0;
  await createPage(store, { key, step, entries: [...shelf.entries()], origin: by }, `${by.runId}-m`, 0, options);
  for (const one of old) await store.delete(one, options);
  return old.length;
}

/** Publishes entries under the first number that is free for this writer. */
export async function createPage(
  store: Datastore,
  page: Page & { readonly origin: EntryOrigin; readonly entries: readonly CacheEntry[] },
  writer: string,
  number: number,
  options: CallOptions = {},
): Promise<void> {
  const bytes = encodePage(page);
  for (let n = number; ; n++) if (await createOnce(store, pageKey(page.key, writer, n), [bytes], options)) return;
}
