import { readFileSync } from 'node:fs';
import { type Finding, type Plugin, VarveError } from '@varve/core/contract';
import type { Setup } from '../setup.ts';
import { checkPlugin } from './check-plugin.ts';
import { importConfig } from './import-config.ts';
import { importStore } from './import-store.ts';
import { type Locate, locateSettings } from './locate.ts';
import type { Mistake } from './mistake.ts';
import { readSettings } from './read-settings.ts';
import type { Settings } from './settings.ts';

/** The settings of a setup, and everything that is wrong with them, each with its line. */
export interface SetupSettings {
  /** Only what can be used. */
  readonly settings: Settings;
  readonly findings: readonly Finding[];
}

/** Reads the config of a setup, lays its profile over it, and then the store that was named beside it. */
export async function readSetup(setup: Setup): Promise<SetupSettings> {
  const { settings, mistakes } = readSettings(await importedConfig(setup), setup.profile);
  const { plugin, findings } = await readStore(setup, mistakes.length > 0);
  const locate = mistakes.length === 0 ? () => undefined : await locateIn(setup);
  return {
    settings: withStore(withoutMistakes(settings, mistakes, setup.profile), plugin, setup),
    findings: [...mistakes.map((mistake) => withPlace(mistake, locate)), ...findings],
  };
}

/** Finds lines in the config of a setup. */
export async function locateIn({ configFile }: Setup): Promise<Locate> {
  if (configFile === undefined) return () => undefined;
  try {
    return await locateSettings(configFile, readFileSync(configFile, 'utf8'));
  } catch {
    return () => undefined;
  }
}

/** The default export of the config as it is; `{}` without one. */
export function importedConfig({ configUrl, configFile }: Setup): Promise<unknown> {
  return configUrl === undefined ? Promise.resolve({}) : importConfig(configUrl, configFile ?? 'varve.config.ts');
}

/** The error of settings that cannot be used. `what`: the file, or the call. */
export function unusable(what: string, findings: readonly Finding[]): VarveError {
  const count = findings.length === 1 ? '' : `: ${findings.length} findings`;
  return new VarveError('VARVE_CONFIG', `${what} cannot be used${count}`, { findings });
}

function withPlace({ path, ...finding }: Mistake, locate: Locate): Finding {
  const location = path.length === 0 ? undefined : locate(path);
  return location === undefined ? finding : { ...finding, location };
}

/** What can be used of settings. */
export function withoutMistakes(settings: Settings, mistakes: readonly Mistake[], profile?: string): Settings {
  const wrong = mistakes.flatMap(({ path }) => {
    if (path[0] !== 'profiles') return path.slice(0, 1);
    return path[1] === profile ? path.slice(2, 3) : [];
  });
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !wrong.includes(name)));
}

interface NamedStore {
  readonly plugin?: Plugin<'datastore'>;
  readonly findings: readonly Finding[];
}

/** The plugin of `--store`. What is wrong with its module is thrown, or a finding beside others. */
async function readStore({ storeUrl, storeName = '' }: Setup, isBesideOthers: boolean): Promise<NamedStore> {
  if (storeUrl === undefined) return { findings: [] };
  try {
    const plugin = await importStore(storeUrl, storeName);
    const mistakes = checkPlugin('datastore', plugin, { path: [], name: `--store ${storeName}` });
    if (mistakes.length > 0) return { findings: mistakes.map(({ path: _, ...finding }) => finding) };
    return { plugin: plugin as Plugin<'datastore'>, findings: [] };
  } catch (error) {
    if (!isBesideOthers || !VarveError.is(error)) throw error;
    const { code, message, hint } = error;
    return { findings: [{ code, message, ...(hint !== undefined && { hint }) }] };
  }
}

function withStore(settings: Settings, datastore: Plugin<'datastore'> | undefined, { scratch }: Setup): Settings {
  if (datastore === undefined) return settings;
  // An index is of the runs in the datastore that the config names.
  const { metadata, index: _, ...without } = settings;
  return { ...without, ...(!scratch && metadata && { metadata }), datastore };
}
