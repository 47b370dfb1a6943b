/** Keeps varve's artifacts and history in a bucket of S3, or of a server that speaks its protocol. */

import { definePlugin, type Plugin } from '@varve/core/contract';
import { S3Datastore } from './datastore.ts';
import { readOptions, type S3StoreOptions } from './options.ts';
import { awsClient } from './requests/client.ts';

export type { S3ChecksumMode, S3Credentials, S3Encryption, S3StoreOptions } from './options.ts';
export { S3Failure, type S3Reason } from './requests/failure.ts';

/**
 * Creates the plugin of a Datastore in a bucket: `s3Store({ bucket: 'acme-varve', prefix: 'team' })`. Opening it sends nothing
 * and does not load the SDK; the first call does both. Options that cannot be used reject the first use of the store with
 * `VARVE_CONFIG`, all of them at once.
 */
export function s3Store(options: S3StoreOptions): Plugin<'datastore'> {
  return definePlugin<'datastore'>({
    name: 'store-s3',
    provides: {
      datastore: ({ clock }) => {
        const settings = readOptions(options, process.env);
        return new S3Datastore({ settings, clock, openClient: () => awsClient(settings) });
      },
    },
  });
}
