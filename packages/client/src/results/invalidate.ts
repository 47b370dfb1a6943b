import { randomBytes } from 'node:crypto';
import { type Datastore, VarveError } from '@varve/core/contract';
import { createPage } from '@varve/core/internal';

import { invalidationPages, writerOf } from './read-indexes.ts';
import type { Result } from './result.ts';

const ENTRIES_MAX = 5_000;

/** Who withdraws results, and why. */
export interface InvalidationNote {
  readonly by: string;
  readonly why: string;
}

/**
 * Says of these results that they must not be used any more, and returns the id by which that can be taken back. Each
 * gets an entry one generation higher, in pages of their own; nothing else is touched.
 */
export async function invalidate(
  store: Datastore,
  results: readonly Result[],
  note: InvalidationNote,
): Promise<string> {
  const id = randomBytes(4).toString('hex');
  let done = 0;
  for (const page of pagesOf(results)) {
    try {
      await writePage(store, page, id, note);
    } catch (error) {
      if (done === 0) throw error;
      throw partly(error, id, done, results.length);
    }
    done += page.length;
  }
  return id;
}

/** Takes a withdrawal back: its results are used again, unless newer ones have come. Returns how many pages went. */
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

/** Results of one step's key, at most so many a page. */
function pagesOf(results: readonly Result[]): Result[][] {
  const pages = new Map<string, Result[][]>();
  for (const result of results) {
    const known = pages.get(result.stepKey) ?? [];
    pages.set(result.stepKey, known);
    const last = known.at(-1);
    if (last && last.length < ENTRIES_MAX) last.push(result);
    else known.push([result]);
  }
  return [...pages.values()].flat();
}

function partly(cause: unknown, id: string, done: number, all: number): VarveError {
  const message = `${done} of ${all} results were withdrawn before the store failed: ${(cause as Error).message}`;
  return new VarveError('VARVE_CACHE_PARTLY', message, {
    cause,
    hint: `Do it again for the rest, or take it back: varve cache invalidate --undo ${id}`,
  });
}
