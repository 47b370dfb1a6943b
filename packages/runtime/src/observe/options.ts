import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OutsideInputs } from '@varve/core/internal';
import type { Setup } from '../compose/setup.ts';
import { isInstalled } from './load/packages/installed.ts';

/** The settings of the observers, plain data: they travel to workers. */
export interface ObserveOptions extends OutsideInputs {
  /** Real path of the project. Names of files inside it are relative to it, so that the same project elsewhere has the same. */
  readonly root: string;
  /** The folder of varve's own state in the project, absolute. Left out: nothing is kept there. */
  readonly stateDir?: string;
  /** Folders of varve's own, absolute, that one included. What happens in them counts for nothing. */
  readonly own: readonly string[];
}

/** Where the index of files of code is kept between processes. */
export function indexFile({ stateDir }: Pick<ObserveOptions, 'stateDir'>): string | undefined {
  return stateDir && join(stateDir, 'cache', 'modules.json');
}

/**
 * Folders of those packages of varve that lie in no `node_modules`, as in varve's own repository. Files below a
 * `node_modules` are told to be varve's by the name of their package.
 */
function linkedFolders({ defaults }: Pick<Setup, 'defaults'>): string[] {
  const { resolve } = createRequire(import.meta.url);
  const files = [
    fileURLToPath(defaults),
    fileURLToPath(import.meta.url),
    resolve('@varve/core'),
    resolve('@varve/client'),
  ];
  return files.filter((file) => !isInstalled(file)).map((file) => dirname(dirname(file)));
}

/** The settings of the observers in a project. */
export function observeOptions(setup: Setup): ObserveOptions {
  const { projectRoot, stateDir, inputs } = setup;
  return { root: realpathSync(projectRoot), stateDir, own: [stateDir, ...linkedFolders(setup)], ...inputs };
}
