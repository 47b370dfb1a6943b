import { AsyncLocalStorage } from 'node:async_hooks';
import type { Finding } from '../../contract/index.ts';
import type { CallSite } from './call-site.ts';
import type { ParamSpec } from './param-spec.ts';

/** What `@step` leaves behind on a method. */
export interface StepMark {
  readonly name: string;
  readonly options: unknown;
  readonly site: CallSite;
}

/** Who watches while a flow class is constructed; without one, a class is constructed for its own sake. */
export interface Construction {
  /** Takes the object under construction and returns what `this` is to be. */
  adopt(instance: object): object;
  takeParameter(spec: ParamSpec): unknown;
  markTransient(name: string): void;
  markStep(mark: StepMark): void;
  report(finding: Finding): void;
}

/** How an instance inside a task answers for names that are not its own properties. */
export interface TaskFields {
  read(name: string): unknown;
  readAbsent(name: string): unknown;
  write(name: string, value: unknown): void;
  /** Copies of this package from before they came up do not have these. */
  readNames?(): void;
  random?(): number;
  now?(): number;
}

/**
 * One object for all copies of this package that are loaded in a thread: a class made with one copy is understood
 * by another. The symbols are the interface between the copies and never change their meaning.
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

/** Steps by prototype and name, for methods that a further decorator replaced. */
export const stepsByPrototype = () =>
  shared('varve.steps.prototype', () => new WeakMap<object, Map<string, StepMark>>());

/** Names of transient fields by prototype. */
export const transientNames = () => shared('varve.transient', () => new WeakMap<object, Set<string>>());

/** Decorators that were put where they cannot work, by class. */
export const misuses = () => shared('varve.misuses', () => new WeakMap<object, Finding[]>());

/** The fields of a task, by instance. */
export const taskFields = () => shared('varve.tasks', () => new WeakMap<object, TaskFields>());

/** The same by the object behind the instance, which is a proxy: what `console.log` looks at. */
export const fieldsBehind = () => shared('varve.tasks.behind', () => new WeakMap<object, TaskFields>());

/** Values of secrets that this thread has handed out, with their names: what must not be printed. */
export const revealedSecrets = () => shared('varve.secrets', () => new Map<string, string>());

/** Values of secrets that stand in for the environment, by name, in what runs inside of it. */
export const givenSecrets = () =>
  shared('varve.secrets.given', () => new AsyncLocalStorage<ReadonlyMap<string, string>>());

const constructions = () => shared('varve.construction', () => ({ current: undefined as Construction | undefined }));

export function currentConstruction(): Construction | undefined {
  return constructions().current;
}

/** Runs `make` with a watcher. Constructors are synchronous, so one place is enough. */
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
