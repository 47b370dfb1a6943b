import { formatRead, VarveError } from '../../contract/index.ts';
import { type Flow, type FlowClass, fieldsOf } from '../authoring/flow.ts';
import { fieldsBehind, type TaskFields, taskFields } from '../authoring/registry.ts';
import { Secret } from '../authoring/secret.ts';
import type { FlowDescription } from '../describe/description.ts';
import { memberNames } from '../describe/inspect-flow.ts';
import { construct } from './construct-root.ts';

/** The instance one task runs on, and what it did to it. */
export interface Task<T extends Flow> {
  readonly instance: T;
  /** Call once, after the step has ended. Later assignments throw. */
  finish(): TaskChanges;
  /** What it looked at until now, as `formatRead` writes it: a stream it assigned may look at more when it is stored. */
  reads(): ReadonlySet<string>;
}

/** States of instances whose construction is over, by the object behind the proxy. */
const states = fieldsBehind() as WeakMap<object, InstanceState>;

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
  const names = { plain, members: memberNames(Class, description.fields) };
  const looked = new Set<string>();
  const { target, proxy } = description.needsConstruction
    ? constructed(Class, access, looked, values)
    : wrap(Object.create(Class.prototype) as object, instanceHandler);
  const state = new InstanceState(target, access, names);
  for (const name of looked) state.observe(name);
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

/** Initialisers of private fields may look at parameters: what they look at counts as read by the task. */
function constructed(
  Class: FlowClass,
  access: ArtifactAccess,
  looked: Set<string>,
  values: Readonly<Record<string, unknown>> | undefined,
): Wrapped {
  const present = new Set(access.names);
  const valueFor = (name: string) => {
    if (values && Object.hasOwn(values, name)) return values[name];
    return present.has(name) ? access.load(name) : undefined;
  };
  const look = (key: string | symbol) => {
    if (typeof key === 'string' && access.isParameter(key)) looked.add(key);
  };
  const handler: ProxyHandler<object> = {
    ...instanceHandler,
    get(target, key, receiver) {
      look(key);
      return Reflect.get(target, key, receiver);
    },
    getOwnPropertyDescriptor(target, key) {
      // Assigning a new property asks for it too.
      if (Object.hasOwn(target, key)) look(key);
      return Reflect.getOwnPropertyDescriptor(target, key);
    },
  };
  let wrapped: Wrapped | undefined;
  construct(Class, valueFor, (instance) => {
    const made = wrap(instance, handler);
    wrapped = made;
    return made.proxy;
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

/** Takes away what initialisers left, and puts an accessor in the place of each artifact. */
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
 * Sees what accessors cannot: enumerating, asking whether a name is there, defining and deleting. It is `this` of the
 * whole class from its base constructor on, so #private fields live on it too. Until the state is there it is inert.
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

/** Where a task's fields come from. */
export interface ArtifactAccess {
  /** Artifacts that are there. */
  readonly names: readonly string[];
  /** Decoded and frozen; only asked for `names`. */
  load(name: string): unknown;
  /** Why a name cannot be read: branches that differ on it. */
  conflict(name: string): Error | undefined;
  isParameter(name: string): boolean;
  /** What `this.run` is. Asked for when somebody looks at it: most tasks never do. */
  run(): unknown;
  /** The next number of the task's own sequence. */
  random(): number;
  /** When the run began, ms since the Unix epoch. */
  now(): number;
}

/** What a task did to its fields. */
export interface TaskChanges {
  readonly writes: Map<string, unknown>;
  readonly deletes: string[];
}

/** What the fields of a flow's instances have in common. */
export interface FieldNames {
  /** Fields that are no artifacts: plain properties of the instance. */
  readonly plain: ReadonlySet<string>;
  /** Names for which the class answers. */
  readonly members: ReadonlySet<string>;
}

/** Reads and writes of one task. */
export class InstanceState implements TaskFields {
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

  /** What was looked at until now, as `formatRead` writes it. */
  get reads(): ReadonlySet<string> {
    return this.seen;
  }

  read(name: string): unknown {
    if (this.writes.has(name)) return this.writes.get(name);
    if (!this.isInput(name)) return this.readAbsent(name);
    if (!this.loaded.has(name)) {
      this.see(name, false);
      this.loaded.set(name, this.access.load(name));
    }
    return this.loaded.get(name);
  }

  /** A name that was found neither on the instance nor in the class. */
  readAbsent(name: string): undefined {
    if (this.names.members.has(name) || this.writes.has(name) || this.deletes.has(name)) return undefined;
    const conflict = this.access.conflict(name);
    // What `super.name` finds nothing for may well be there. And whoever catches the error has seen that it came.
    this.see(name, !conflict && !this.inputs.has(name));
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

  /** Somebody asked whether the name is there. */
  observe(name: string): void {
    if (this.namesSeen || this.writes.has(name) || this.deletes.has(name)) return;
    if (this.isInput(name)) this.see(name, false);
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

  private see(name: string, absent: boolean): void {
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

/** One getter and setter a name, shared by all tasks of this thread. */
export function accessorFor(name: string): PropertyDescriptor {
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
