import { resolve } from 'node:path';
import {
  fileOfOrigin,
  type History,
  type RunView,
  type Setup,
  storedTarget,
  type Target,
  VarveError,
} from '@varve/core/app';
import { parseTarget } from '../default-stack-url.ts';

export interface SourceOptions {
  /** The flow's file, when it is not where it was. */
  readonly file?: string;
  /** `now` (default) or `stored`. */
  readonly code?: string;
}

/** The flow of a past run: as it is on disk now, or as the run has kept it. Throws `VARVE_USAGE`. */
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
