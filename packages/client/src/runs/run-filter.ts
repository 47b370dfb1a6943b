import type { ParameterValues } from '@varve/core';
import type { ListingQuery, RunListing, RunSelection, RunStatus } from '@varve/core/contract';
import { showValue } from '@varve/core/internal';

/** Selects runs. A run must match every field that is set. */
export interface RunFilter<F = Record<string, unknown>> {
  /** One of these. */
  readonly status?: RunStatus | readonly RunStatus[];
  /** All of these. */
  readonly tag?: string | readonly string[];
  /** Only runs created at this time or later; a number is ms since the Unix epoch. */
  readonly since?: Date | number;
  /** Only runs created before this time. */
  readonly until?: Date | number;
  /** Only runs with these values, compared as `varve list` prints them: a file by its path. */
  readonly parameters?: ParameterValues<F>;
}

export interface RunQuery<F = Record<string, unknown>> extends Omit<ListingQuery, 'where'>, RunFilter<F> {
  /** Maximum number of runs. Default: all. */
  readonly limit?: number;
  /** Called with the number of runs that the index of the runs does not hold, when it lacks any. */
  readonly onUnindexed?: (runs: number) => void;
}

/** Largest tolerated difference between the clocks of two machines, ms. */
const SKEW_MS = 86_400_000;

/** True if no later run of a list, which is newest first, can have been created since then. */
export function isLongBefore({ record }: RunListing, since: Date | number | undefined): boolean {
  return since !== undefined && record.createdAt < Number(since) - SKEW_MS;
}

/** True if the record of a run matches; the status is left to `hasStatus`. */
export function matches({ record }: RunListing, { tag, since, until, parameters = {} }: RunFilter): boolean {
  const tags = tag === undefined ? [] : [tag].flat();
  if (!tags.every((one) => record.tags.includes(one))) return false;
  if (since !== undefined && record.createdAt < Number(since)) return false;
  if (until !== undefined && record.createdAt >= Number(until)) return false;
  return Object.entries(parameters).every(([name, value]) => {
    const shown = Object.hasOwn(record.parameters, name) ? record.parameters[name] : undefined;
    return value === undefined || shown === showValue(value);
  });
}

/** True when it leaves out any run. */
export function isFilter({ status, tag, since, until, parameters }: RunFilter): boolean {
  return [status, tag, since, until, parameters].some((one) => one !== undefined);
}

const ENDS = ['succeeded', 'failed', 'cancelled'] as const;

/** The filter as a provider or an index takes it. The runs it leaves fit all but the status, which takes the store to tell. */
export function selectionOf({ status, tag, since, until, parameters = {} }: RunFilter): RunSelection {
  const values = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return {
    ...(tag !== undefined && { tags: [tag].flat() }),
    ...(since !== undefined && { since: Number(since) }),
    ...(until !== undefined && { until: Number(until) }),
    ...(values.length > 0 && {
      parameters: Object.fromEntries(values.map(([name, value]) => [name, showValue(value)])),
    }),
    ...(status !== undefined && { ended: ENDS.filter((end) => [status].flat().includes(end)) }),
  };
}

export function hasStatus(status: RunStatus, { status: wanted }: RunFilter): boolean {
  return wanted === undefined || [wanted].flat().includes(status);
}
