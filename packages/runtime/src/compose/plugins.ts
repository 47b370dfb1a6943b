import { fileURLToPath } from 'node:url';
import { type Finding, type Kind, type Plugin, VarveError } from '@varve/core/contract';
import { checkParts } from './check-parts.ts';
import {
  findCopies,
  importedConfig,
  isRecord,
  readSettings,
  readSetup,
  type Settings,
  type Slots,
  unusable,
  withoutMistakes,
} from './config/index.ts';
import { placeExport, type Setup } from './setup.ts';

/** The export of a module with default plugins: one function a kind, so that only what is needed is imported. */
export type Defaults = { readonly [K in Kind]?: () => Promise<Plugin<K>> };

/** The source of a stack's plugins. Given ones win over those of the config, and those over the defaults. */
export interface PluginSource {
  readonly setup: Setup;
  readonly given?: Slots;
}

/**
 * The settings of a stack: its config file with the profile and `--store` laid over it, or the given slots. Throws
 * `VARVE_CONFIG` with all that is wrong, also with what shows only in the parts that can be made.
 */
export async function settingsOf({ setup, given }: PluginSource): Promise<Settings> {
  const { settings, findings } = given ? readGiven(given) : await readSetup(setup);
  if (findings.length === 0) return settings;
  const { findings: more } = await checkParts(settings, setup, given !== undefined);
  const what = given ? 'createVarve()' : (setup.configFile ?? 'the configuration');
  throw unusable(what, [...findings, ...more, ...findCopies(settings)]);
}

function readGiven(given: Slots): { readonly settings: Settings; readonly findings: readonly Finding[] } {
  const { settings, mistakes } = readSettings(given, undefined);
  const findings = mistakes.map(({ path: _, ...finding }) => ({
    ...finding,
    message: `createVarve(): ${finding.message}`,
  }));
  return { settings: withoutMistakes(settings, mistakes), findings };
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

/** Names of the profiles in the config of a project; none without a config. Throws `VARVE_CONFIG`. */
export async function profilesOf(setup: Setup): Promise<readonly string[]> {
  const config = await importedConfig(setup);
  const profiles = isRecord(config) ? config.profiles : undefined;
  return isRecord(profiles) ? Object.keys(profiles) : [];
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
