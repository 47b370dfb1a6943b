import { Closure } from './closure.ts';
import type { LinkNode } from './node.ts';

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
  stateOf(node: LinkNode): number;
}

export type Lists = (LinkNode[] | undefined)[];

/** What a global, or a built-in, is written as. */
export const GLOBAL = 0;

/** A global that is given a value only where it has none: seen by code that asks for such a global. */
export const FILLED = 1;

/** A set of numbers. */
class Numbers {
  #has = new Uint8Array(1024);

  /** Whether the number was not there yet. */
  add(number: number): boolean {
    if (number >= this.#has.length) {
      const wider = new Uint8Array(number * 2);
      wider.set(this.#has);
      this.#has = wider;
    }
    if (this.#has[number]) return false;
    this.#has[number] = 1;
    return true;
  }

  copy(): Numbers {
    const copy = new Numbers();
    copy.#has = this.#has.slice();
    return copy;
  }
}

/**
 * What some code reaches, with the pieces that, while they are loaded, change a state it reads or what is made of it,
 * and all that those reach. Grows until no more is found; nothing is looked at twice.
 */
export class EffectSearch {
  readonly #links: EffectLinks;
  #closure = new Closure();
  #states = new Numbers();
  #running = new Numbers();
  #writers = new Numbers();
  #looked = 0;
  /** The pieces that were found, each with the first thing it changes. */
  #found = new Map<LinkNode, LinkNode | undefined>();

  constructor(links: EffectLinks) {
    this.#links = links;
  }

  get found(): ReadonlyMap<LinkNode, LinkNode | undefined> {
    return this.#found;
  }

  /** Another search that goes on from here. */
  copy(): EffectSearch {
    const copy = new EffectSearch(this.#links);
    copy.#closure = this.#closure.copy();
    copy.#states = this.#states.copy();
    copy.#running = this.#running.copy();
    copy.#writers = this.#writers.copy();
    copy.#looked = this.#looked;
    copy.#found = new Map(this.#found);
    return copy;
  }

  /** Adds code, and states that it sees besides. */
  reach(roots: readonly LinkNode[], states: readonly number[] = []): void {
    for (const root of roots) this.#closure.add(root);
    for (const state of states) this.#see(state, undefined);
    const { nodes } = this.#closure;
    for (; this.#looked < nodes.length; this.#looked++) {
      const node = nodes[this.#looked];
      if (!node) break;
      this.#see(this.#links.stateOf(node), node);
      if (node.facts.readsGlobal) this.#see(FILLED, node);
    }
  }

  #see(state: number, cause: LinkNode | undefined): void {
    if (!this.#states.add(state)) return;
    const { derived, loadWriters, runWriters, stateOf } = this.#links;
    const states = [state];
    // Each list grows while it is gone through.
    for (const each of states) {
      for (const writer of loadWriters[each] ?? []) this.#include(writer, cause);
      for (const runner of runWriters[each] ?? []) this.#run(runner, cause);
      for (const holder of derived[each] ?? []) {
        const next = stateOf(holder);
        if (this.#states.add(next)) states.push(next);
      }
    }
  }

  #run(runner: LinkNode, cause: LinkNode | undefined): void {
    if (!this.#running.add(runner.id)) return;
    const { runBy, loadedBy } = this.#links;
    const running = [runner];
    for (const { id } of running) {
      for (const loader of loadedBy[id] ?? []) this.#include(loader, cause);
      for (const next of runBy[id] ?? []) if (this.#running.add(next.id)) running.push(next);
    }
  }

  #include(writer: LinkNode, cause: LinkNode | undefined): void {
    if (!this.#writers.add(writer.id)) return;
    this.#found.set(writer, cause);
    this.#closure.add(writer);
  }
}
