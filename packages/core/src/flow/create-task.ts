import { VarveError } from '../contract/index.ts';
import { construct } from './construct-root.ts';
import type { FlowDescription } from './description.ts';
import type { Flow, FlowClass } from './flow.ts';
import { Secret } from './secret.ts';
import { taskFields } from './shared.ts';
import { type ArtifactAccess, accessorFor, type TaskChanges, TaskState } from './task-state.ts';

/** The instance one task runs on, and what it did to it. */
export interface Task<T extends Flow> {
  readonly instance: T;
  /** Call once, after the step has ended. Later assignments throw. */
  finish(): TaskChanges;
}

/** States of instances whose construction is over, by the object behind the proxy. */
const states = new WeakMap<object, TaskState>();

/**
 * An instance of the flow whose fields are artifacts, loaded when first read. Its constructor runs only for classes
 * with #private or transient fields, with `values` (default: the stored artifacts) as its parameters.
 */
export function createTask<T extends Flow>(
  Class: FlowClass<T>,
  description: FlowDescription,
  access: ArtifactAccess,
  values?: Readonly<Record<string, unknown>>,
): Task<T> {
  const plain = new Set([...description.transient, ...description.secrets.map((s) => s.field), 'run']);
  const read = new Set<string>();
  const { target, proxy } = description.needsConstruction
    ? constructed(Class, access, read, values)
    : wrap(Object.create(Class.prototype) as object, HANDLER);
  const state = new TaskState(target, access, plain);
  for (const name of read) state.reads.add(name);
  furnish(target, description, access, plain);
  states.set(target, state);
  taskFields().set(proxy, state);
  return { instance: proxy as T, finish: () => state.finish() };
}

interface Wrapped {
  readonly target: object;
  readonly proxy: object;
}

function wrap(target: object, handler: ProxyHandler<object>): Wrapped {
  return { target, proxy: new Proxy(target, handler) };
}

/** Initialisers of private fields may look at parameters: what they look at counts as read by the task. */
function constructed(
  Class: FlowClass,
  access: ArtifactAccess,
  read: Set<string>,
  values: Readonly<Record<string, unknown>> | undefined,
): Wrapped {
  const present = new Set(access.names);
  const valueFor = (name: string) => {
    if (values && Object.hasOwn(values, name)) return values[name];
    return present.has(name) ? access.load(name) : undefined;
  };
  const handler: ProxyHandler<object> = {
    ...HANDLER,
    get(target, key, receiver) {
      if (typeof key === 'string' && access.isParameter(key)) read.add(present.has(key) ? key : `!${key}`);
      return Reflect.get(target, key, receiver);
    },
  };
  let wrapped: Wrapped | undefined;
  construct(Class, valueFor, (instance) => {
    const made = wrap(instance, handler);
    wrapped = made;
    return made.proxy;
  });
  delete handler.get;
  if (!wrapped) {
    throw new VarveError('VARVE_CONSTRUCTOR', `the constructor of ${Class.name} returned another object`, {
      hint: 'Let the constructor return nothing.',
    });
  }
  return wrapped;
}

/** Takes away what initialisers left, and puts an accessor in the place of each artifact. */
function furnish(
  target: object,
  description: FlowDescription,
  access: ArtifactAccess,
  plain: ReadonlySet<string>,
): void {
  for (const name of Object.keys(target)) if (!plain.has(name)) Reflect.deleteProperty(target, name);
  for (const name of access.names) if (!plain.has(name)) Object.defineProperty(target, name, accessorFor(name));
  for (const { field, name } of description.secrets) hide(target, field, new Secret(name));
  for (const name of description.transient) {
    if (Object.hasOwn(target, name)) Object.defineProperty(target, name, { enumerable: false });
  }
  hide(target, 'run', access.run);
}

function hide(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: false, configurable: true, writable: false });
}

/**
 * Sees what accessors cannot: enumerating, asking whether a name is there, defining and deleting. It is `this` of the
 * whole class from its base constructor on, so #private fields live on it too. Until the state is there it is inert.
 */
const HANDLER: ProxyHandler<object> = {
  ownKeys(target) {
    states.get(target)?.reads.add('*');
    return Reflect.ownKeys(target);
  },
  has(target, key) {
    if (artifactState(target, key) && !isMember(target, key)) artifactState(target, key)?.observe(key as string);
    return Reflect.has(target, key);
  },
  getOwnPropertyDescriptor(target, key) {
    artifactState(target, key)?.observe(key as string);
    return Reflect.getOwnPropertyDescriptor(target, key);
  },
  defineProperty(target, key, descriptor) {
    const state = artifactState(target, key);
    if (!state) return Reflect.defineProperty(target, key, descriptor);
    if (!('value' in descriptor)) throw accessorRefused(String(key));
    state.write(key as string, descriptor.value);
    return true;
  },
  deleteProperty(target, key) {
    const state = artifactState(target, key);
    if (!state) return Reflect.deleteProperty(target, key);
    state.remove(key as string);
    return true;
  },
  preventExtensions: () => false,
};

function artifactState(target: object, key: string | symbol): TaskState | undefined {
  const state = typeof key === 'string' ? states.get(target) : undefined;
  return state?.plain.has(key as string) ? undefined : state;
}

/** Whether the class, not the instance, has it: a method, a getter. */
function isMember(target: object, key: string | symbol): boolean {
  return !Object.hasOwn(target, key) && Reflect.has(target, key);
}

function accessorRefused(name: string): VarveError {
  return new VarveError(
    'VARVE_FIELD_ACCESSOR',
    `this.${name} was defined as a getter in a step, and a getter cannot be stored`,
    {
      hint: 'Assign a value, or write the getter in the class.',
    },
  );
}
