import { CHANGERS } from '../builtins.ts';
import type { Deed, Doing, Val } from './doing.ts';

/** A change of an object that a function is given. */
export interface ChangedParameter {
  readonly position: number;
  /** Something that the object holds is changed, rather than the object. */
  readonly inside: boolean;
  /** By a method that changes built-in containers. */
  readonly byMethod: boolean;
}

/** A value that code hands to a function that it calls by name. */
export interface HandedValue {
  /** Index of the reference that is called, and the position of the argument. */
  readonly callee: number;
  readonly position: number;
  /** A name of the top scope, by the index of the reference, or a parameter by its position. */
  readonly from: 'top' | 'param';
  readonly at: number;
  /** The argument is a new object that holds the value. */
  readonly held?: true;
  /** The argument is a part of the value. */
  readonly part?: true;
}

/** Objects that code is given or hands on. */
export interface Handed {
  readonly changed: readonly ChangedParameter[];
  readonly passed: readonly HandedValue[];
}

/** Finds which parameters code changes, and what it hands to functions that it calls; `undefined` if it does neither. */
export function handedIn(doing: Doing): Handed | undefined {
  const { changed, passed } = new Handing(doing);
  return changed.length + passed.length > 0 ? { changed, passed } : undefined;
}

type Source = Omit<HandedValue, 'callee' | 'position'>;

class Handing {
  readonly changed: ChangedParameter[] = [];
  readonly passed: HandedValue[] = [];
  readonly #slots = new Map<number, readonly Source[]>();

  constructor(doing: Doing) {
    for (const [position, slot] of (doing.params ?? []).entries()) {
      this.#slots.set(slot, [{ from: 'param', at: position }]);
    }
    this.#visit(doing);
  }

  #visit({ deeds, fns = [] }: Doing): void {
    for (const deed of deeds) this.#see(deed);
    for (const each of fns) this.#visit(each);
  }

  #see(deed: Deed): void {
    switch (deed[0]) {
      case 'get':
        this.#slots.set(deed[1], this.#partsOf(deed[2]));
        return;
      case 'set':
        return this.#change(deed[1], false);
      case 'method': {
        const [, id, on, name, args] = deed;
        this.#slots.set(id, this.#partsOf(on));
        if (CHANGERS.has(name)) this.#change(on, true);
        const [first] = args;
        if (changesFirstArgument(on, name) && first !== undefined) this.#change(first, false);
        // In `space.change(state)` the reference may lead to the function itself.
        return this.#pass(on, args);
      }
      case 'call':
        return this.#pass(deed[2], deed[3]);
    }
  }

  #partsOf(value: Val): readonly Source[] {
    return this.#sourcesOf(value).map(({ from, at }) => ({ from, at, part: true }));
  }

  #change(value: Val, byMethod: boolean): void {
    for (const { from, at, held, part } of this.#sourcesOf(value)) {
      if (from === 'param' && !held) this.changed.push({ position: at, inside: part === true, byMethod });
    }
  }

  #pass(callee: Val, args: readonly Val[]): void {
    if (!Array.isArray(callee) || callee[0] !== 'top') return;
    for (const [position, each] of args.entries()) {
      for (const source of this.#sourcesOf(each)) this.passed.push({ callee: callee[1], position, ...source });
    }
  }

  #sourcesOf(value: Val): readonly Source[] {
    if (!Array.isArray(value)) return [];
    switch (value[0]) {
      case 'top':
        return [{ from: 'top', at: value[1] }];
      case 'slot':
        return this.#slots.get(value[1]) ?? [];
      case 'either':
        return value[1].flatMap((each: Val) => this.#sourcesOf(each));
      case 'new':
        return value[3].flatMap((each: Val) => this.#sourcesOf(each)).map((each: Source) => ({ ...each, held: true }));
      default:
        return [];
    }
  }
}

function changesFirstArgument(on: Val, name: string): boolean {
  if (!Array.isArray(on) || on[0] !== 'global') return false;
  return /^(Object\.(assign|setPrototypeOf|define\w+)|Reflect\.(set|deleteProperty|defineProperty))$/.test(
    `${on[1]}.${name}`,
  );
}
