import {
  CACHE_MODES,
  type CacheMode,
  type CacheSettings,
  type Force,
  PURITIES,
  type Purity,
  parseForce,
} from '../../cache/policy.ts';
import { type Finding, VarveError } from '../../contract/index.ts';
import { type Duration, parseDuration } from '../../flow/authoring/duration.ts';
import { suggest } from '../../flow/authoring/suggest.ts';
import type { Graph } from '../../flow/describe/graph.ts';

/** The `cache` setting of `varve.config.ts`. */
export interface CacheConfig {
  /** `rw` (default), `read`, `write`, `refresh` or `off`. */
  readonly mode?: CacheMode;
  /** Results older than this are not used. */
  readonly maxAge?: Duration;
  /** Steps that call `Date.now`, `fetch` and the like: `warn` (default) says so once, `strict` never keeps their results. */
  readonly purity?: Purity;
}

/** What is asked for one run: on the command line, or in the call. */
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
  const mode = oneOf(request.mode ?? env.VARVE_CACHE ?? config.mode ?? 'rw', CACHE_MODES, 'cache', findings);
  const purity = oneOf(config.purity ?? 'warn', PURITIES, 'cache.purity', findings);
  const force = (request.force ?? []).flatMap((text) => readForce(text, graph, findings));
  const maxAgeMs = readAge(request.maxAge ?? config.maxAge, findings);
  if (findings.length > 0)
    throw new VarveError('VARVE_CACHE_OPTION', 'the options of the cache make no sense', { findings });
  return { mode: mode ?? 'rw', purity: purity ?? 'warn', force, ...(maxAgeMs !== undefined && { maxAgeMs }) };
}

/** What is wrong with the `cache` setting of a config: each with the way out. */
export function checkCacheConfig(value: unknown): [message: string, hint: string][] {
  const names = ['mode', 'maxAge', 'purity'];
  if (value === undefined) return [];
  if (typeof value !== 'object' || value === null) return [['cache is no object', `Write cache: { mode: 'rw' }.`]];
  const unknown = Object.keys(value).filter((name) => !names.includes(name));
  return unknown.map((name) => [`'cache.${name}' is not a setting`, suggest(name, names, 'settings of cache')]);
}

function oneOf<T extends string>(
  value: string,
  choices: readonly T[],
  name: string,
  findings: Finding[],
): T | undefined {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) findings.push(finding(`${name} is '${value}'`, `One of: ${choices.join(', ')}.`));
  return found;
}

function readForce(text: string, graph: Graph, findings: Finding[]): Force[] {
  const force = parseForce(text);
  const names = graph.steps.map(({ name }) => name);
  if (force && names.includes(force.step)) return [force];
  findings.push(
    force
      ? finding(`--force ${text}: there is no step '${force.step}'`, suggest(force.step, names, 'steps'))
      : finding(`--force ${text} is no step`, 'Write a step, step+ for it and all that follows, or step[element].'),
  );
  return [];
}

function readAge(value: Duration | undefined, findings: Finding[]): number | undefined {
  if (value === undefined) return undefined;
  try {
    return parseDuration(value);
  } catch (error) {
    findings.push(
      finding(`--max-age ${value} is no duration`, (error as VarveError).hint ?? "Write '2d', '12h' or '30m'."),
    );
    return undefined;
  }
}

function finding(message: string, hint: string): Finding {
  return { code: 'VARVE_CACHE_OPTION', message, hint };
}
