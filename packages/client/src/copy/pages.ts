import { decodePage, encodePage, type Page, referencesOf, type StoredPage } from '@varve/core/internal';
import { objectOf } from '../gc/mark-store.ts';

/**
 * A page as it goes to another store: every result says when it was made, because there the age of the object is that of
 * the copy. Results that refer to a lost object are left out. `undefined` when none is left.
 */
export function pageBytes(page: Page, isLost: (object: string) => boolean = () => false): Uint8Array | undefined {
  const entries = page.entries.filter((entry) => !referencesOf(entry).some((one) => isLost(objectOf(one))));
  const [first] = entries;
  return first && encodePage({ ...page, entries, origin: first.origin });
}

/** True when a stored page holds exactly these results, with the times at which they were made. */
export function holdsPage(stored: StoredPage, bytes: Uint8Array): boolean {
  if (Buffer.compare(stored.bytes, bytes) === 0) return true;
  const found = pageBytes(decodePage(stored));
  return found !== undefined && Buffer.compare(found, bytes) === 0;
}

/** The key of the next page of the same writer: `…/01j9zq-00000003` -> `…/01j9zq-00000004`. */
export function nextPageKey(key: string): string {
  const [, writer = key, number = '0'] = /^(.+-)(\d{8})$/.exec(key) ?? [];
  return `${writer}${String(Number(number) + 1).padStart(8, '0')}`;
}
