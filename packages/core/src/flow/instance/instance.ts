import { formatRead, VarveError } from '../../contract/index.ts';
import { type Flow, type FlowClass, fieldsOf } from '../authoring/flow.ts';
import { fieldsBehind, type TaskFields, taskFields } from '../authoring/registry.ts';
import { Secret } from '../authoring/secret.ts';
import type { FlowDescription } from '../describe/description.ts';
import { memberNames } from '../describe/inspect-flow.ts';
import { construct } from './construct-root.ts';

/** The instance that one task runs on, with its reads and changes. */
export interface Task<T extends Flow> {
  readonly instance: T;
  /** Call once, after the step has ended. Later assignments throw. */
  finish(): TaskChanges;
  /** Reads until now, as `formatRead` writes them: a stream that the task assigned may read more when it is stored. */
  reads(): ReadonlySet<string>;
}

/** Source of a task's fields. */
export interface ArtifactAccess {
  /** Names of the artifacts that exist. */
  readonly names: readonly string[];
  /** Decoded and frozen; called only for `names`. */
  load(name: string): unknown;
  /** The error of a name on which branches differ; `undefined` for any other name. */
  conflict(name: string): Error | undefined;
  isParameter(name: string): boolean;
  /** The value of `this.run`. Called on first use: most tasks never read it. */
  run(): unknown;
  /** The next number of the task's own sequence. */
  random(): number;
  /** Start of the run, ms since the Unix epoch. */
  now(): number;
}

/** Changes of a task to its fields. */
export interface TaskChanges {
  readonly writes: Map<string, unknown>;
  readonly deletes: string[];
}

/** Names that all instances of a flow share. */
interface FieldNames {
  /** Fields that are not artifacts: plain properties of the instance. */
  readonly plain: ReadonlySet<string>;
  /** Names of methods and getters of the class. */
  readonly members: ReadonlySet<string>;
}

/** States of instances whose construction has ended, by the target of the proxy. */
const states = fieldsBehind() as WeakMap<object, InstanceState>;

/**
 * Creates an instance of the flow whose fields are artifacts, loaded when first read. Its constructor runs only for classes
 * with #private or transient fields, with `values` (default: the stored artifacts) as its parameters.
 */
export function createTask<T extends Flow>(
  Class: FlowClass<T>,
  description: FlowDescription,
  access: ArtifactAccess,
  values?: Readonly<Record<string, unknown>>,
): Task<T> {
  const plain = new Set([...description.transient, ...description.secrets.map((s) => s.field), 'run']);
  const names = { plain, members: memberNames(Class, description.fields) };
  const early = new Set<string>();
  const { target, proxy } = description.needsConstruction
    ? constructInstance(Class, access, early, values)
    : wrap(Object.create(Class.prototype) as object, instanceHandler);
  const state = new InstanceState(target, access, names);
  for (const name of early) state.observe(name);
  installAccessors(target, description, access, names);
  states.set(target, state);
  taskFields().set(proxy, state);
  return { instance: proxy as T, finish: () => state.finish(), reads: () => state.reads };
}

interface Wrapped {
  readonly target: object;
  readonly proxy: object;
}

function wrap(target: object, handler: ProxyHandler<object>): Wrapped {
  return { target, proxy: new Proxy(target, handler) };
}

/** Runs the constructor. Initialisers of private fields may read parameters, which counts as read by the task. */
function constructInstance(
  Class: FlowClass,
  access: ArtifactAccess,
  early: Set<string>,
  values: Readonly<Record<string, unknown>> | undefined,
): Wrapped {
  const present = new Set(access.names);
  const valueFor = (name: string) => {
    if (values && Object.hasOwn(values, name)) return values[name];
    return present.has(name) ? access.load(name) : undefined;
  };
  const track = (key: string | symbol) => {
    if (typeof key === 'string' && access.isParameter(key)) early.add(key);
  };
  const handler: ProxyHandler<object> = {
    ...instanceHandler,
    get(target, key, receiver) {
      track(key);
      return Reflect.get(target, key, receiver);
    },
    getOwnPropertyDescriptor(target, key) {
      // Assigning a new property calls this trap too.
      if (Object.hasOwn(target, key)) track(key);
      return Reflect.getOwnPropertyDescriptor(target, key);
    },
  };
  let wrapped: Wrapped | undefined;
  construct(Class, valueFor, (instance) => {
    wrapped = wrap(instance, handler);
    return wrapped.proxy;
  });
  delete handler.get;
  Object.assign(handler, instanceHandler);
  if (!wrapped) {
    throw new VarveError('VARVE_CONSTRUCTOR', `the constructor of ${Class.name} returned another object`, {
      hint: 'Let the constructor return nothing.',
    });
  }
  return wrapped;
}

/** Removes the values of initialisers, and defines an accessor for each artifact. */
function installAccessors(
  target: object,
  description: FlowDescription,
  access: ArtifactAccess,
  { plain, members }: FieldNames,
): void {
  for (const name of Object.keys(target)) if (!plain.has(name)) Reflect.deleteProperty(target, name);
  for (const name of access.names)
    if (!plain.has(name) && !members.has(name)) Object.defineProperty(target, name, accessorFor(name));
  for (const { field, name } of description.secrets) hide(target, field, new Secret(name));
  for (const name of description.transient) {
    if (Object.hasOwn(target, name)) Object.defineProperty(target, name, { enumerable: false });
  }
  Object.defineProperty(target, 'run', { get: () => access.run(), enumerable: false, configurable: true });
}

function hide(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: false, configurable: true, writable: false });
}

/**
 * Tracks what accessors cannot: enumerating, `in`, defining and deleting. The proxy is `this` of the whole class from its
 * base constructor on, so #private fields are on it too. It does nothing until the state exists.
 */
const instanceHandler: ProxyHandler<object> = {
  ownKeys(target) {
    states.get(target)?.readNames();
    return Reflect.ownKeys(target);
  },
  has(target, key) {
    const state = artifactState(target, key);
    if (state && !state.names.members.has(key as string)) state.observe(key as string);
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

function artifactState(target: object, key: string | symbol): InstanceState | undefined {
  const state = typeof key === 'string' ? states.get(target) : undefined;
  return state?.names.plain.has(key as string) ? undefined : state;
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

/** Reads and writes of one task. */
class InstanceState implements TaskFields {
  private readonly inputs: ReadonlySet<string>;
  private readonly loaded = new Map<string, unknown>();
  private readonly writes = new Map<string, unknown>();
  private readonly deletes = new Set<string>();
  private readonly seen = new Set<string>();
  private namesSeen = false;
  private finished = false;

  constructor(
    readonly target: object,
    private readonly access: ArtifactAccess,
    readonly names: FieldNames,
  ) {
    this.inputs = new Set(access.names);
  }

  get reads(): ReadonlySet<string> {
    return this.seen;
  }

  read(name: string): unknown {
    if (this.writes.has(name)) return this.writes.get(name);
    if (!this.isInput(name)) return this.readAbsent(name);
    if (!this.loaded.has(name)) {
      this.track(name, false);
      this.loaded.set(name, this.access.load(name));
    }
    return this.loaded.get(name);
  }

  /** Reads a name that is neither on the instance nor in the class. */
  readAbsent(name: string): undefined {
    if (this.names.members.has(name) || this.writes.has(name) || this.deletes.has(name)) return undefined;
    const conflict = this.access.conflict(name);
    // `super.name` gets here for artifacts that exist too. A conflict counts as a read: its error can be caught.
    this.track(name, !conflict && !this.inputs.has(name));
    if (conflict) throw conflict;
    return undefined;
  }

  readNames(): void {
    if (this.namesSeen) return;
    this.namesSeen = true;
    this.seen.add(formatRead({ kind: 'own-names' }));
  }

  random(): number {
    return this.access.random();
  }

  now(): number {
    return this.access.now();
  }

  /** Tracks a test for the existence of a name. */
  observe(name: string): void {
    if (this.namesSeen || this.writes.has(name) || this.deletes.has(name)) return;
    if (this.isInput(name)) this.track(name, false);
    else this.readAbsent(name);
  }

  write(name: string, value: unknown): void {
    this.refuse(name, 'assigned');
    if (this.names.members.has(name)) throw memberRefused(name);
    this.writes.set(name, value);
    this.deletes.delete(name);
    if (!Object.hasOwn(this.target, name)) Object.defineProperty(this.target, name, accessorFor(name));
  }

  remove(name: string): void {
    this.refuse(name, 'deleted');
    this.writes.delete(name);
    this.deletes.add(name);
    Reflect.deleteProperty(this.target, name);
  }

  finish(): TaskChanges {
    this.finished = true;
    return { writes: this.writes, deletes: [...this.deletes].sort() };
  }

  private track(name: string, absent: boolean): void {
    this.seen.add(formatRead({ kind: 'own', name, absent }));
  }

  private isInput(name: string): boolean {
    return this.inputs.has(name) && !this.deletes.has(name);
  }

  private refuse(name: string, what: string): void {
    if (this.access.isParameter(name)) {
      throw new VarveError(
        'VARVE_PARAM_READONLY',
        `the parameter '${name}' was ${what} in a step, where it is read-only`,
        {
          hint: `Keep the new value in a field of its own: this.${name}Used = …`,
        },
      );
    }
    if (this.finished) {
      throw new VarveError('VARVE_LATE_WRITE', `this.${name} was ${what} after its step had ended`, {
        hint: 'Await every promise the step starts before it returns.',
      });
    }
  }
}

function memberRefused(name: string): VarveError {
  return new VarveError(
    'VARVE_RESERVED_NAME',
    `this.${name} was assigned in a step, but the class has a method or getter of that name`,
    { hint: 'Choose another name for the artifact.' },
  );
}

const accessors = new Map<string, PropertyDescriptor>();
const KEPT_ACCESSORS = 10_000;

/** One accessor for each name, shared by all tasks of this thread. */
function accessorFor(name: string): PropertyDescriptor {
  const known = accessors.get(name);
  if (known) return known;
  const accessor: PropertyDescriptor = {
    enumerable: true,
    configurable: true,
    get(this: unknown) {
      return fieldsOf(this)?.read(name);
    },
    set(this: unknown, value: unknown) {
      fieldsOf(this)?.write(name, value);
    },
  };
  if (accessors.size >= KEPT_ACCESSORS) accessors.clear();
  accessors.set(name, accessor);
  return accessor;
}
