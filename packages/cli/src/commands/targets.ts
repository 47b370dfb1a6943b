import { resolve } from 'node:path';
import { type History, type Pathspec, parsePathspec, type RunView } from '@varve/client';
import { type RunListing, VarveError } from '@varve/core/contract';
import { fileOfOrigin, type OpenHistory, type Setup, storedTarget, type Target } from '@varve/runtime';

/** Splits `flow.ts#Name` into file and flow. */
export function parseTarget(text: string): Target {
  const [, file, flow] = /^(.+)#([\p{ID_Start}_$][\p{ID_Continue}$]*)$/u.exec(text) ?? [];
  return file !== undefined && flow !== undefined ? { file, flow } : { file: text };
}

/** Reads a pathspec. Throws `VARVE_USAGE` with examples. */
export function readPathspec(text: string): Pathspec {
  const path = parsePathspec(text);
  if (path) return path;
  throw new VarveError('VARVE_USAGE', `'${text}' names no run`, {
    hint: 'Name one: Penguins/12, #12, @last, @last-ok, @prev, or a run id.',
  });
}

/** Finds a run without reading its journal. Throws `VARVE_USAGE` for a task. */
export async function findRun({ history }: OpenHistory, target: string): Promise<RunListing> {
  const path = readPathspec(target);
  if (path.task === undefined) return history.listing(path);
  throw new VarveError('VARVE_USAGE', `'${target}' names a task, not a run`, { hint: 'Name a run, e.g. Penguins/12.' });
}

export interface SourceOptions {
  /** Path of the flow's file, if it has moved. */
  readonly file?: string;
  /** `now` (default) or `stored`. */
  readonly code?: string;
}

/** Locates the flow of a past run: its file on disk, or the code stored with the run. Throws `VARVE_USAGE`. */
export async function targetOfRun(
  { flow, record }: RunView,
  history: History,
  setup: Setup,
  { file, code = 'now' }: SourceOptions,
): Promise<Target> {
  if (code === 'now') return { flow, ...parseTarget(file ?? resolve(setup.projectRoot, fileOfOrigin(record))) };
  if (code !== 'stored') throw new VarveError('VARVE_USAGE', `--code ${code}`, { hint: 'One of: now, stored.' });
  if (file === undefined) return storedTarget(history, record, setup);
  throw new VarveError('VARVE_USAGE', '--code stored and --file name two different sources', {
    hint: 'Leave one of them out.',
  });
}
