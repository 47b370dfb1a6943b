import type { ParameterValues } from '@varve/core';
import type { ListingQuery, RunListing, RunStatus } from '@varve/core/contract';
import { showValue } from '@varve/core/internal';

import type { RunView } from './run-view.ts';

/** Which runs are meant. A run has to fit all that is said. */
export interface RunFilter<F = Record<string, unknown>> {
  /** One of these. */
  readonly status?: RunStatus | readonly RunStatus[];
  /** All of these. */
  readonly tag?: string | readonly string[];
  /** Only runs that began then or later; a number is in ms since the Unix epoch. */
  readonly since?: Date | number;
  /** Only runs that began before. */
  readonly until?: Date | number;
  /** Only runs with these values. They are compared as `varve list` shows them: a file by its path. */
  readonly parameters?: ParameterValues<F>;
}

export interface RunQuery<F = Record<string, unknown>> extends ListingQuery, RunFilter<F> {
  /** How many at most. Default: all. */
  readonly limit?: number;
}

/** A run in a list: nothing of its journal has been read. */
export interface ListedRun<F = Record<string, unknown>> extends RunListing {
  readonly status: RunStatus;
  /** Somebody wants it to be kept. */
  readonly pinned?: true;
  /** Reads its journal. Throws `VARVE_NO_RUN` when it has been removed meanwhile. */
  open(): Promise<RunView<F>>;
}

/** Clocks of two machines may differ by so much, ms. */
const SKEW_MS = 86_400_000;

/** Whether nothing after this run in a list, which is newest first, can have begun since then. */
export function isLongBefore({ record }: RunListing, since: Date | number | undefined): boolean {
  return since !== undefined && record.createdAt < Number(since) - SKEW_MS;
}

/** Whether a run fits, as far as its record says: all but its status. */
export function fits({ record }: RunListing, { tag, since, until, parameters = {} }: RunFilter): boolean {
  const tags = tag === undefined ? [] : [tag].flat();
  if (!tags.every((one) => record.tags.includes(one))) return false;
  if (since !== undefined && record.createdAt < Number(since)) return false;
  if (until !== undefined && record.createdAt >= Number(until)) return false;
  return Object.entries(parameters).every(([name, value]) => {
    const shown = Object.hasOwn(record.parameters, name) ? record.parameters[name] : undefined;
    return value === undefined || shown === showValue(value);
  });
}

export function hasStatus(status: RunStatus, { status: wanted }: RunFilter): boolean {
  return wanted === undefined || [wanted].flat().includes(status);
}
