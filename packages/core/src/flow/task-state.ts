import { VarveError } from '../contract/index.ts';
import { fieldsOf } from './flow.ts';
import type { TaskFields } from './shared.ts';

/** Where a task's fields come from. */
export interface ArtifactAccess {
  /** Artifacts that are there. */
  readonly names: readonly string[];
  /** Decoded and frozen; only asked for `names`. */
  load(name: string): unknown;
  /** Why a name cannot be read: branches that differ on it. */
  conflict(name: string): Error | undefined;
  isParameter(name: string): boolean;
  /** What `this.run` is. */
  readonly run: unknown;
}

/** What a task did to its fields. */
export interface TaskChanges {
  readonly writes: Map<string, unknown>;
  readonly deletes: string[];
  /** Names read, sorted: `x`, `!x` for one that was not there, `*` for the set of names. */
  readonly reads: string[];
}

/** Reads and writes of one task. */
export class TaskState implements TaskFields {
  private readonly inputs: ReadonlySet<string>;
  private readonly loaded = new Map<string, unknown>();
  private readonly writes = new Map<string, unknown>();
  private readonly deletes = new Set<string>();
  readonly reads = new Set<string>();
  private finished = false;

  constructor(
    readonly target: object,
    private readonly access: ArtifactAccess,
    /** Fields that are no artifacts: plain properties of this instance. */
    readonly plain: ReadonlySet<string>,
  ) {
    this.inputs = new Set(access.names);
  }

  read(name: string): unknown {
    if (this.writes.has(name)) return this.writes.get(name);
    if (!this.isInput(name)) return this.readAbsent(name);
    this.reads.add(name);
    if (!this.loaded.has(name)) this.loaded.set(name, this.access.load(name));
    return this.loaded.get(name);
  }

  readAbsent(name: string): undefined {
    if (this.deletes.has(name)) return undefined;
    const conflict = this.access.conflict(name);
    if (conflict) throw conflict;
    this.reads.add(`!${name}`);
    return undefined;
  }

  /** Somebody asked whether the name is there. */
  observe(name: string): void {
    if (this.reads.has('*') || this.writes.has(name) || this.deletes.has(name)) return;
    if (this.isInput(name)) this.reads.add(name);
    else this.readAbsent(name);
  }

  write(name: string, value: unknown): void {
    this.refuse(name, 'assigned');
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
    return { writes: this.writes, deletes: [...this.deletes].sort(), reads: [...this.reads].sort() };
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
