import type { Node } from '../../ast/node.ts';
import type { Scope } from '../../ast/scopes.ts';
import type { Deed, Doing, Val } from './doing.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Numbers of one piece, unique across its frames. */
export class Numbers {
  #next = 0;

  next(): number {
    return this.#next++;
  }
}

/** The code of one function while it is read. */
export class Frame {
  readonly deeds: Deed[] = [];
  readonly fns: Doing[] = [];
  readonly returns: Val[] = [];
  /** Functions found in it: they are read last, when all its variables are known. */
  readonly pending: { readonly node: Node; readonly scope: Scope; readonly index: number }[] = [];
  readonly params: number[] = [];
  rest: number | undefined;
  keeps = false;
  changesThis = false;
  /** What it returns is then wrapped in an iterator or a promise. */
  isWrapped = false;
  /** Slots of parts of `this`. */
  readonly own = new Set<number>();

  constructor(
    readonly id: number,
    readonly parent: Frame | undefined,
    readonly isArrow: boolean,
  ) {}

  /** The frame of that number, this one or one around it. */
  find(id: number): Frame | undefined {
    return this.id === id ? this : this.parent?.find(id);
  }

  finish(): Doing {
    const done: Writable<Doing> = { frame: this.id, deeds: this.deeds };
    if (this.params.length > 0) done.params = this.params;
    if (this.rest !== undefined) done.rest = this.rest;
    if (this.fns.length > 0) done.fns = this.fns;
    if (this.returns.length > 0) done.returns = joinAll(this.returns);
    if (this.isWrapped) done.returns = ['either', [done.returns ?? 'data', 'any']];
    if (this.isArrow) done.arrow = true;
    if (this.keeps) done.keeps = true;
    if (this.changesThis) done.changesThis = true;
    const unknown = this.deeds.find(([kind]) => kind === 'unknown');
    // Nothing else matters once anything may happen.
    if (!unknown) return done;
    const { keeps, changesThis } = done;
    return { frame: this.id, deeds: [unknown], ...(keeps && { keeps }), ...(changesThis && { changesThis }) };
  }
}

/** The value that is one of two. */
export function join(a: Val, b: Val): Val {
  if (a === b || JSON.stringify(a) === JSON.stringify(b)) return a;
  if (a === 'any' || b === 'any') return 'any';
  const all = [a, b].flatMap((each) => (Array.isArray(each) && each[0] === 'either' ? (each[1] as Val[]) : [each]));
  return all.length > 6 ? 'any' : ['either', all];
}

function joinAll(values: readonly Val[]): Val {
  const [first = 'data', ...others] = values;
  return others.reduce(join, first);
}
