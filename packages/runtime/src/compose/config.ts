import type { Duration } from '@varve/core';
import { CONTRACT, type Finding, isPlugin, type Kind, type Plugin, VarveError } from '@varve/core/contract';
import {
  CACHE_MODES,
  type CacheMode,
  type CacheSettings,
  checkOutsideInputs,
  type Force,
  type Graph,
  type OutsideInputs,
  PURITIES,
  type Purity,
  parseDuration,
  parseForce,
  suggest,
} from '@varve/core/internal';

/** One plugin a kind. What is left out is varve's own default. */
export interface Slots {
  /** Keeps bytes. Left out: the folder `.varve/store`. */
  readonly datastore?: Plugin<'datastore'>;
  /** Keeps the history of runs. Left out: the datastore does. */
  readonly metadata?: Plugin<'metadata'>;
  /** Lists the runs in the datastore, where there are very many: `varve index`. Left out: the datastore does. */
  readonly index?: Plugin<'index'>;
  /** Turns values into bytes and back. */
  readonly serializer?: Plugin<'serializer'>;
  /** Names bytes by their content. Left out: SHA-256. */
  readonly hasher?: Plugin<'hasher'>;
  /** Runs tasks. Left out: worker threads. */
  readonly runner?: Plugin<'runner'>;
  /** Compiles a flow's file. */
  readonly loader?: Plugin<'loader'>;
  /** Hashes a step's code. */
  readonly fingerprinter?: Plugin<'fingerprinter'>;
  /**
   * Serializers and hashers that only read: what earlier configs have written stays readable. Varve's own are always among
   * them.
   */
  readonly readers?: readonly (Plugin<'serializer'> | Plugin<'hasher'>)[];
}

/** The settings of a config, or of a profile in it. */
export interface Settings extends Slots {
  /** Use of results of earlier runs. */
  readonly cache?: CacheConfig;
  /** What counts as an input of steps outside of the run. */
  readonly inputs?: OutsideInputs;
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
const SETTINGS = [...KINDS, 'readers', 'cache', 'inputs', 'profiles'];

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
  const slots: Settings = { ...base, ...overlay };
  return { slots, findings: [...findings, ...checkTogether(slots, file)] };
}

/** An index is compared with the records in the datastore, and a metadata plugin keeps them elsewhere. */
function checkTogether({ metadata, index }: Settings, file: string): Finding[] {
  if (metadata === undefined || index === undefined) return [];
  const mend = 'Leave one of them out; a profile takes one away with index: undefined.';
  return [finding(file, 'index is of the runs in the datastore, and metadata keeps them elsewhere', mend)];
}

function checkSlots(slots: object, file: string): Finding[] {
  return Object.entries(slots).flatMap(([name, value]) => {
    if (name === 'cache') return checkCacheConfig(value).map((message) => finding(file, ...message));
    if (name === 'inputs' && value !== undefined)
      return checkOutsideInputs(value).map((message) => finding(file, ...message));
    if (name === 'readers') return checkReaders(value, file);
    if (!KINDS.includes(name as Kind))
      return [finding(file, `'${name}' is not a setting`, suggest(name, SETTINGS, 'settings'))];
    return value === undefined ? [] : checkPlugin(name as Kind, value, file);
  });
}

function checkReaders(value: unknown, file: string): Finding[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return [finding(file, 'readers is not a list', 'Write readers: [msgpack(), blake3()].')];
  return value.flatMap((one: unknown, at) => {
    const kind = isPlugin(one) && 'hasher' in one.provides ? 'hasher' : 'serializer';
    return checkPlugin(kind, one, file, `readers[${at}]`);
  });
}

/** The findings against a value in this slot; none when it can serve. */
export function checkPlugin(kind: Kind, value: unknown, file: string, slot: string = kind): Finding[] {
  if (typeof value === 'function') {
    return [
      finding(
        file,
        `${slot} is a function, not a plugin`,
        `Did you forget to call it, as in ${value.name || 'store'}()?`,
      ),
    ];
  }
  if (!isPlugin(value))
    return [finding(file, `${slot} is not a plugin`, 'Plugins are made with definePlugin from @varve/core/contract.')];
  if (typeof value.provides[kind] !== 'function') {
    const offers = Object.keys(value.provides).join(', ') || 'nothing';
    return [finding(file, `${slot}: plugin ${value.name} does not provide a ${kind}`, `It provides: ${offers}.`)];
  }
  const theirs = value.contract[kind];
  if (theirs === CONTRACT[kind]) return [];
  return [
    finding(
      file,
      `${slot}: plugin ${value.name} was built for version ${theirs} of the ${kind} contract, this varve has version ${CONTRACT[kind]}`,
      theirs > CONTRACT[kind] ? 'Update varve.' : `Update ${value.name}.`,
    ),
  ];
}

function finding(file: string, message: string, hint: string): Finding {
  return { code: 'VARVE_CONFIG', message: `${file}: ${message}`, hint };
}

/** The `cache` setting of `varve.config.ts`. */
export interface CacheConfig {
  /** `rw` (default), `read`, `write`, `refresh` or `off`. */
  readonly mode?: CacheMode;
  /** Results older than this are not used. */
  readonly maxAge?: Duration;
  /** Steps that call `Date.now`, `fetch` and the like: `warn` (default) says so once, `strict` never uses their results again. */
  readonly purity?: Purity;
}

/** Cache options of one run: from the command line, or from the call. */
export interface CacheRequest {
  readonly mode?: string;
  /** `train`, `train+` with all that follows, `train[knn]` one element. */
  readonly force?: readonly string[];
  /** `2d`, `12h`. */
  readonly maxAge?: Duration;
}

/** The command line wins over the environment, and that over the config. Throws `VARVE_CACHE_OPTION` with all findings. */
export function readCacheSettings(
  graph: Graph,
  request: CacheRequest,
  env: Readonly<Record<string, string | undefined>>,
  config: CacheConfig = {},
): CacheSettings {
  const findings: Finding[] = [];
  const mode = oneOf(...modeOf(request, env, config), CACHE_MODES, findings);
  const purity = oneOf(config.purity ?? 'warn', 'cache.purity', PURITIES, findings);
  const force = (request.force ?? []).flatMap((text) => readForce(text, graph, findings));
  const maxAgeMs = readAge(request.maxAge ?? config.maxAge, findings);
  if (findings.length > 0)
    throw new VarveError('VARVE_CACHE_OPTION', 'the options of the cache make no sense', { findings });
  return { mode: mode ?? 'rw', purity: purity ?? 'warn', force, ...(maxAgeMs !== undefined && { maxAgeMs }) };
}

/** The findings against the `cache` setting of a config, each with the way out. */
export function checkCacheConfig(value: unknown): [message: string, hint: string][] {
  const names = ['mode', 'maxAge', 'purity'];
  if (value === undefined) return [];
  if (typeof value !== 'object' || value === null) return [['cache is no object', `Write cache: { mode: 'rw' }.`]];
  const unknown = Object.keys(value).filter((name) => !names.includes(name));
  return unknown.map((name) => [`'cache.${name}' is not a setting`, suggest(name, names, 'settings of cache')]);
}

/** The mode, and what has set it. */
function modeOf(
  request: CacheRequest,
  env: Readonly<Record<string, string | undefined>>,
  config: CacheConfig,
): [mode: string, setBy: string] {
  if (request.mode !== undefined) return [request.mode, '--cache'];
  if (env.VARVE_CACHE !== undefined) return [env.VARVE_CACHE, 'the variable VARVE_CACHE'];
  return [config.mode ?? 'rw', 'cache.mode'];
}

function oneOf<T extends string>(
  value: string,
  name: string,
  choices: readonly T[],
  findings: Finding[],
): T | undefined {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) findings.push(cacheFinding(`${name} is '${value}'`, `One of: ${choices.join(', ')}.`));
  return found;
}

function readForce(text: string, graph: Graph, findings: Finding[]): Force[] {
  const force = parseForce(text);
  const names = graph.steps.map(({ name }) => name);
  const step = graph.steps.find(({ name }) => name === force?.step);
  if (force && step && (force.label === undefined || step.scope.length > 0)) return [force];
  if (force && step)
    findings.push(cacheFinding(`--force ${text}: ${step.name} has no elements`, `Write --force ${step.name}.`));
  else
    findings.push(
      force
        ? cacheFinding(`--force ${text}: there is no step '${force.step}'`, suggest(force.step, names, 'steps'))
        : cacheFinding(
            `--force ${text} is no step`,
            'Write a step, step+ for it and all that follows, or step[element].',
          ),
    );
  return [];
}

function readAge(value: Duration | undefined, findings: Finding[]): number | undefined {
  if (value === undefined) return undefined;
  try {
    return parseDuration(value);
  } catch (error) {
    findings.push(
      cacheFinding(`--max-age ${value} is no duration`, (error as VarveError).hint ?? "Write '2d', '12h' or '30m'."),
    );
    return undefined;
  }
}

function cacheFinding(message: string, hint: string): Finding {
  return { code: 'VARVE_CACHE_OPTION', message, hint };
}
