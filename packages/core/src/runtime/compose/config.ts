import { CONTRACT, type Finding, isPlugin, type Kind, type Plugin } from '../../contract/index.ts';
import { suggest } from '../../flow/authoring/suggest.ts';
import { type CacheConfig, checkCacheConfig } from './cache-settings.ts';

/** One plugin a kind. What is left out is varve's own default. */
export interface Slots {
  /** Where bytes live. */
  readonly datastore?: Plugin<'datastore'>;
  /** Where run history lives. Left out: in the datastore. */
  readonly metadata?: Plugin<'metadata'>;
  /** How values become bytes. */
  readonly serializer?: Plugin<'serializer'>;
  /** How bytes are named. Left out: SHA-256. */
  readonly hasher?: Plugin<'hasher'>;
  /** Where tasks run. Left out: worker threads. */
  readonly runner?: Plugin<'runner'>;
  /** What compiles a flow's file. */
  readonly loader?: Plugin<'loader'>;
  /** What hashes a step's code. */
  readonly fingerprinter?: Plugin<'fingerprinter'>;
}

/** What a config, or a profile of it, may set. */
export interface Settings extends Slots {
  /** How results of earlier runs are used. */
  readonly cache?: CacheConfig;
}

/** The default export of `varve.config.ts`. */
export interface VarveConfig extends Settings {
  /** Overlays by name, chosen with `--profile` or `VARVE_PROFILE`. */
  readonly profiles?: Readonly<Record<string, Settings>>;
}

/** Types the config; changes nothing. */
export function defineConfig(config: VarveConfig): VarveConfig {
  return config;
}

export const KINDS = Object.keys(CONTRACT) as Kind[];

/** The slots of a config with its profile laid over them, and everything that is wrong with it. */
export function readSlots(
  config: unknown,
  profile: string | undefined,
  file: string,
): { readonly slots: Settings; readonly findings: Finding[] } {
  if (typeof config !== 'object' || config === null) {
    return {
      slots: {},
      findings: [finding(file, 'the default export is not a config', 'Write: export default defineConfig({ … })')],
    };
  }
  const { profiles, ...base } = config as VarveConfig;
  const overlay = profile === undefined ? {} : profiles?.[profile];
  const findings = [
    ...checkSlots(base, file),
    ...Object.entries(profiles ?? {}).flatMap(([name, slots]) => checkSlots(slots, `${file}, profile ${name}`)),
  ];
  if (profile !== undefined && overlay === undefined) {
    const known = Object.keys(profiles ?? {}).join(', ') || 'none';
    findings.push(finding(file, `there is no profile '${profile}'`, `Profiles in this file: ${known}`));
  }
  return { slots: { ...base, ...overlay }, findings };
}

function checkSlots(slots: object, file: string): Finding[] {
  return Object.entries(slots).flatMap(([name, value]) => {
    if (name === 'cache') return checkCacheConfig(value).map((message) => finding(file, ...message));
    if (!KINDS.includes(name as Kind))
      return [finding(file, `'${name}' is not a setting`, suggest(name, [...KINDS, 'cache', 'profiles'], 'settings'))];
    return value === undefined ? [] : checkPlugin(name as Kind, value, file);
  });
}

/** Whether this value can serve in this slot. */
export function checkPlugin(kind: Kind, value: unknown, file: string): Finding[] {
  if (typeof value === 'function') {
    return [
      finding(
        file,
        `${kind} is a function, not a plugin`,
        `Did you forget to call it, as in ${value.name || 'store'}()?`,
      ),
    ];
  }
  if (!isPlugin(value))
    return [finding(file, `${kind} is not a plugin`, 'Plugins are made with definePlugin from @varve/core/contract.')];
  if (typeof value.provides[kind] !== 'function') {
    const offers = Object.keys(value.provides).join(', ') || 'nothing';
    return [finding(file, `${kind}: plugin ${value.name} does not provide a ${kind}`, `It provides: ${offers}.`)];
  }
  const theirs = value.contract[kind];
  if (theirs === CONTRACT[kind]) return [];
  return [
    finding(
      file,
      `${kind}: plugin ${value.name} was built for version ${theirs} of the ${kind} contract, this varve has version ${CONTRACT[kind]}`,
      theirs > CONTRACT[kind] ? 'Update varve.' : `Update ${value.name}.`,
    ),
  ];
}

function finding(file: string, message: string, hint: string): Finding {
  return { code: 'VARVE_CONFIG', message: `${file}: ${message}`, hint };
}
