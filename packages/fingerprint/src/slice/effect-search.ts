import type { NetworkNode } from '../link/network.ts';
import { Closure } from './closure.ts';

/** Who runs and who changes what, looked up backwards. Nodes and states by their numbers. */
export interface EffectLinks {
  /** Pieces that run the numbered one when they are loaded. */
  readonly loadedBy: Lists;
  /** Pieces that run the numbered one when they run. */
  readonly runBy: Lists;
  /** Pieces that change the numbered state when they are loaded. */
  readonly loadWriters: Lists;
  readonly runWriters: Lists;
  /** Pieces whose value may be, or hold, what the numbered state is of. */
  readonly derived: Lists;
  /** How many states there are. */
  readonly states: number;
  stateOf(node: number): number;
}

/** Nodes by number. */
export type Lists = (number[] | undefined)[];

const NONE: readonly number[] = [];

/** What a global, or a built-in, is written as. */
export const GLOBAL = 0;

/** A global that is given a value only where it has none: seen by code that asks for such a global. */
export const FILLED = 1;

/** A set of numbers. */
class Numbers {
  #has: Uint8Array;

  constructor(size: number) {
    this.#has = new Uint8Array(size);
  }

  /** Whether the number was not there yet. */
  add(number: number): boolean {
    if (this.#has[number]) return false;
    this.#has[number] = 1;
    return true;
  }

  copy(): Numbers {
    const copy = new Numbers(0);
    copy.#has = this.#has.slice();
    return copy;
  }
}

/**
 * What some code reaches, with the pieces that, while they are loaded, change a state it reads or what is made of it,
 * and all that those reach. Grows until no more is found; nothing is looked at twice.
 */
export class EffectSearch {
  readonly #nodes: readonly NetworkNode[];
  readonly #links: EffectLinks;
  #closure: Closure;
  #states: Numbers;
  #running: Numbers;
  #writers: Numbers;
  #looked = 0;
  /** The pieces that were found, each with the first thing it changes; -1 for none that is reached. */
  #found = new Map<number, number>();

  constructor(nodes: readonly NetworkNode[], links: EffectLinks) {
    this.#nodes = nodes;
    this.#links = links;
    this.#closure = new Closure(nodes);
    this.#states = new Numbers(links.states);
    this.#running = new Numbers(nodes.length);
    this.#writers = new Numbers(nodes.length);
  }

  get found(): ReadonlyMap<number, number> {
    return this.#found;
  }

  /** Another search that goes on from here. */
  copy(): EffectSearch {
    const copy = new EffectSearch(this.#nodes, this.#links);
    copy.#closure = this.#closure.copy();
    copy.#states = this.#states.copy();
    copy.#running = this.#running.copy();
    copy.#writers = this.#writers.copy();
    copy.#looked = this.#looked;
    copy.#found = new Map(this.#found);
    return copy;
  }

  /** Adds code, and states that it sees besides. */
  reach(roots: readonly number[], states: readonly number[] = []): void {
    for (const root of roots) this.#closure.add(root);
    for (const state of states) this.#see(state, -1);
    const { reached } = this.#closure;
    for (; this.#looked < reached.length; this.#looked++) {
      const node = reached[this.#looked] ?? -1;
      this.#see(this.#links.stateOf(node), node);
      if (this.#nodes[node]?.facts?.readsGlobal) this.#see(FILLED, node);
    }
  }

  #see(state: number, cause: number): void {
    if (!this.#states.add(state)) return;
    const { derived, loadWriters, runWriters, stateOf } = this.#links;
    const states = [state];
    // Each list grows while it is gone through.
    for (const each of states) {
      for (const writer of loadWriters[each] ?? NONE) this.#include(writer, cause);
      for (const runner of runWriters[each] ?? NONE) this.#run(runner, cause);
      for (const holder of derived[each] ?? NONE) {
        const next = stateOf(holder);
        if (this.#states.add(next)) states.push(next);
      }
    }
  }

  #run(runner: number, cause: number): void {
    if (!this.#running.add(runner)) return;
    const { runBy, loadedBy } = this.#links;
    const running = [runner];
    for (const each of running) {
      for (const loader of loadedBy[each] ?? NONE) this.#include(loader, cause);
      for (const next of runBy[each] ?? NONE) if (this.#running.add(next)) running.push(next);
    }
  }

  #include(writer: number, cause: number): void {
    if (!this.#writers.add(writer)) return;
    this.#found.set(writer, cause);
    this.#closure.add(writer);
  }
}
