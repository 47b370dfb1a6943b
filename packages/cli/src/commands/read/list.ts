import type { ListedRun } from '@varve/core/app';
import type { VarveError } from '@varve/core/contract';
import { EXIT } from '../../exit-codes.ts';
import { ago, duration, type Paint, painter, plain } from '../../print/format.ts';
import { STATUS } from '../../print/status.ts';
import { table } from '../../print/table.ts';
import { print, printJson, withHistory } from '../open-project.ts';
import type { CommonOptions } from '../program.ts';
import { describeFilter, type RunFilterOptions, readRunFilter } from './run-filter.ts';

export interface ListOptions extends CommonOptions, RunFilterOptions {
  readonly limit: number;
}

/** `varve list` */
export async function list(flow: string | undefined, options: ListOptions): Promise<number> {
  const query = {
    ...readRunFilter(options, Date.now()),
    limit: options.limit,
    onDamage: (damage: VarveError) => process.stderr.write(`! ${damage.message}\n`),
    ...(flow !== undefined && { flow }),
  };
  return withHistory(options, async ({ history, store }) => {
    const runs: ListedRun[] = [];
    for await (const run of history.list(query)) runs.push(run);
    if (options.json) printJson({ store, runs });
    else if (runs.length === 0) print(nothing(options, flow, store));
    else print(renderList(runs, Date.now(), painter(process.stdout)));
    return EXIT.ok;
  });
}

function nothing(options: ListOptions, flow: string | undefined, store: string): string {
  const asked = [flow === undefined ? '' : `of ${flow}`, describeFilter(options)].filter((text) => text !== '');
  if (asked.length === 0) return `No runs in ${store} yet. Start one: varve run flow.ts`;
  return `No runs ${asked.join(' ')} in ${store}.`;
}

function renderList(runs: readonly ListedRun[], now: number, paint: Paint): string {
  const rows = runs.map(({ record, summary, status, pinned }) => [
    `${record.flow}/${record.number}`,
    STATUS[status](paint),
    String(Object.values(summary?.counts ?? {}).reduce((sum, count) => sum + count, 0) || '–'),
    summary ? duration(summary.endedAt - record.createdAt) : '–',
    ago(now - record.createdAt),
    plain(
      [
        ...(pinned ? ['(pinned)'] : []),
        ...(record.spin === undefined ? [] : [`spin of ${record.spin}`]),
        ...record.tags,
        ...Object.entries(record.parameters).map(([name, value]) => `${name}=${value}`),
      ].join(' '),
    ).slice(0, 60),
  ]);
  return table(['RUN', 'STATUS', 'TASKS', 'TIME', 'STARTED', 'TAGS AND PARAMETERS'], rows);
}
