import { fileURLToPath } from 'node:url';
import { type Hasher, type Kind, type Kinds, type Plugin, type PluginContext, VarveError } from '@varve/core/contract';
import { makePart, sha256Hasher, systemClock } from '@varve/core/internal';

import { type CacheConfig, checkPlugin, readSlots, type Settings } from './config.ts';

import { isPathLike, type Setup } from './setup.ts';

/** What a module with default plugins exports: one function a kind, so that only what is needed is imported. */
export type Defaults = { readonly [K in Kind]?: () => Promise<Plugin<K>> };

/** Parts of a setup, opened in this thread. */
export interface OpenParts<K extends Kind> {
  readonly parts: Pick<Kinds, K>;
  readonly context: PluginContext;
  close(): Promise<void>;
}

/** Opens the parts of these kinds. Throws one `VarveError` with everything that is wrong with the configuration. */
export async function openParts<K extends Kind>(setup: Setup, kinds: readonly K[]): Promise<OpenParts<K>> {
  const { plugins } = await choosePlugins(setup, kinds);
  const context = contextOf(setup);
  const { PartContainer } = await import('./container.ts');
  const container = new PartContainer();
  for (const [kind, plugin] of plugins) await container.add(kind, plugin as Plugin<Kind>, context);
  const parts = Object.fromEntries([...plugins.keys()].map((kind) => [kind, container.get(kind)]));
  return { parts: parts as unknown as Pick<Kinds, K>, context, close: () => container.close() };
}

/** Opens one part on its own, for a thread that needs no more. */
export async function openPart<K extends Kind>(setup: Setup, kind: K): Promise<Kinds[K]> {
  const plugin = (await choosePlugins(setup, [kind])).plugins.get(kind) as Plugin<K> | undefined;
  if (!plugin)
    throw new VarveError('VARVE_CONFIG', `no plugin provides a ${kind}`, { hint: `Set ${kind} in varve.config.ts.` });
  return makePart(kind, plugin, contextOf(setup));
}

/** The configured hasher, or SHA-256. */
export async function openHasher(setup: Setup): Promise<Hasher> {
  const { plugins } = await choosePlugins(setup, ['hasher']);
  const plugin = plugins.get('hasher');
  return plugin ? makePart('hasher', plugin, contextOf(setup)) : sha256Hasher;
}

/** Which plugin serves each kind; kinds that nobody provides are left out. */
export async function choosePlugins<K extends Kind>(
  setup: Setup,
  kinds: readonly K[],
): Promise<{ readonly plugins: Map<K, Plugin<K>> /** What the config names. */; readonly slots: Settings }> {
  const slots = await configured(setup);
  const defaults = ((await import(setup.defaults)) as { default: Defaults }).default;
  const chosen = new Map<K, Plugin<K>>();
  for (const kind of kinds) {
    const plugin = slots[kind] ?? (await defaults[kind]?.());
    if (plugin) chosen.set(kind, plugin as unknown as Plugin<K>);
  }
  return { plugins: chosen, slots };
}

/** What the config says of the cache. */
export async function cacheConfigOf(setup: Setup): Promise<CacheConfig> {
  return (await configured(setup)).cache ?? {};
}

async function configured(setup: Setup): Promise<Settings> {
  const file = setup.configFile ?? 'varve.config.ts';
  const config = setup.configUrl === undefined ? {} : await importConfig(setup.configUrl, file);
  const { slots, findings } = readSlots(config, setup.profile, file);
  const store = setup.storeUrl === undefined ? undefined : await importStore(setup.storeUrl, setup.storeName ?? '');
  const all =
    store === undefined ? findings : [...findings, ...checkPlugin('datastore', store, `--store ${setup.storeName}`)];
  if (all.length > 0) throw new VarveError('VARVE_CONFIG', 'the configuration cannot be used', { findings: all });
  if (store === undefined) return slots;
  const { metadata: _, ...without } = slots;
  return { ...(setup.scratch ? without : slots), datastore: store as Plugin<'datastore'> };
}

async function importConfig(url: string, file: string): Promise<unknown> {
  try {
    return ((await import(url)) as { default?: unknown }).default;
  } catch (error) {
    const line = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new VarveError('VARVE_CONFIG', `${file} threw while it was loaded: ${line}`, {
      cause: error,
      hint: 'Mend the file, or leave it out with another --config.',
    });
  }
}

async function importStore(url: string, name: string): Promise<unknown> {
  const made = await import(url).then(
    (module: { default?: unknown }) => module.default,
    (error: unknown) => {
      throw storeLoadError(error, url, name);
    },
  );
  if (typeof made === 'function') return made();
  throw new VarveError('VARVE_CONFIG', `--store ${name}: the default export is not a function that makes a plugin`, {
    hint: 'Export it as: export default (options) => definePlugin({ … })',
  });
}

/** Either the store is not there, or it is and cannot be loaded, perhaps because of something it imports itself. */
function storeLoadError(error: unknown, url: string, name: string): VarveError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ERR_MODULE_NOT_FOUND' && message.includes(fileURLToPath(url))) {
    const isPath = isPathLike(name);
    return new VarveError(
      'VARVE_PLUGIN_NOT_FOUND',
      `--store ${name}: there is no such ${isPath ? 'file' : 'package'}`,
      {
        cause: error,
        hint: isPath
          ? 'A relative path is meant from the folder of varve.config.ts, or of the nearest package.json.'
          : `Install it in the project: npm install ${name}`,
      },
    );
  }
  return new VarveError('VARVE_CONFIG', `--store ${name} cannot be loaded: ${message}`, {
    cause: error,
    hint: 'It has to be JavaScript with a default export. In varve.config.ts a store may also be TypeScript.',
  });
}

function contextOf(setup: Setup): PluginContext {
  return { logger: stderrLogger, clock: systemClock, projectRoot: setup.projectRoot, stateDir: setup.stateDir };
}

const stderrLogger = {
  debug: () => {},
  info: () => {},
  warn: (message: string) => void process.stderr.write(`warning: ${message}\n`),
  error: (message: string) => void process.stderr.write(`error: ${message}\n`),
};
