import type { Duration } from '@varve/core';
import { type Finding, VarveError } from '@varve/core/contract';
import {
  CACHE_MODES,
  type CacheSettings,
  type Force,
  type Graph,
  PURITIES,
  parseDuration,
  parseForce,
  suggest,
} from '@varve/core/internal';
import type { CacheConfig } from './settings.ts';

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

/** The mode, and what has set it. */
function modeOf(
  request: CacheRequest,
  env: Readonly<Record<string, string | undefined>>,
  config: CacheConfig,
): [mode: string, setBy: string] {
  if (request.mode !== undefined) return [request.mode, '--cache'];
  if (env.VARVE_CACHE) return [env.VARVE_CACHE, 'the variable VARVE_CACHE'];
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
