import { type CacheEntry, pathOf } from '../../cache/entry.ts';
import type { Page } from '../../cache/page.ts';
import type { ObjectInfo } from '../../contract/index.ts';

/** A page of results that was read. */
export interface ReadPage {
  readonly info: ObjectInfo;
  readonly page: Page;
}

/** What decides whether a page is kept. */
export interface PageRules {
  /** Ids of the runs that stay. */
  readonly runs: ReadonlySet<string>;
  /** `Flow/number/task` of results that a run that stays has used. */
  readonly used: ReadonlySet<string>;
  /** Pages written since then stay, whosever they are: ms since the Unix epoch, by the store's clock. */
  readonly since: number;
}

/**
 * Which pages stay: those with a result of a run that stays or that such a run has used. What withdraws or replaces a
 * result stays beside any other page of its key, because without it the old result would be used again.
 */
export function choosePages(pages: readonly ReadPage[], rules: PageRules): { kept: ReadPage[]; removed: ReadPage[] } {
  const keys = new Set(pages.filter((one) => isKept(one, rules)).map(({ page }) => page.key));
  const kept: ReadPage[] = [];
  const removed: ReadPage[] = [];
  for (const one of pages) {
    const stays = isKept(one, rules) || (one.page.entries.some(replaces) && keys.has(one.page.key));
    (stays ? kept : removed).push(one);
  }
  return { kept, removed };
}

function isKept({ info, page }: ReadPage, { runs, used, since }: PageRules): boolean {
  if (info.modifiedAt >= since) return true;
  return page.entries.some((entry) => runs.has(entry.origin.runId) || used.has(pathOf(entry)));
}

function replaces({ generation, withdrawn }: CacheEntry): boolean {
  return generation > 0 || withdrawn !== undefined;
}
