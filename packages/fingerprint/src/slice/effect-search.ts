import type { NetworkNode } from '../link/network.ts';
import { Closure } from './closure.ts';

/** Reverse lookup of which pieces run or change which. Nodes and states by number. */
export interface EffectLinks {
  /** Pieces that run the numbered one when they are loaded. */
  readonly loadedBy: Lists;
  /** Pieces that run the numbered one when they run. */
  readonly runBy: Lists;
  /** Pieces that change the numbered state when they are loaded. */
  readonly loadWriters: Lists;
  readonly runWriters: Lists;
  /** Pieces whose value may be, or hold, the owner of the numbered state. */
  readonly derived: Lists;
  /** Number of states. */
  readonly states: number;
  stateOf(node: number): number;
}

/** Nodes by number. */
export type Lists = (number[] | undefined)[];

const NONE: readonly number[] = [];

/** State of all globals and built-ins. */
export const GLOBAL = 0;

/** State of globals that are assigned only while they have no value. */
export const FILLED = 1;

/** A set of numbers. */
class Numbers {
  #has: Uint8Array;

  constructor(size: number) {
    this.#has = new Uint8Array(size);
  }

  /** Returns false if the number was there already. */
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
 * Searches for effects: pieces that, while files are loaded, change state that some code reads. Follows the code that
 * effects reach in turn, until nothing new is found. Visits each node once.
 */
export class EffectSearch {
  readonly #nodes: readonly NetworkNode[];
  readonly #links: EffectLinks;
  #closure: Closure;
  #states: Numbers;
  #running: Numbers;
  #writers: Numbers;
  #visited = 0;
  /** Effects, each with the reached node it changes first; -1 for none. */
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

  /** A search that continues from the same state. */
  copy(): EffectSearch {
    const copy = new EffectSearch(this.#nodes, this.#links);
    copy.#closure = this.#closure.copy();
    copy.#states = this.#states.copy();
    copy.#running = this.#running.copy();
    copy.#writers = this.#writers.copy();
    copy.#visited = this.#visited;
    copy.#found = new Map(this.#found);
    return copy;
  }

  /** Adds code, and states that it reads besides. */
  reach(roots: readonly number[], states: readonly number[] = []): void {
    for (const root of roots) this.#closure.add(root);
    for (const state of states) this.#readState(state, -1);
    const { reached } = this.#closure;
    for (; this.#visited < reached.length; this.#visited++) {
      const node = reached[this.#visited] ?? -1;
      this.#readState(this.#links.stateOf(node), node);
      if (this.#nodes[node]?.facts?.readsGlobal) this.#readState(FILLED, node);
    }
  }

  #readState(state: number, cause: number): void {
    if (!this.#states.add(state)) return;
    const { derived, loadWriters, runWriters, stateOf } = this.#links;
    const states = [state];
    // The list grows during the loop.
    for (const each of states) {
      for (const writer of loadWriters[each] ?? NONE) this.#include(writer, cause);
      for (const runner of runWriters[each] ?? NONE) this.#findLoaders(runner, cause);
      for (const holder of derived[each] ?? NONE) {
        const next = stateOf(holder);
        if (this.#states.add(next)) states.push(next);
      }
    }
  }

  #findLoaders(runner: number, cause: number): void {
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
