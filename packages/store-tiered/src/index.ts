/** A varve plugin that keeps local copies of the large artifacts of another store. */

import { definePlugin, type Plugin, type PluginContext } from '@varve/core/contract';
import { BlobKeys } from './blob.ts';
import type { Copies } from './copies.ts';
import { Faults } from './faults.ts';
import { FolderCopies } from './folder-copies.ts';
import { folderOf, openStore, parseSize, type TieredOptions } from './options.ts';
import { StoreCopies } from './store-copies.ts';
import { TieredDatastore } from './tiered-datastore.ts';

export type { StorePart, TieredOptions } from './options.ts';

/**
 * Reads through, and writes through, copies on the local disk: what was read or written once is not fetched again.
 * `tiered({ local: '.varve/blobs', remote: s3Store({ … }) })`.
 */
export function tiered(options: TieredOptions): Plugin<'datastore'> {
  return definePlugin({ name: 'store-tiered', provides: { datastore: (context) => open(options, context) } });
}

async function open(options: TieredOptions, context: PluginContext): Promise<TieredDatastore> {
  const maxBytes = parseSize(options.maxBytes ?? '10GB');
  const stored = await openStore('remote', options.remote, context);
  // Copies are of the artifacts, not of the form in which the remote store keeps them.
  const remote = context.plain?.(stored) ?? stored;
  const { copies, faults } = await openCopies(options.local, maxBytes, remote.name, context).catch(
    async (error: unknown) => {
      await remote.close?.();
      throw error;
    },
  );
  // A stack whose hasher needs the store to be made cannot have it for its copies: then only SHA-256 is copied.
  const hasher = await context.get('hasher').catch(() => undefined);
  return new TieredDatastore(remote, copies, new BlobKeys(hasher), faults);
}

async function openCopies(
  local: TieredOptions['local'],
  maxBytes: number,
  remote: string,
  context: PluginContext,
): Promise<{ readonly copies: Copies; readonly faults: Faults }> {
  if (typeof local === 'string') {
    const root = folderOf(local, context.projectRoot);
    const faults = new Faults(context.logger, root, remote);
    return { copies: new FolderCopies({ root, maxBytes, faults }), faults };
  }
  const store = await openStore('local', local, context);
  const faults = new Faults(context.logger, store.name, remote);
  return { copies: new StoreCopies({ store, maxBytes, faults }), faults };
}
