import { parseDuration, type RunFilter, type RunStatus } from '@varve/core/app';
import { VarveError } from '@varve/core/contract';

/** Options that choose runs, as they were given. */
export interface RunFilterOptions {
  readonly status?: readonly string[];
  readonly tag?: readonly string[];
  readonly since?: string;
  readonly until?: string;
  readonly param?: readonly string[];
}

const STATUSES: readonly string[] = ['running', 'succeeded', 'failed', 'cancelled', 'lost'];

/** `now` in ms since the Unix epoch. Throws `VARVE_USAGE`. */
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

/** What was asked for, in words; empty when nothing was. */
export function describeFilter({ status, tag, since, until, param }: RunFilterOptions): string {
  return [
    ...(tag ? [`tagged ${tag.join(' and ')}`] : []),
    ...(status ? [`that are ${status.join(' or ')}`] : []),
    ...(param ? [`with ${param.join(' and ')}`] : []),
    ...(since === undefined ? [] : [`since ${since}`]),
    ...(until === undefined ? [] : [`until ${until}`]),
  ].join(' ');
}

/** `2d` ago, or a date; ms since the Unix epoch. */
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
