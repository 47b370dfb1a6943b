import { isPlugin, type Kind, type VarveError } from '@varve/core/contract';
import { CACHE_MODES, checkOutsideInputs, PURITIES, parseDuration, suggest } from '@varve/core/internal';
import { checkPlugin } from './check-plugin.ts';
import { describeValue, isClass, isRecord, type Mistake, type Place } from './mistake.ts';
import { KINDS, type Settings, type VarveConfig } from './settings.ts';

const SETTINGS: readonly string[] = [...KINDS, 'readers', 'cache', 'inputs'];
const CACHE_SETTINGS = ['mode', 'maxAge', 'purity'];
const UNKNOWN = 'VARVE_UNKNOWN_SETTING';
const VALUE = 'VARVE_SETTING_VALUE';

/** The settings of a config with its profile laid over them, and everything that is wrong with it. */
export interface ReadSettings {
  /** Holds what is wrong too. */
  readonly settings: Settings;
  readonly mistakes: readonly Mistake[];
}

/** Reads the default export of a config. */
export function readSettings(config: unknown, profile: string | undefined): ReadSettings {
  if (!isRecord(config) || isPlugin(config)) {
    const message = `the default export is not a config: it is ${isPlugin(config) ? `the plugin ${config.name}` : describeValue(config)}`;
    return { settings: {}, mistakes: [{ code: VALUE, message, hint: wayToConfig(config), path: [] }] };
  }
  const { profiles, ...base } = config as VarveConfig;
  const overlays = isRecord(profiles) ? profiles : {};
  const overlay = profile !== undefined && Object.hasOwn(overlays, profile) ? overlays[profile] : undefined;
  const mistakes = [
    ...checkSettings(base, [], [...SETTINGS, 'profiles']),
    ...checkProfiles(profiles),
    ...(profile !== undefined && overlay === undefined ? [noProfile(profile, Object.keys(overlays))] : []),
  ];
  const settings = isRecord(overlay) ? lay(base, overlay) : base;
  return { settings, mistakes: [...mistakes, ...checkTogether(settings)] };
}

/** An index is compared with the records in the datastore, and a metadata plugin keeps them elsewhere. */
function checkTogether({ metadata, index }: Settings): Mistake[] {
  if (metadata === undefined || index === undefined) return [];
  const message = 'index is of the runs in the datastore, and metadata keeps them elsewhere';
  const hint = 'Leave one of them out; a profile takes one away with index: undefined.';
  return [{ code: VALUE, message, hint, path: ['index'] }];
}

/** Settings with others laid over them; those of `cache` and `inputs` one by one. */
export function lay(base: Settings, overlay: Settings): Settings {
  const { cache, inputs } = overlay;
  return {
    ...base,
    ...overlay,
    ...(isRecord(cache) && { cache: { ...base.cache, ...cache } }),
    ...(isRecord(inputs) && {
      inputs: {
        ...base.inputs,
        ...inputs,
        ...(isRecord(inputs.env) && { env: { ...base.inputs?.env, ...inputs.env } }),
        ...(isRecord(inputs.files) && { files: { ...base.inputs?.files, ...inputs.files } }),
      },
    }),
  };
}

function wayToConfig(value: unknown): string {
  if (isPlugin(value)) return 'Write it under its kind: export default defineConfig({ datastore: … })';
  if (typeof value === 'function' && !isClass(value))
    return 'varve does not call it. Write: export default defineConfig({ … })';
  return 'Write: export default defineConfig({ … })';
}

function checkProfiles(profiles: unknown): Mistake[] {
  if (profiles === undefined) return [];
  if (!isRecord(profiles)) {
    const hint = 'Write profiles: { ci: { datastore: … } }.';
    return [{ code: VALUE, message: `profiles is ${describeValue(profiles)}`, hint, path: ['profiles'] }];
  }
  return Object.entries(profiles).flatMap(([name, settings]) => {
    const path = ['profiles', name];
    if (isRecord(settings) && !isPlugin(settings)) return checkSettings(settings, path, SETTINGS);
    const hint = `Write ${name}: { datastore: … }, or {} for a profile that changes nothing.`;
    return [{ code: VALUE, message: `profile ${name} is ${describeValue(settings)}, not settings`, hint, path }];
  });
}

function noProfile(profile: string, known: readonly string[]): Mistake {
  const near = suggest(profile, known, 'profiles');
  const list = `Profiles in this file: ${known.join(', ') || 'none'}`;
  return {
    code: 'VARVE_UNKNOWN_PROFILE',
    message: `there is no profile '${profile}'`,
    hint: near.startsWith('Did') ? `${near} ${list}` : list,
    path: ['profiles'],
  };
}

function checkSettings(settings: object, path: readonly string[], known: readonly string[]): Mistake[] {
  const prefix = path.length === 0 ? '' : `profile ${path[1]}: `;
  return Object.entries(settings).flatMap(([name, value]): Mistake[] => {
    const place = { path: [...path, name], name: `${prefix}${name}` };
    if (!known.includes(name)) return [unknownSetting(place, name, prefix, known)];
    if (value === undefined) return [];
    if (name === 'cache') return checkCache(value, place, prefix);
    if (name === 'inputs') return checkInputs(value, place, prefix);
    if (name === 'readers') return checkReaders(value, place);
    return checkPlugin(name as Kind, value, place);
  });
}

function unknownSetting({ path }: Place, name: string, prefix: string, known: readonly string[]): Mistake {
  const hint =
    name === 'profiles' || name === 'extends'
      ? 'A profile is laid over the settings of the file, and over no other profile.'
      : suggest(name, known, 'settings');
  return { code: UNKNOWN, message: `${prefix}'${name}' is not a setting`, hint, path };
}

function checkReaders(value: unknown, place: Place): Mistake[] {
  const hint = 'Write readers: [msgpack(), blake3()].';
  if (!Array.isArray(value))
    return [
      { code: VALUE, message: `${place.name} is not a list: it is ${describeValue(value)}`, hint, path: place.path },
    ];
  return value.flatMap((one: unknown, at) => {
    const kind = isPlugin(one) && 'hasher' in (one.provides ?? {}) ? 'hasher' : 'serializer';
    return checkPlugin(kind, one, { path: [...place.path, String(at)], name: `${place.name}[${at}]` });
  });
}

function checkInputs(value: unknown, { path }: Place, prefix: string): Mistake[] {
  return checkOutsideInputs(value).map(([message, hint]) => {
    const [, inner = ''] = /inputs\.([\w.]+)/.exec(message) ?? [];
    const code = message.endsWith('is not a setting') ? UNKNOWN : VALUE;
    return { code, message: `${prefix}${message}`, hint, path: [...path, ...inner.split('.').filter(Boolean)] };
  });
}

function checkCache(value: unknown, { path }: Place, prefix: string): Mistake[] {
  const name = `${prefix}cache`;
  if (!isRecord(value)) {
    const hint = "Write cache: { mode: 'rw' }.";
    return [{ code: VALUE, message: `${name} is no object: it is ${describeValue(value)}`, hint, path }];
  }
  return Object.entries(value).flatMap(([key, setting]): Mistake[] => {
    const at = [...path, key];
    if (!CACHE_SETTINGS.includes(key)) {
      const hint = suggest(key, CACHE_SETTINGS, 'settings of cache');
      return [{ code: UNKNOWN, message: `${prefix}'cache.${key}' is not a setting`, hint, path: at }];
    }
    const hint = setting === undefined ? undefined : wayToCacheValue(key, setting);
    if (hint === undefined) return [];
    const shown = typeof setting === 'string' ? `'${setting}'` : describeValue(setting);
    return [{ code: VALUE, message: `${name}.${key} is ${shown}`, hint, path: at }];
  });
}

/** What to write instead; `undefined` for a value that is right. */
function wayToCacheValue(key: string, value: unknown): string | undefined {
  if (key === 'maxAge') return faultOfDuration(value);
  const choices: readonly unknown[] = key === 'mode' ? CACHE_MODES : PURITIES;
  if (choices.includes(value)) return undefined;
  const near = typeof value === 'string' ? suggest(value, choices as string[], 'choices') : '';
  return `${near.startsWith('Did') ? `${near} ` : ''}One of: ${choices.join(', ')}.`;
}

function faultOfDuration(value: unknown): string | undefined {
  try {
    parseDuration(value as string);
    return undefined;
  } catch (error) {
    return (error as VarveError).hint ?? "Write '2d', '12h' or '30m'.";
  }
}
