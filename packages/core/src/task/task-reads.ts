import {
  type ContextField,
  formatRead,
  type Read,
  type Reference,
  type TaskSpec,
  VarveError,
} from '../contract/index.ts';
import { ReadAhead, reading, WINDOW_COUNT } from './values/read-ahead.ts';

import type { Values } from './values/values.ts';

interface Loose {
  readonly reference: Reference;
  readonly value: unknown;
}

/** Everything one task is handed: remembers what it looked at, and what has to be compared when it is done. */
export class TaskReads {
  readonly record: ReadRecord;
  private readonly looseFields = new Map<string, Loose>();
  private readonly looseViews = new Map<string, Loose>();
  /** Its own fields, in the order in which they were written; made when the first is read. */
  private own: ReadAhead | undefined;
  /** Of other tasks: one for each name that is read through the views of a join. */
  private readonly viewedSoon: ReadAhead[] = [];

  constructor(
    private readonly spec: TaskSpec,
    private readonly values: Values,
    /** The step asked for private copies that it may change. */
    private readonly mutable: boolean,
  ) {
    this.record = new ReadRecord(spec.tasks?.length);
  }

  /** A field of the task's own. */
  field(name: string): unknown {
    const { inputs } = this.spec;
    const reference = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
    if (!reference) return undefined;
    this.own ??= new ReadAhead(Object.values(inputs));
    return this.hand(this.looseFields, name, reference, this.mutable, this.own);
  }

  /** A field of another task, through a view: `[3].score`, `left.score`. */
  viewed(name: string, reference: Reference): unknown {
    const expected = this.viewedSoon.findLast((one) => one.has(reference));
    return this.hand(this.looseViews, name, reference, false, expected);
  }

  /** All of these will probably be read through views: the first that is missing brings the next ones with it. */
  prefetch(references: readonly Reference[]): void {
    this.viewedSoon.push(new ReadAhead(references, WINDOW_COUNT));
  }

  element(list: Reference, index: number): unknown {
    return reading(list.digest, () => this.values.element(list, index));
  }

  /** Private copies of its own fields whose content is no longer what was read, with the new value. */
  changed(): Map<string, unknown> {
    return this.changedIn(this.looseFields);
  }

  /** Throws when something that may only be read was changed in place. */
  refuseChanges(): void {
    for (const [name] of this.changed())
      throw this.refused(
        name,
        `Assign a new value: this.${name} = new …(this.${name}), or give the step inputs: 'mutable'.`,
      );
    this.refuseViewChanges();
  }

  /** What other tasks left may not be changed by a step with private copies either. */
  refuseViewChanges(): void {
    for (const [name] of this.changedIn(this.looseViews))
      throw this.refused(name, 'Make a copy of it and change the copy.');
  }

  private refused(name: string, hint: string): VarveError {
    const message = `${this.spec.label} changed '${name}' in place, which it only reads`;
    return new VarveError('VARVE_FROZEN_INPUT', message, { hint });
  }

  private hand(
    loose: Map<string, Loose>,
    name: string,
    reference: Reference,
    mutable: boolean,
    expected: ReadAhead | undefined,
  ): unknown {
    const known = loose.get(name);
    if (known) return known.value;
    const handed = reading(reference.digest, () => this.values.read(reference, mutable, expected));
    if (handed.mutable) loose.set(name, { reference, value: handed.value });
    return handed.value;
  }

  private changedIn(loose: ReadonlyMap<string, Loose>): Map<string, unknown> {
    const changed = new Map<string, unknown>();
    for (const [name, { reference, value }] of loose) {
      if (this.isChanged(reference, value)) changed.set(name, value);
    }
    return changed;
  }

  /** A second look before accusing: a fresh copy may encode differently from the bytes that were stored. */
  private isChanged(reference: Reference, value: unknown): boolean {
    const now = this.values.name(value).reference.digest;
    if (now === reference.digest) return false;
    const again = reading(reference.digest, () => this.values.read(reference, true));
    return now !== this.values.name(again.value).reference.digest;
  }
}

/** Everything one attempt looked at besides its own fields. */
export class ReadRecord {
  private readonly texts = new Set<string>();
  /** By the name that was looked at through the views of a join. */
  private readonly names = new Map<string, ViewMarks>();
  /** Views whose set of names was looked at. */
  private sets: ViewMarks | undefined;

  /** `tasks`: how many views a foreach join is handed. */
  constructor(private readonly tasks = 0) {}

  context(field: ContextField): void {
    this.add({ kind: 'context', field });
  }

  /** `name` is `undefined` when it was the set of names. */
  branch(branch: string, name: string | undefined, present: boolean): void {
    if (name === undefined) this.add({ kind: 'branch-names', branch });
    else this.add({ kind: 'branch', branch, name, absent: !present });
  }

  /** Once for each of ten thousand tasks: what it is called is written down at the end. */
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

  /** All of it and `own`, sorted, as the journal keeps it. */
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

/** Through which views one name was looked at, and what was found. */
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

  /** One for all views when all were asked and answered alike, else one each. */
  summary(): Mark[] {
    for (const mark of [PRESENT, ABSENT]) {
      if (this.counts[mark] === this.views) return [{ view: '*', absent: mark === ABSENT }];
    }
    return [...this.marks.entries()].flatMap(([view, mark]) => (mark === 0 ? [] : [{ view, absent: mark === ABSENT }]));
  }
}
