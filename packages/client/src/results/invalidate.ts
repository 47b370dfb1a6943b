import { randomBytes } from 'node:crypto';
import { type Datastore, VarveError } from '@varve/core/contract';
import { createPage, paginate } from '@varve/core/internal';

import { invalidationPages, writerOf } from './read-indexes.ts';
import type { Result } from './result.ts';

/** The user who invalidates results, and the reason. */
export interface InvalidationNote {
  readonly by: string;
  readonly why: string;
}

/**
 * Marks results as unusable: each gets an entry one generation higher, in pages of their own; nothing else is changed.
 * Returns the id for `restore`. Throws `VARVE_CACHE_PARTLY` when the store fails after the first page.
 */
export async function invalidate(
  store: Datastore,
  results: readonly Result[],
  note: InvalidationNote,
): Promise<string> {
  const id = randomBytes(4).toString('hex');
  let done = 0;
  for (const page of paginate(results, ({ stepKey }) => stepKey)) {
    try {
      await writePage(store, page, id, note);
    } catch (error) {
      if (done === 0) throw error;
      throw partlyInvalidated(error, id, done, results.length);
    }
    done += page.length;
  }
  return id;
}

/** Undoes an invalidation: its results are used again, unless there are newer ones. Returns the number of deleted pages. */
export async function restore(store: Datastore, id: string): Promise<number> {
  const pages = /^[0-9a-f]{8}$/.test(id) ? await invalidationPages(store, id) : [];
  if (pages.length === 0)
    throw new VarveError('VARVE_NO_RESULT', `there is no withdrawal '${id}' in ${store.name}`, {
      hint: 'See what is withdrawn, and by which id: varve cache ls --withdrawn',
    });
  for (const { key } of pages) await store.delete(key);
  return pages.length;
}

async function writePage(
  store: Datastore,
  results: readonly Result[],
  id: string,
  note: InvalidationNote,
): Promise<void> {
  const [first] = results;
  if (!first) return;
  const entries = results.map(({ entry }) => ({
    ...entry,
    generation: entry.generation + 1,
    withdrawn: { id, ...note },
  }));
  const page = { key: first.stepKey, step: first.step, entries, origin: first.entry.origin };
  await createPage(store, page, writerOf(id), 0);
}

function partlyInvalidated(cause: unknown, id: string, done: number, all: number): VarveError {
  const message = `${done} of ${all} results were withdrawn before the store failed: ${(cause as Error).message}`;
  return new VarveError('VARVE_CACHE_PARTLY', message, {
    cause,
    hint: `Do it again for the rest, or take it back: varve cache invalidate --undo ${id}`,
  });
}
