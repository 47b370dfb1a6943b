import type { CacheStats, RunsStats } from '@varve/client';
import { EXIT } from '../../exit-codes.ts';
import { bytes, counted, duration } from '../../print/format.ts';
import { print, printJson } from '../../print/stdout.ts';
import { table } from '../../print/table.ts';
import { plain } from '../../print/text.ts';
import { withHistory } from '../open-project.ts';
import type { CommonOptions } from '../options.ts';

/** `varve cache stats` */
export function cacheStats(options: CommonOptions & { readonly runs: number }): Promise<number> {
  return withHistory(options, async ({ results, store }) => {
    const stats = await results.stats(options.runs);
    if (options.json) printJson({ store, ...stats });
    else print(renderStats(stats, store));
    return EXIT.ok;
  });
}

function renderStats(stats: CacheStats, store: string): string {
  const { pages, pageBytes, damagedPages, keys, results, withdrawn, objectBytes, batchBytes, steps } = stats;
  const notes = [
    ...(withdrawn > 0 ? [`${withdrawn} withdrawn`] : []),
    ...(damagedPages > 0 ? [`${counted(damagedPages, 'page')} cannot be read: varve cache verify`] : []),
  ];
  const lines = [
    `store    ${store}`,
    `results  ${[`${results} of ${counted(steps.length, 'step')}, under ${counted(keys, 'key')}`, ...notes].join(' · ')}`,
    `size     ${counted(pages, 'page')} of ${bytes(pageBytes)} · artifacts of ${bytes(objectBytes + batchBytes)}, ${bytes(batchBytes)} of it in commit batches`,
    `use      ${useText(stats.runs)}`,
  ];
  if (steps.length === 0) return lines.join('\n');
  const rows = steps.map((step) => [
    plain(step.step),
    String(step.results),
    String(step.keys),
    bytes(step.bytes),
    duration(step.ms),
  ]);
  return [...lines, '', table(['STEP', 'RESULTS', 'KEYS', 'SIZE', 'WORK'], rows)].join('\n');
}

function useText({ runs, cached, executed, savedMs }: RunsStats): string {
  if (runs === 0) return 'no run has ended yet';
  const all = cached + executed;
  const share = all === 0 ? '' : ` (${Math.round((100 * cached) / all)} %)`;
  return `last ${counted(runs, 'run')}: ${cached} of ${counted(all, 'task')} cached${share}, saved ${duration(savedMs)}`;
}
