import { type CacheEntry, pathOf, taskKey } from '@varve/core/internal';

import { type Pathspec, parsePathspec } from '../runs/pathspec.ts';

/** A result as it is kept, with where it is kept. */
export interface Result {
  /** Hex; no other result has it. */
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

/** Bytes of everything a result holds. */
export function sizeOfResult({ entry }: Result): number {
  return Object.values(entry.writes).reduce((sum, { size }) => sum + size, entry.log?.size ?? 0);
}

/** Which results somebody means, as it was written. */
export type ResultSelector = Omit<ResultQuery, 'run' | 'before'> & { readonly run?: Pathspec['run'] };

/** Which results somebody means. What is left out does not matter. */
export interface ResultQuery {
  readonly flow?: string;
  /** Number of the run that made them. */
  readonly run?: number;
  readonly step?: string;
  /** `train[2]`, `train[knn]`, or a step. */
  readonly task?: string;
  /** Only those published before, ms since the Unix epoch. */
  readonly before?: number;
}

/** What a class can be called. */
const FLOW_NAME = /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u;

/** Reads `Penguins`, `Penguins/train`, `Penguins/train[knn]`, `Penguins/12`, `Penguins/12/train[2]`, `@last/train`. */
export function parseResultSelector(text: string): ResultSelector | undefined {
  const [flow = '', ...rest] = text.split('/');
  const path = rest.length > 0 || /^[#@\d]/.test(text) || text.includes('#') ? parsePathspec(text) : undefined;
  if (path) return path;
  if (!FLOW_NAME.test(flow)) return undefined;
  if (rest.length === 0) return { flow };
  const task = rest.join('/');
  return task === '' || task.startsWith('@') ? undefined : { flow, task };
}

export function isMeant({ entry, step }: Result, query: ResultQuery): boolean {
  const { flow, run, task, before } = query;
  if (flow !== undefined && entry.origin.flow !== flow) return false;
  if (run !== undefined && entry.origin.number !== run) return false;
  if (query.step !== undefined && step !== query.step) return false;
  if (task !== undefined && ![entry.task, entry.label, step].includes(task)) return false;
  return before === undefined || entry.at < before;
}
