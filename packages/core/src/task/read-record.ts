import { type ContextField, formatRead, type Read } from '../contract/index.ts';

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
