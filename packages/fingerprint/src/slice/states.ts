import type { NetworkNode } from '../link/network.ts';

/** Numbers before it stand for what is no node. */
const FIRST = 2;

/** Numbers for what code may change: a node stands for a state of its own, the parts of one package for one. */
export class States {
  readonly #shared: ReadonlyMap<number, number>;
  /** How many there may be. */
  readonly count: number;

  constructor(nodes: readonly NetworkNode[]) {
    const first = new Map<string, number>();
    const shared = new Map<number, number>();
    nodes.forEach((node, number) => {
      if (node.shared === '') return;
      const known = first.get(node.shared) ?? number;
      first.set(node.shared, known);
      shared.set(number, known);
    });
    this.#shared = shared;
    this.count = nodes.length + FIRST;
  }

  of(node: number): number {
    return (this.#shared.get(node) ?? node) + FIRST;
  }
}
