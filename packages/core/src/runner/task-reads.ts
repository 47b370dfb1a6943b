import { type Reference, type TaskSpec, VarveError } from '../contract/index.ts';
import { ExpectedReads, WINDOW_COUNT } from './expected-reads.ts';
import type { Values } from './values.ts';

/** Everything one task is handed: remembers what it read, and what has to be looked at again when it is done. */
export class TaskReads {
  /** Names read, as the journal keeps them: `rows`, `[3].score`, `left.score`. */
  readonly names = new Set<string>();
  private readonly loose = new Map<string, { readonly reference: Reference; readonly value: unknown }>();
  /** Its own fields, in the order in which they were written; made when the first is read. */
  private own: ExpectedReads | undefined;
  /** Of other tasks: one for each name that is read through the views of a join. */
  private readonly viewedSoon: ExpectedReads[] = [];

  constructor(
    private readonly spec: TaskSpec,
    private readonly values: Values,
    /** The step asked for private copies that it may change. */
    private readonly mutable: boolean,
  ) {}

  /** A field of the task's own. */
  field(name: string): unknown {
    const { inputs } = this.spec;
    const reference = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
    if (!reference) return undefined;
    this.own ??= new ExpectedReads(Object.values(inputs));
    return this.hand(name, reference, this.mutable, this.own);
  }

  /** A field of another task, through a view. */
  viewed(name: string, reference: Reference): unknown {
    this.names.add(name);
    const expected = this.viewedSoon.findLast((one) => one.has(reference));
    return this.hand(name, reference, false, expected);
  }

  /** All of these will probably be read through views: the first that is missing brings the next ones with it. */
  prefetch(references: readonly Reference[]): void {
    this.viewedSoon.push(new ExpectedReads(references, WINDOW_COUNT));
  }

  element(list: Reference, index: number): unknown {
    return this.values.element(list, index);
  }

  /** Private copies whose content is no longer what was read, with the new value. */
  changed(): Map<string, unknown> {
    const changed = new Map<string, unknown>();
    for (const [name, { reference, value }] of this.loose) {
      if (this.isChanged(reference, value)) changed.set(name, value);
    }
    return changed;
  }

  /** Throws when something that may only be read was changed in place. */
  refuseChanges(): void {
    for (const [name] of this.changed()) {
      const own = !name.includes('.');
      throw new VarveError('VARVE_FROZEN_INPUT', `${this.spec.label} changed '${name}' in place, which it only reads`, {
        hint: own
          ? `Assign a new value: this.${name} = new …(this.${name}), or give the step inputs: 'mutable'.`
          : 'Make a copy of it and change the copy.',
      });
    }
  }

  private hand(name: string, reference: Reference, mutable: boolean, expected: ExpectedReads | undefined): unknown {
    const known = this.loose.get(name);
    if (known) return known.value;
    const { value, loose } = this.values.read(reference, mutable, expected);
    if (loose) this.loose.set(name, { reference, value });
    return value;
  }

  /** A second look before accusing: a fresh copy may encode differently from the bytes that were stored. */
  private isChanged(reference: Reference, value: unknown): boolean {
    const now = this.values.name(value).reference.digest;
    if (now === reference.digest) return false;
    return now !== this.values.name(this.values.read(reference, true).value).reference.digest;
  }
}
