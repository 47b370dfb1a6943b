/** Keeps varve's artifacts and history in a bucket of Google Cloud Storage. */

import { resolve } from 'node:path';
import { definePlugin, type Plugin } from '@varve/core/contract';
import { checkOptions, type GcsStoreOptions } from './options.ts';

export type { GcsCredentials, GcsStorageClass, GcsStoreOptions } from './options.ts';

/**
 * Creates the plugin of a Datastore in a bucket: `gcsStore({ bucket: 'my-bucket', prefix: 'varve' })`. Opening it makes no
 * request and loads no SDK. Throws `VARVE_CONFIG`, with all mistakes, when it is opened with wrong options.
 */
export function gcsStore(options: GcsStoreOptions): Plugin<'datastore'> {
  return definePlugin<'datastore'>({
    name: 'store-gcs',
    provides: {
      datastore: async ({ projectRoot, clock }) => {
        const checked = checkOptions(options);
        const { keyFilename } = checked;
        const file = keyFilename === undefined ? {} : { keyFilename: resolve(projectRoot, keyFilename) };
        // Every command imports the config, and not every one opens the store.
        const { GcsDatastore } = await import('./datastore.ts');
        return new GcsDatastore({ ...checked, ...file, clock });
      },
    },
  });
}
