import { AsyncLocalStorage } from 'node:async_hooks';
import type { Finding } from '../../contract/index.ts';
import type { CallSite } from './call-site.ts';
import type { ParamSpec } from './param-spec.ts';

/** Stored by `@step` for a method. */
export interface StepMark {
  readonly name: string;
  readonly options: unknown;
  readonly site: CallSite;
}

/** Observes and supplies the construction of a flow class. Outside of a run there is none. */
export interface Construction {
  /** Receives the object under construction and returns the object that becomes `this`. */
  adopt(instance: object): object;
  takeParameter(spec: ParamSpec): unknown;
  markTransient(name: string): void;
  markStep(mark: StepMark): void;
  report(finding: Finding): void;
}

/** Reads and writes of an instance inside a task, for names that are not its own properties. */
export interface TaskFields {
  read(name: string): unknown;
  readAbsent(name: string): unknown;
  write(name: string, value: unknown): void;
  /** Optional, because older copies of this package do not have these. */
  readNames?(): void;
  random?(): number;
  now?(): number;
}

/**
 * One object for all copies of this package in a thread, so that a class made with one copy works with another. The
 * symbols are the interface between the copies and never change their meaning.
 */
function shared<T>(name: string, make: () => T): T {
  const key = Symbol.for(name);
  const realm = globalThis as unknown as Record<symbol, T | undefined>;
  let value = realm[key];
  if (value === undefined) {
    value = make();
    Object.defineProperty(globalThis, key, { value });
  }
  return value;
}

/** Steps by the method they decorate. */
export const stepsByMethod = () => shared('varve.steps', () => new WeakMap<object, StepMark>());

/** Steps by prototype and name, for methods that another decorator replaced. */
export const stepsByPrototype = () =>
  shared('varve.steps.prototype', () => new WeakMap<object, Map<string, StepMark>>());

/** Names of transient fields by prototype. */
export const transientNames = () => shared('varve.transient', () => new WeakMap<object, Set<string>>());

/** Decorators in places where they cannot work, by class. */
export const misuses = () => shared('varve.misuses', () => new WeakMap<object, Finding[]>());

/** The fields of a task, by instance. */
export const taskFields = () => shared('varve.tasks', () => new WeakMap<object, TaskFields>());

/** The same by the target of the instance, which is a proxy: `console.log` reads the target. */
export const fieldsBehind = () => shared('varve.tasks.behind', () => new WeakMap<object, TaskFields>());

/** Values of secrets that this thread has read, with their names. They must not be printed. */
export const revealedSecrets = () => shared('varve.secrets', () => new Map<string, string>());

/** Values of secrets, by name, that replace the environment for the code that runs inside of it. */
export const givenSecrets = () =>
  shared('varve.secrets.given', () => new AsyncLocalStorage<ReadonlyMap<string, string>>());

let known: { paused: number } | undefined;

/** Asked for at every look at the world: the shared object is searched once. */
function observation(): { paused: number } {
  known ??= shared('varve.observation', () => ({ paused: 0 }));
  return known;
}

/** True while code of varve's own looks at something on behalf of a step which is no input of it, e.g. a secret. */
export function isUnobserved(): boolean {
  return observation().paused > 0;
}

/** Runs `body`, which must be synchronous, so that what it looks at is no input of the step that calls it. */
export function unobserved<T>(body: () => T): T {
  observation().paused++;
  try {
    return body();
  } finally {
    observation().paused--;
  }
}

const constructions = () => shared('varve.construction', () => ({ current: undefined as Construction | undefined }));

export function currentConstruction(): Construction | undefined {
  return constructions().current;
}

/** Runs `make` with an observer. Constructors are synchronous, so one variable is enough. */
export function underConstruction<T>(construction: Construction, make: () => T): T {
  const place = constructions();
  const outer = place.current;
  place.current = construction;
  try {
    return make();
  } finally {
    place.current = outer;
  }
}
