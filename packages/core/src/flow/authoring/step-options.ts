import { VarveError } from '../../contract/index.ts';
import type { OutsideInputs } from './outside-inputs.ts';

/** An error by class, or by its `name` or `code`. Errors cross threads as data: subclasses are not recognised. */
export type ErrorMatch = string | (abstract new (...values: never[]) => Error);

export interface RetryOptions {
  /** Attempts after the first one. */
  readonly times: number;
  /** Pause between the first failure and the second attempt; it doubles with each further one. Default `1s`. */
  readonly backoff?: Duration;
  /** Longest pause. Default `10m`. */
  readonly maxBackoff?: Duration;
  /** Share of a pause, 0 to 1, of which a random part is added, so that failed elements do not return at once. Default 0.25. */
  readonly jitter?: number;
  /** Try again only after these errors. Default: after all but `NonRetryableError`. */
  readonly on?: ErrorMatch | readonly ErrorMatch[];
}

export interface CacheOptions {
  /** Part of the cache key: raise it when something outside the code changes the step's result. */
  readonly version?: string | number;
  /** Results older than this are not used. */
  readonly ttl?: Duration;
  /** Range in which results are shared: this run, all runs of the flow, or the whole store (default). */
  readonly scope?: 'run' | 'flow' | 'store';
}

export interface EffectOptions {
  /** Names the effect outside, so that it is done once: e.g. `invoice-2024-05`. Default: the task. */
  readonly key?: string;
}

/** `env` and `files` are added to what the config says. */
export interface InputsOptions extends OutsideInputs {
  /** `mutable`: private copies that may be changed in place; changed ones count as assigned. */
  readonly artifacts?: 'frozen' | 'mutable';
}

/** `10/s`, `600/m`. */
export type Rate = `${number}/${'s' | 'm' | 'h'}`;

/** Options of a step, without those whose names are checked against its class. */
export interface PlainStepOptions {
  /** Attempts after the first one that failed. */
  readonly retry?: number | RetryOptions;
  /** Longest time for one attempt; it is stopped then. */
  readonly timeout?: Duration;
  /** `false`: always run. */
  readonly cache?: false | CacheOptions;
  /** The step changes the world outside: never cached, and never repeated by `resume` once it is done. */
  readonly effect?: true | EffectOptions;
  /** Most tasks of this step at once. For steps that wait (network, disk): they share workers. */
  readonly concurrency?: number;
  /** Most attempts of this step that start in a span of time, evenly spaced: `10/s` is one every 100 ms. */
  readonly rate?: Rate;
  /** `inline`, `threads`, `process`, or the name of a plugin's runner. */
  readonly runner?: string;
  /** How the step gets artifacts, as `inputs: { artifacts }`, or with it what counts of what it reads outside of the run. */
  readonly inputs?: 'frozen' | 'mutable' | InputsOptions;
}

/** A `when`: the artifact must be truthy, or equal to the value (one of the values). */
export type WhenOption = string | Readonly<Record<string, unknown>>;

/** Options of `@step`. The type parameters hold the names that are checked against the class. */
export interface StepOptions<
  A extends string | readonly string[],
  F extends string,
  J extends string,
  W extends WhenOption,
  C extends string,
> extends PlainStepOptions {
  /** The step, or steps, that must end before this one starts. Without it the step starts at once. */
  readonly after?: A;
  /** Name of an array artifact: one task for each element. */
  readonly foreach?: F;
  /** Name of a step inside a foreach: runs once when all its tasks are done. */
  readonly join?: J;
  /** Runs only if the artifact has this value; else it is skipped, with all steps that depend on it alone. */
  readonly when?: W;
  /** After the last failed attempt the error is stored in this artifact and the run goes on. */
  readonly catch?: C;
}

/** The effect of an option: on the result (it enters the cache key), on where and how the step runs, or on the graph. */
export type OptionAffects = 'result' | 'placement' | 'shape';

/** Every option of `@step`, by path. */
const STEP_OPTIONS: Readonly<Record<string, { readonly affects: OptionAffects }>> = {
  after: { affects: 'shape' },
  foreach: { affects: 'shape' },
  join: { affects: 'shape' },
  when: { affects: 'shape' },
  retry: { affects: 'placement' },
  timeout: { affects: 'placement' },
  catch: { affects: 'placement' },
  'cache.version': { affects: 'result' },
  'cache.ttl': { affects: 'placement' },
  'cache.scope': { affects: 'placement' },
  'effect.key': { affects: 'placement' },
  concurrency: { affects: 'placement' },
  rate: { affects: 'placement' },
  runner: { affects: 'placement' },
  inputs: { affects: 'result' },
};

/** The options that enter the cache key, by path, as plain data. */
export function resultOptions(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [path, { affects }] of Object.entries(STEP_OPTIONS)) {
    if (affects !== 'result') continue;
    const value = path.split('.').reduce<unknown>(memberOf, options);
    if (value !== undefined) found[path] = value;
  }
  return found;
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

/** A time span: a number of milliseconds, or a number with `ms`, `s`, `m`, `h` or `d`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Longest span a timer can wait, ms: about 24.8 days. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Milliseconds, `>= 0`. Throws `VARVE_DURATION`. */
export function parseDuration(value: unknown): number {
  const ms = typeof value === 'string' ? textToMs(value) : value;
  if (typeof ms === 'number' && Number.isFinite(ms) && ms >= 0) return ms;
  throw new VarveError('VARVE_DURATION', `${JSON.stringify(value) ?? String(value)} is not a duration`, {
    hint: "Write a number of milliseconds, or a number with a unit: '500ms', '10s', '5m', '2h', '1d'.",
  });
}

function textToMs(text: string): number | undefined {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim()) ?? [];
  const factor = UNITS[unit];
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor;
}
