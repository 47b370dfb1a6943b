import { join } from 'node:path';
import type { Kind, SourceLocation } from '@varve/core/contract';
import { type Composition, choosePlugin, KINDS, type Origin, originsOf, patienceMs, type Setup } from '@varve/runtime';
import type { CommonOptions } from './options.ts';

/** Shown for kinds without a plugin in the config and in the default stack. */
const BUILT_IN: Readonly<Record<string, string>> = {
  metadata: 'in the datastore',
  index: 'none',
  hasher: 'sha256',
  runner: 'threads',
};

type Settings = Awaited<ReturnType<Composition['settings']>>;
type Env = Readonly<Record<string, string | undefined>>;

/** What has set a value. */
export interface SettingOrigin {
  readonly from: 'default' | 'config' | 'profile' | 'option' | 'variable';
  /** The profile, option or variable. */
  readonly name?: string;
  /** Absolute: the config, or the `.env` that has set a variable. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
}

/** One value that is in force. */
export interface SettingRow extends SettingOrigin {
  readonly setting: string;
  /** A plugin by its name; `null` for none. */
  readonly value: string | boolean | readonly string[] | null;
}

/** What the rows are made of. */
export interface SettingSources {
  readonly setup: Setup;
  readonly settings: Settings;
  readonly options: CommonOptions;
  readonly env: Env;
}

/** The plugins in force, by kind. */
export async function pluginRows(sources: SettingSources): Promise<SettingRow[]> {
  const { setup, settings } = sources;
  const originOf = await originsOf(setup);
  const row = async (kind: Kind): Promise<SettingRow> => {
    const plugin = await choosePlugin(settings, setup, kind);
    const value = plugin?.name ?? BUILT_IN[kind] ?? null;
    return { setting: kind, value, ...shownOrigin(originOf([kind]), sources) };
  };
  return Promise.all(KINDS.map(row));
}

/** Everything that is in force: plugins, settings of the config, and what the environment says. */
export async function settingRows(sources: SettingSources, compress: boolean): Promise<SettingRow[]> {
  const { setup, settings, env } = sources;
  const originOf = await originsOf(setup);
  const written = (path: string, value: SettingRow['value']): SettingRow => ({
    setting: path,
    value,
    ...shownOrigin(originOf(path.split('.')), sources),
  });
  const { cache = {}, inputs = {}, readers = [] } = settings;
  const [datastore, ...others] = await pluginRows(sources);
  const { setting: _, value: _value, ...storeOrigin } = datastore as SettingRow;
  return [
    datastore as SettingRow,
    // The plugin of the store decides it, whose call says so.
    { setting: 'datastore.compress', value: compress, ...(compress ? storeOrigin : { from: 'default' }) },
    ...others,
    written(
      'readers',
      readers.map(({ name }) => name),
    ),
    env.VARVE_CACHE
      ? { setting: 'cache.mode', value: env.VARVE_CACHE, ...byVariable('CACHE', setup) }
      : written('cache.mode', cache.mode ?? 'rw'),
    written('cache.maxAge', cache.maxAge === undefined ? null : String(cache.maxAge)),
    written('cache.purity', cache.purity ?? 'warn'),
    written('inputs.env.include', inputs.env?.include ?? []),
    written('inputs.env.exclude', inputs.env?.exclude ?? []),
    written('inputs.files.exclude', inputs.files?.exclude ?? []),
    ...outsideRows(sources),
  ];
}

/** What only the command line and the environment say. */
function outsideRows({ setup, options, env }: SettingSources): SettingRow[] {
  const patience = `${patienceMs(env) / 1000}s`;
  const from = (variable: string): SettingOrigin =>
    env[`VARVE_${variable}`] ? byVariable(variable, setup) : { from: 'default' };
  const profileFrom: SettingOrigin =
    options.profile === undefined ? from('PROFILE') : { from: 'option', name: '--profile' };
  return [
    { setting: 'profile', value: setup.profile ?? null, ...profileFrom },
    { setting: 'patience', value: patience, ...from('STORE_PATIENCE') },
    { setting: 'reporter', value: env.VARVE_REPORTER || 'auto', ...from('REPORTER') },
  ];
}

function shownOrigin({ by, location }: Origin, { setup, options }: SettingSources): SettingOrigin {
  const place = placeOf(setup, location);
  if (by === 'default') return { from: 'default' };
  if (by === 'config') return { from: 'config', ...place };
  if (by === 'profile')
    return { from: 'profile', ...(setup.profile !== undefined && { name: setup.profile }), ...place };
  return options.store === undefined ? byVariable('STORE', setup) : { from: 'option', name: '--store' };
}

function placeOf({ configFile }: Setup, location: SourceLocation | undefined): Pick<SettingOrigin, 'file' | 'line'> {
  return {
    ...(configFile !== undefined && { file: configFile }),
    ...(location !== undefined && { line: location.line }),
  };
}

/** `variable`: its name without `VARVE_`. */
function byVariable(variable: string, { fromEnvFile, projectRoot }: Setup): SettingOrigin {
  const name = `VARVE_${variable}`;
  const isFromFile = fromEnvFile?.includes(name) ?? false;
  return { from: 'variable', name, ...(isFromFile && { file: join(projectRoot, '.env') }) };
}

/** An origin in words. `nameOf`: how a file is shown. */
export function originText({ from, name, file, line }: SettingOrigin, nameOf = (path: string) => path): string {
  const place = file === undefined ? '' : `${nameOf(file)}${line === undefined ? '' : `:${line}`}`;
  if (from === 'default') return 'default';
  if (from === 'config') return place;
  if (from === 'profile') return `${place}, profile ${name}`;
  return `${from === 'option' ? name : `the variable ${name}`}${place === '' ? '' : ` in ${place}`}`;
}
