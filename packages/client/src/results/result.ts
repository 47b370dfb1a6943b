import { type CacheEntry, pathOf, referencesOf, taskKey } from '@varve/core/internal';

import { FLOW_NAME, type Pathspec, parsePathspec } from '../runs/pathspec.ts';

/** A stored result with its keys. */
export interface Result {
  /** The task key, hex; unique to the result. */
  readonly key: string;
  /** The step's key, hex. */
  readonly stepKey: string;
  readonly step: string;
  readonly entry: CacheEntry;
}

export function resultOf(stepKey: string, step: string, entry: CacheEntry): Result {
  return { key: taskKey(stepKey, entry), stepKey, step, entry };
}

/** `Penguins/12/train[2]`. */
export function nameOfResult({ entry }: Result): string {
  return pathOf(entry);
}

/** Bytes of its artifacts and its log. */
export function sizeOfResult({ entry }: Result): number {
  return referencesOf(entry).reduce((sum, { size }) => sum + size, 0);
}

/** A parsed selector of results, whose run is not resolved to a number yet. */
export type ResultSelector = Omit<ResultQuery, 'run' | 'before'> & { readonly run?: Pathspec['run'] };

/** Selects results. A field that is left out matches every result. */
export interface ResultQuery {
  readonly flow?: string;
  /** Number of the run that computed them. */
  readonly run?: number;
  readonly step?: string;
  /** `train[2]`, `train[knn]`, or a step. */
  readonly task?: string;
  /** Only results published before this time, ms since the Unix epoch. */
  readonly before?: number;
}

/** Parses `Penguins`, `Penguins/train`, `Penguins/train[knn]`, `Penguins/12`, `Penguins/12/train[2]`, `@last/train`; `undefined` for anything else. */
export function parseResultSelector(text: string): ResultSelector | undefined {
  const [flow = '', ...rest] = text.split('/');
  const path = rest.length > 0 || /^[#@\d]/.test(text) || text.includes('#') ? parsePathspec(text) : undefined;
  if (path) return path;
  if (!FLOW_NAME.test(flow)) return undefined;
  if (rest.length === 0) return { flow };
  const task = rest.join('/');
  return task === '' || task.startsWith('@') ? undefined : { flow, task };
}

export function matchesQuery({ entry, step }: Result, query: ResultQuery): boolean {
  const { flow, run, task, before } = query;
  if (flow !== undefined && entry.origin.flow !== flow) return false;
  if (run !== undefined && entry.origin.number !== run) return false;
  if (query.step !== undefined && step !== query.step) return false;
  if (task !== undefined && ![entry.task, entry.label, step].includes(task)) return false;
  return before === undefined || entry.at < before;
}
