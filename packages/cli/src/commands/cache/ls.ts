import { type Result, sizeOfResult } from '@varve/client';
import { EXIT } from '../../exit-codes.ts';
import { ago, bytes, duration } from '../../print/format.ts';
import { print, printJson } from '../../print/stdout.ts';
import { table } from '../../print/table.ts';
import { plain } from '../../print/text.ts';
import { withHistory } from '../open-project.ts';
import type { CommonOptions } from '../options.ts';
import { KEY_SHOWN, resultDocument, warnOfFault } from './results.ts';

export interface CacheLsOptions extends CommonOptions {
  readonly limit: number;
  readonly withdrawn?: boolean;
}

/** `varve cache ls` */
export function cacheLs(selector: string | undefined, options: CacheLsOptions): Promise<number> {
  return withHistory(options, async ({ results, store }) => {
    const query = selector === undefined ? {} : await results.resolve(selector);
    const { limit, withdrawn = false } = options;
    const found = await results.list(query, { limit: limit + 1, withdrawn, onFault: warnOfFault });
    const shown = found.slice(0, limit);
    const isCut = found.length > limit;
    if (options.json) printJson({ store, results: shown.map(resultDocument), more: isCut });
    else print(shown.length === 0 ? emptyText(selector, withdrawn, store) : renderResults(shown, Date.now()));
    if (isCut && !options.json) print(`… and more: --limit ${limit * 10}`);
    return EXIT.ok;
  });
}

function emptyText(selector: string | undefined, withdrawn: boolean, store: string): string {
  const what = `No ${withdrawn ? 'withdrawn results' : 'results'}`;
  return selector === undefined ? `${what} in ${store} yet.` : `${what} of ${plain(selector)} in ${store}.`;
}

function renderResults(results: readonly Result[], now: number): string {
  const rows = results.map((result) => {
    const { key, entry } = result;
    const { label, origin, at, ms, generation, withdrawn } = entry;
    const state = withdrawn ? `withdrawn by ${withdrawn.by}: ${withdrawn.why} (${withdrawn.id})` : '';
    return [
      plain(label),
      `${plain(origin.flow)}/${origin.number}`,
      ago(now - at),
      duration(ms),
      bytes(sizeOfResult(result)),
      String(generation),
      key.slice(0, KEY_SHOWN),
      plain(state),
    ];
  });
  const title = results.some(({ entry }) => entry.withdrawn) ? 'STATE' : '';
  return table(['TASK', 'MADE BY', 'AGE', 'TOOK', 'SIZE', 'GEN', 'KEY', title], rows);
}
