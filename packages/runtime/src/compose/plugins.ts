import { fileURLToPath } from 'node:url';
import { type Kind, type Plugin, VarveError } from '@varve/core/contract';
import { checkPlugin, readSlots, type Settings, type Slots, type VarveConfig } from './config.ts';
import { importConfig } from './import-config.ts';
import { isPathLike, placeExport, type Setup } from './setup.ts';

/** The export of a module with default plugins: one function a kind, so that only what is needed is imported. */
export type Defaults = { readonly [K in Kind]?: () => Promise<Plugin<K>> };

/** The source of a stack's plugins. Given ones win over those of the config, and those over the defaults. */
export interface PluginSource {
  readonly setup: Setup;
  readonly given?: Slots;
}

/** The settings of a stack: its config file with the profile and `--store` laid over it, or the given slots. */
export function settingsOf({ setup, given }: PluginSource): Promise<Settings> {
  return given ? Promise.resolve(checkGiven(given)) : configured(setup);
}

/** The plugin of one kind; `undefined` for a kind that neither the settings nor the defaults provide. */
export async function choosePlugin<K extends Kind>(
  settings: Settings,
  setup: Pick<Setup, 'defaults'>,
  kind: K,
): Promise<Plugin<K> | undefined> {
  return (settings[kind] as Plugin<K> | undefined) ?? pluginByDefault(setup, kind);
}

/** The plugin that varve takes when the settings name none; `undefined` for a kind that has none. */
export async function pluginByDefault<K extends Kind>(
  setup: Pick<Setup, 'defaults'>,
  kind: K,
): Promise<Plugin<K> | undefined> {
  const defaults = ((await import(setup.defaults)) as { default: Defaults }).default;
  return (await defaults[kind]?.()) as Plugin<K> | undefined;
}

/** What has chosen a plugin; `store`: `--store` or `VARVE_STORE`. */
export type Origin = 'store' | 'profile' | 'config' | 'default';

/** Tells what has chosen the plugin of each kind, for a setup whose settings can be used. */
export async function originsOf(setup: Setup): Promise<(kind: Kind) => Origin> {
  const config = setup.configUrl === undefined ? {} : await importConfig(setup.configUrl, setup.configFile ?? '');
  const { profiles = {}, ...base } = config as VarveConfig;
  const overlay: Slots = setup.profile === undefined ? {} : (profiles[setup.profile] ?? {});
  return (kind) => {
    if (kind === 'datastore' && setup.storeUrl !== undefined) return 'store';
    if (Object.hasOwn(overlay, kind)) return overlay[kind] === undefined ? 'default' : 'profile';
    return base[kind] === undefined ? 'default' : 'config';
  };
}

/** Names of the profiles in the config of a project; none without a config. Throws `VARVE_CONFIG`. */
export async function profilesOf({ configUrl, configFile = 'varve.config.ts' }: Setup): Promise<readonly string[]> {
  if (configUrl === undefined) return [];
  const config = (await importConfig(configUrl, configFile)) as { readonly profiles?: object } | undefined;
  return Object.keys(config?.profiles ?? {});
}

/** An export of a package that is installed in the project. Throws `VARVE_PLUGIN_NOT_FOUND` and `VARVE_CONFIG`. */
export async function importFromProject(setup: Setup, specifier: string, name: string): Promise<unknown> {
  const url = placeExport(setup, specifier, name);
  try {
    return ((await import(url)) as { readonly default: unknown }).default;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_MODULE_NOT_FOUND' && message.includes(fileURLToPath(url))) {
      throw new VarveError('VARVE_PLUGIN_NOT_FOUND', `${specifier} is not installed in ${setup.projectRoot}`, {
        cause: error,
        hint: `Install it there: npm install ${specifier}`,
      });
    }
    throw new VarveError('VARVE_CONFIG', `${specifier} cannot be loaded: ${message}`, { cause: error });
  }
}

function checkGiven(given: Slots): Settings {
  const { slots, findings } = readSlots(given, undefined, 'createVarve()');
  if (findings.length > 0) throw new VarveError('VARVE_CONFIG', 'these parts cannot be used', { findings });
  return slots;
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
