import { formatRead, VarveError } from '../../contract/index.ts';
import { fieldsOf } from '../authoring/flow.ts';
import type { TaskFields } from '../authoring/registry.ts';

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
export class TaskState implements TaskFields {
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
