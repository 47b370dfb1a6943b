import type { ListedRun, RunFilter } from '@varve/client';
import { type RunStatus, VarveError } from '@varve/core/contract';
import { parseDuration } from '@varve/core/internal';
import { EXIT } from '../../exit-codes.ts';
import { ago, duration, type Paint, painter } from '../../print/format.ts';
import { statusText } from '../../print/status.ts';
import { print, printJson } from '../../print/stdout.ts';
import { table } from '../../print/table.ts';
import { plain } from '../../print/text.ts';
import { withHistory } from '../open-project.ts';
import type { CommonOptions } from '../options.ts';

export interface ListOptions extends CommonOptions, RunFilterOptions {
  readonly limit: number;
}

/** `varve list` */
export async function list(flow: string | undefined, options: ListOptions): Promise<number> {
  const query = {
    ...readRunFilter(options, Date.now()),
    limit: options.limit,
    onUnindexed: sayUnindexed,
    onDamage: (damage: VarveError) => process.stderr.write(`! ${damage.message}\n`),
    ...(flow !== undefined && { flow }),
  };
  return withHistory(options, async ({ history, store }) => {
    const runs: ListedRun[] = [];
    for await (const run of history.list(query)) runs.push(run);
    if (options.json) printJson({ store, runs });
    else if (runs.length === 0) print(emptyText(options, flow, store));
    else print(renderList(runs, Date.now(), painter(process.stdout)));
    return EXIT.ok;
  });
}

/** So few are read from the store in no time. */
const FEW = 100;

function sayUnindexed(runs: number): void {
  if (runs > FEW) process.stderr.write(`! ${runs} runs are not in the index yet: varve index\n`);
}

function emptyText(options: ListOptions, flow: string | undefined, store: string): string {
  const filters = [flow === undefined ? '' : `of ${flow}`, describeFilter(options)].filter((text) => text !== '');
  if (filters.length === 0) return `No runs in ${store} yet. Start one: varve run flow.ts`;
  return `No runs ${filters.join(' ')} in ${store}.`;
}

function renderList(runs: readonly ListedRun[], now: number, paint: Paint): string {
  const rows = runs.map(({ record, summary, status, pinned }) => [
    `${record.flow}/${record.number}`,
    statusText(status, paint),
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

/** Options that select runs, unparsed. */
export interface RunFilterOptions {
  readonly status?: readonly string[];
  readonly tag?: readonly string[];
  readonly since?: string;
  readonly until?: string;
  readonly param?: readonly string[];
}

const STATUSES: readonly string[] = ['running', 'succeeded', 'failed', 'cancelled', 'lost'];

/** Parses the options. `now` in ms since the Unix epoch. Throws `VARVE_USAGE`. */
export function readRunFilter({ status, tag, since, until, param }: RunFilterOptions, now: number): RunFilter {
  const wrong = status?.find((one) => !STATUSES.includes(one));
  if (wrong !== undefined) {
    throw new VarveError('VARVE_USAGE', `--status ${wrong}: there is no such status`, {
      hint: `One of: ${STATUSES.join(', ')}`,
    });
  }
  return {
    ...(status && { status: status as readonly RunStatus[] }),
    ...(tag && { tag }),
    ...(since !== undefined && { since: readMoment('--since', since, now) }),
    ...(until !== undefined && { until: readMoment('--until', until, now) }),
    ...(param && { parameters: Object.fromEntries(param.map(readPair)) }),
  };
}

/** The filter in words; empty without one. */
export function describeFilter({ status, tag, since, until, param }: RunFilterOptions): string {
  return [
    ...(tag ? [`tagged ${tag.join(' and ')}`] : []),
    ...(status ? [`that are ${status.join(' or ')}`] : []),
    ...(param ? [`with ${param.join(' and ')}`] : []),
    ...(since === undefined ? [] : [`since ${since}`]),
    ...(until === undefined ? [] : [`until ${until}`]),
  ].join(' ');
}

/** Parses an age (`2d`) or a date to ms since the Unix epoch. */
function readMoment(option: string, text: string, now: number): number {
  if (/^\d+(\.\d+)?(ms|s|m|h|d)$/.test(text)) return now - parseDuration(text);
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw new VarveError('VARVE_USAGE', `${option} ${text}: that is no time`, {
    hint: `Write a date, or how long ago: ${option} 2025-03-01, ${option} 2d`,
  });
}

function readPair(text: string): readonly [string, string] {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return [name, value];
  throw new VarveError('VARVE_USAGE', `--param ${text}`, { hint: 'Write a name and a value: --param folds=5' });
}
