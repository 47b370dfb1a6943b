import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CopySide } from '@varve/client';
import { type Datastore, type Plugin, VarveError } from '@varve/core/contract';
import { Composition, findStack, importFromProject, profilesOf, type Setup } from '@varve/runtime';
import { DEFAULTS } from '../../default-stack-url.ts';
import { noProfile, readStoreName, type Scheme, type StoreName } from './store-name.ts';

/** A store by name, or the plugin that makes it. */
export type StoreSource = string | Plugin<'datastore'>;

/** An opened store. */
export interface OpenedStore extends CopySide {
  readonly store: Datastore;
  close(): Promise<void>;
}

export interface OpenStoreOptions {
  /** Folder to look for the project from, and that of relative folders. Default: the working directory. */
  readonly root?: string;
  readonly config?: string;
}

/** The config's own store, without a profile. */
const OWN = 'default';

/** What makes the store of a bucket. */
const BUCKETS: Readonly<Record<Scheme, { readonly from: string; readonly name: string }>> = {
  s3: { from: '@varve/store-s3', name: 's3Store' },
  gs: { from: '@varve/store-gcs', name: 'gcsStore' },
};

/**
 * Opens a store: of a profile of the config, of a folder, of a bucket, or a plugin. Throws `VARVE_USAGE` for a name that is
 * none of these, `VARVE_PLUGIN_NOT_FOUND`, `VARVE_COPY_METADATA`, and `VARVE_CONFIG`.
 */
export async function openStore(source: StoreSource, options: OpenStoreOptions): Promise<OpenedStore> {
  const root = options.root ?? process.cwd();
  const name = typeof source === 'string' ? readStoreName(source) : undefined;
  const found = await findStack(DEFAULTS, {
    from: root,
    ...(options.config !== undefined && { config: options.config }),
  });
  // What the environment chooses is for commands that name no store.
  const { profile: _, storeUrl: _url, storeName: _name, ...setup } = found.source.setup;
  await found.close();
  const stack = await stackOf(name ?? (source as Plugin<'datastore'>), setup, root);
  try {
    await refuseMetadata(stack, typeof source === 'string' ? source : 'The stack');
    const [store, hasher, alsoRead] = await Promise.all([
      stack.get('store'),
      stack.get('hasher'),
      stack.readers('hasher'),
    ]);
    return { store, hasher, alsoRead, close: () => stack.close() };
  } catch (error) {
    await stack.close().catch(() => {});
    throw error;
  }
}

async function stackOf(name: StoreName | Plugin<'datastore'>, setup: Setup, root: string): Promise<Composition> {
  if (!('kind' in name)) return stackWith(setup, name);
  if (name.kind === 'folder') return stackWith(setup, await folderStore(name.path, root));
  if (name.kind === 'bucket') return stackWith(setup, await bucketStore(name, setup));
  const profiles = await profilesOf(setup);
  if (profiles.includes(name.name)) return new Composition({ setup: { ...setup, profile: name.name } });
  if (name.name === OWN) return new Composition({ setup });
  throw noProfile(name.name, profiles);
}

/** A stack with another store: the hasher is that of the config, which names the bytes. */
async function stackWith(setup: Setup, datastore: Plugin<'datastore'>): Promise<Composition> {
  const own = new Composition({ setup });
  try {
    const { hasher, readers } = await own.settings();
    return new Composition({ setup, given: { datastore, ...(hasher && { hasher }), ...(readers && { readers }) } });
  } finally {
    await own.close();
  }
}

async function folderStore(path: string, root: string): Promise<Plugin<'datastore'>> {
  const folder = path.startsWith('file:') ? fileURLToPath(path) : resolve(root, path);
  const inside = join(folder, '.varve', 'store');
  if (existsSync(inside)) {
    throw new VarveError('VARVE_USAGE', `${folder} is the folder of a project, not of its store`, {
      hint: `Its store is ${inside}.`,
    });
  }
  const { fsStore } = await import('@varve/store-fs');
  return fsStore({ root: folder });
}

async function bucketStore(name: StoreName & { readonly kind: 'bucket' }, setup: Setup): Promise<Plugin<'datastore'>> {
  const { scheme, kind: _, ...options } = name;
  const plugin = BUCKETS[scheme];
  const make = (await importFromProject(setup, plugin.from, plugin.name)) as (o: typeof options) => Plugin<'datastore'>;
  return make(options);
}

async function refuseMetadata(stack: Composition, name: string): Promise<void> {
  const { metadata } = await stack.settings();
  if (metadata === undefined) return;
  throw new VarveError('VARVE_COPY_METADATA', `${name} records its runs with ${metadata.name}, not in its store.`, {
    hint: 'varve store copy knows only runs that the store itself records: copy its history with the tools of that service.',
  });
}
