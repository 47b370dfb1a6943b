import { resolve } from 'node:path';
import { definePlugin, type Plugin } from '@varve/core/contract';
import { FsDatastore } from './datastore.ts';
import type { Durability } from './options.ts';

export type { Durability } from './options.ts';

export interface FsStoreOptions {
  /** Folder of the store; a relative one is meant from the project's root. Created at the first write. */
  readonly root: string;
  /** What a finished put survives; `process` unless given. */
  readonly durability?: Durability;
}

/** A Datastore in a local folder: `fsStore({ root: '.varve/store' })`. Opening it touches no file. */
export function fsStore(options: FsStoreOptions): Plugin<'datastore'> {
  return definePlugin<'datastore'>({
    name: 'store-fs',
    provides: {
      datastore: ({ projectRoot, clock }) =>
        new FsDatastore({
          root: resolve(projectRoot, options.root),
          durability: options.durability ?? 'process',
          now: () => clock.now(),
        }),
    },
  });
}
