import {
  type ContextField,
  formatRead,
  parseRead,
  type Read,
  type Reference,
  type TaskSpec,
  VarveError,
} from '../../contract/index.ts';
import { referenceInView } from '../../store/index.ts';
import { ReadAhead, reading, WINDOW_COUNT } from '../values/read-ahead.ts';
import type { Values } from '../values/values.ts';

/** An input that was passed to the step and cannot be frozen. */
interface MutableInput {
  readonly reference: Reference;
  readonly value: unknown;
}

/** Reads the inputs of one task, records the reads, and finds inputs that the step changed in place. */
export class TaskReads {
  readonly record: ReadRecord;
  private readonly mutableFields = new Map<string, MutableInput>();
  private readonly mutableViews = new Map<string, MutableInput>();
  /** Reads the task's own fields ahead, in the order in which they were written; made with the first read. */
  private own: ReadAhead | undefined;
  /** What an earlier task of the step read, which is fetched together; `undefined` until the first read, and for nothing. */
  private readonly expected: ReadAhead | undefined;
  /** The same for views of a join: one for each name that is read through them. */
  private readonly viewed: ReadAhead[] = [];

  constructor(
    private readonly spec: TaskSpec,
    private readonly values: Values,
    /** The step has `inputs: 'mutable'`: it gets private copies that it may change. */
    private readonly mutable: boolean,
  ) {
    this.record = new ReadRecord(spec.tasks?.length);
    const expected = expectedBy(spec);
    // One alone is fetched when it is read.
    if (expected.length > 1) this.expected = new ReadAhead(expected, WINDOW_COUNT, true);
  }

  /** A field of the task's own. */
  field(name: string): unknown {
    const { inputs } = this.spec;
    const reference = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
    if (!reference) return undefined;
    if (this.expected?.has(reference))
      return this.read(this.mutableFields, name, reference, this.mutable, this.expected);
    this.own ??= new ReadAhead(Object.values(inputs));
    return this.read(this.mutableFields, name, reference, this.mutable, this.own);
  }

  /** A field of another task, through a view: `[3].score`, `left.score`. */
  viewedField(name: string, reference: Reference): unknown {
    const expected =
      this.viewed.findLast((one) => one.has(reference)) ?? (this.expected?.has(reference) ? this.expected : undefined);
    return this.read(this.mutableViews, name, reference, false, expected);
  }

  /** Announces artifacts that will probably be read through views: the first missing one is fetched with the next ones. */
  prefetch(references: readonly Reference[]): void {
    this.viewed.push(new ReadAhead(references, WINDOW_COUNT));
  }

  element(list: Reference, index: number): unknown {
    return reading(list.digest, () => this.values.element(list, index));
  }

  /** The task's own fields that the step changed in place, with their new values. */
  changed(): Map<string, unknown> {
    return this.changedIn(this.mutableFields);
  }

  /** Throws `VARVE_FROZEN_INPUT` when the step changed an input in place. */
  refuseChanges(): void {
    for (const [name] of this.changed())
      throw this.refused(
        name,
        `Assign a new value: this.${name} = new …(this.${name}), or give the step inputs: 'mutable'.`,
      );
    this.refuseViewChanges();
  }

  /** Throws `VARVE_FROZEN_INPUT` for artifacts of other tasks, which no step may change. */
  refuseViewChanges(): void {
    for (const [name] of this.changedIn(this.mutableViews))
      throw this.refused(name, 'Make a copy of it and change the copy.');
  }

  private refused(name: string, hint: string): VarveError {
    const message = `${this.spec.label} changed '${name}' in place, which it only reads`;
    return new VarveError('VARVE_FROZEN_INPUT', message, { hint });
  }

  private read(
    mutables: Map<string, MutableInput>,
    name: string,
    reference: Reference,
    mutable: boolean,
    expected: ReadAhead | undefined,
  ): unknown {
    const known = mutables.get(name);
    if (known) return known.value;
    const input = reading(reference.digest, () => this.values.read(reference, mutable, expected));
    if (input.mutable) mutables.set(name, { reference, value: input.value });
    return input.value;
  }

  private changedIn(mutables: ReadonlyMap<string, MutableInput>): Map<string, unknown> {
    const changed = new Map<string, unknown>();
    for (const [name, { reference, value }] of mutables) {
      if (this.isChanged(reference, value)) changed.set(name, value);
    }
    return changed;
  }

  /** Compares with a fresh copy too: it may encode differently from the stored bytes. */
  private isChanged(reference: Reference, value: unknown): boolean {
    const now = this.values.name(value).reference.digest;
    if (now === reference.digest) return false;
    const again = reading(reference.digest, () => this.values.read(reference, true));
    return now !== this.values.name(again.value).reference.digest;
  }
}

/** The artifacts that `expects` of a spec names, as far as this task has them. */
function expectedBy({ expects = [], inputs, branches }: TaskSpec): Reference[] {
  return expects.flatMap((text) => {
    const read = parseRead(text);
    if (read?.kind === 'own') return Object.hasOwn(inputs, read.name) ? (inputs[read.name] ?? []) : [];
    const view = read?.kind === 'branch' && branches && Object.hasOwn(branches, read.branch) && branches[read.branch];
    return (view && read.kind === 'branch' && referenceInView(view, read.name)) || [];
  });
}

/** The reads of one attempt besides its own fields. */
export class ReadRecord {
  private readonly texts = new Set<string>();
  /** By name read through the views of a join. */
  private readonly names = new Map<string, ViewMarks>();
  /** Views whose names were enumerated. */
  private sets: ViewMarks | undefined;

  /** `tasks`: number of views that a foreach join gets. */
  constructor(private readonly tasks = 0) {}

  context(field: ContextField): void {
    this.add({ kind: 'context', field });
  }

  /** `name` is `undefined` when the names were enumerated. */
  branch(branch: string, name: string | undefined, present: boolean): void {
    if (name === undefined) this.add({ kind: 'branch-names', branch });
    else this.add({ kind: 'branch', branch, name, absent: !present });
  }

  /** Called for each of ten thousand tasks: reads are formatted only at the end. */
  task(index: number, name: string | undefined, present: boolean): void {
    if (name === undefined) {
      this.sets ??= new ViewMarks(this.tasks);
      this.sets.mark(index, true);
      return;
    }
    let marks = this.names.get(name);
    if (!marks) {
      marks = new ViewMarks(this.tasks);
      this.names.set(name, marks);
    }
    marks.mark(index, present);
  }

  /** All reads and `own`, sorted, as the journal stores them. */
  list(own: Iterable<string>): string[] {
    const all = new Set([...own, ...this.texts]);
    for (const index of this.sets?.summary() ?? []) all.add(formatRead({ kind: 'task-names', index: index.view }));
    for (const [name, marks] of this.names) {
      for (const { view, absent } of marks.summary()) all.add(formatRead({ kind: 'task', index: view, name, absent }));
    }
    return [...all].sort();
  }

  private add(read: Read): void {
    this.texts.add(formatRead(read));
  }
}

interface Mark {
  readonly view: number | '*';
  readonly absent: boolean;
}

const PRESENT = 1;
const ABSENT = 2;

/** The views through which one name was read, and whether it was there. */
class ViewMarks {
  private readonly marks: Uint8Array;
  private readonly counts = [0, 0, 0];

  constructor(private readonly views: number) {
    this.marks = new Uint8Array(views);
  }

  mark(index: number, present: boolean): void {
    if (this.marks[index] !== 0) return;
    const mark = present ? PRESENT : ABSENT;
    this.marks[index] = mark;
    this.counts[mark] = (this.counts[mark] ?? 0) + 1;
  }

  /** One mark for all views when all were read with the same result, else one for each. */
  summary(): Mark[] {
    for (const mark of [PRESENT, ABSENT]) {
      if (this.counts[mark] === this.views) return [{ view: '*', absent: mark === ABSENT }];
    }
    return [...this.marks.entries()].flatMap(([view, mark]) => (mark === 0 ? [] : [{ view, absent: mark === ABSENT }]));
  }
}
