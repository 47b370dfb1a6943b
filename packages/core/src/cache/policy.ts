import type { CodeFingerprint } from '../contract/index.ts';
import type { GraphStep } from '../flow/index.ts';
import { describePiece, type Reason } from './reason.ts';

/** Selects lookup and storing of results; `refresh` executes all tasks and replaces their results. */
export const CACHE_MODES = ['off', 'read', 'write', 'rw', 'refresh'] as const;
export type CacheMode = (typeof CACHE_MODES)[number];

/** Handling of calls whose result depends on more than their arguments: ignore, warn, or never use such results again. */
export const PURITIES = ['off', 'warn', 'strict'] as const;
export type Purity = (typeof PURITIES)[number];

/** The user's settings for a whole run. */
export interface CacheSettings {
  readonly mode: CacheMode;
  readonly purity: Purity;
  readonly force: readonly Force[];
  /** Older results are not used, ms. */
  readonly maxAgeMs?: number;
}

/** `train`, `train+` with all that follows it, or one element `train[knn]`. */
export interface Force {
  readonly step: string;
  readonly downstream: boolean;
  readonly label?: string;
}

/** The use of the cache for one step in one run. */
export interface StepPolicy {
  readonly lookup: boolean;
  /** True when new results are published for other runs. */
  readonly publish: boolean;
  /** Every task is executed, and replaces its result in the cache. */
  readonly forced: boolean;
  /** Labels of single tasks that are forced. */
  readonly forcedLabels: ReadonlySet<string>;
  /** Older results are not used, ms. */
  readonly maxAgeMs?: number;
}

/** The policy of a step; a reason when its results are never reused. */
export function policyOf(
  step: GraphStep,
  code: CodeFingerprint,
  settings: CacheSettings,
  forced: ReadonlySet<string>,
): StepPolicy | Reason {
  const never = optOut(step, settings) ?? madeAtLoad(step, code) ?? impurity(code, step.cache !== undefined);
  if (never) return never;
  const { mode, force } = settings;
  const cache = step.cache || {};
  const ages = [cache.ttlMs, settings.maxAgeMs].filter((ms) => ms !== undefined);
  return {
    lookup: mode === 'read' || mode === 'rw',
    publish: mode !== 'read' && cache.scope !== 'run',
    forced: mode === 'refresh' || forced.has(step.name),
    forcedLabels: new Set(
      force.flatMap((one) => (one.step === step.name && one.label !== undefined ? [`${one.step}[${one.label}]`] : [])),
    ),
    ...(ages.length > 0 && { maxAgeMs: Math.min(...ages) }),
  };
}

function optOut(step: GraphStep, { mode }: CacheSettings): Reason | undefined {
  if (step.cache === false) return { code: 'DISABLED', text: 'cache: false' };
  if (step.effect) return { code: 'DISABLED', text: 'it has an effect' };
  return mode === 'off' ? { code: 'DISABLED', text: '--cache off' } : undefined;
}

/** The origin of a class that is created while its file is loaded is unknown: only the user can declare a change. */
function madeAtLoad({ cache }: GraphStep, { tier }: CodeFingerprint): Reason | undefined {
  if (tier !== 'runtime' || (cache && cache.version !== undefined)) return undefined;
  return {
    code: 'IMPURE',
    text: 'its class is made while the file is loaded; cache: { version: 1 } keeps its results',
  };
}

/** A dependency that no hash of code and inputs covers. The option `cache: { … }` vouches for module state, e.g. a memo. */
function impurity(code: CodeFingerprint, vouchedFor: boolean): Reason | undefined {
  const [state] = vouchedFor ? [] : code.moduleState;
  return state === undefined
    ? undefined
    : { code: 'IMPURE', text: `${describePiece(state)} keeps state from task to task` };
}

/** Steps that are executed in any case: those named, and with `+` all steps after them. */
export function forcedSteps(steps: readonly GraphStep[], force: readonly Force[]): Set<string> {
  const byName = new Map(steps.map((step) => [step.name, step]));
  const forced = new Set<string>();
  const follow = (name: string): void => {
    if (forced.has(name)) return;
    forced.add(name);
    for (const child of byName.get(name)?.children ?? []) follow(child);
  };
  for (const { step, downstream, label } of force) if (downstream && label === undefined) follow(step);
  for (const { step, downstream, label } of force) if (!downstream && label === undefined) forced.add(step);
  return forced;
}

/** `train`, `train+`, `train[knn]`; `undefined` for anything else. */
export function parseForce(text: string): Force | undefined {
  const [, step, label, plus] = /^([^[\]+]+)(?:\[(.+)\])?(\+)?$/.exec(text) ?? [];
  if (step === undefined || (label !== undefined && plus !== undefined)) return undefined;
  return { step, downstream: plus !== undefined, ...(label !== undefined && { label }) };
}
