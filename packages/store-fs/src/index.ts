/** Keeps varve's artifacts and history in a local folder, one file for each object. */

import { resolve } from 'node:path';
import { definePlugin, type Plugin } from '@varve/core/contract';
import { type Durability, FsDatastore } from './datastore.ts';

export type { Durability } from './datastore.ts';

export interface FsStoreOptions {
  /** Folder of the store, relative to the root of the project. Created at the first write. */
  readonly root: string;
  /** Crashes that a finished put survives. Default: `process`. */
  readonly durability?: Durability;
  /** Large artifacts are kept compressed where that pays: for a folder on another machine. Default: false. */
  readonly compress?: boolean;
}

/** Creates the plugin of a Datastore in a local folder: `fsStore({ root: '.varve/store' })`. Opening it touches no file. */
export function fsStore(options: FsStoreOptions): Plugin<'datastore'> {
  return definePlugin<'datastore'>({
    name: 'store-fs',
    provides: {
      datastore: ({ projectRoot, clock }) =>
        new FsDatastore({
          root: resolve(projectRoot, options.root),
          durability: options.durability ?? 'process',
          compress: options.compress ?? false,
          now: () => clock.now(),
        }),
    },
  });
}
