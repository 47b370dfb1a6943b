import type { FingerprintNode } from '@varve/core/contract';
import type { NetworkNode } from '../link/network.ts';

/** Reached nodes, by number, in the order in which they are reached. */
export class Closure {
  #reached: number[] = [];
  /** Position of each node, which is its number in the hash; -1 for a node that is not reached. */
  #positions: Int32Array;
  #from: number[] = [];

  constructor(readonly nodes: readonly NetworkNode[]) {
    this.#positions = new Int32Array(nodes.length).fill(-1);
  }

  /** A live list: it grows when nodes are added. */
  get reached(): readonly number[] {
    return this.#reached;
  }

  copy(): Closure {
    const copy = new Closure(this.nodes);
    copy.#reached = this.#reached.slice();
    copy.#positions = this.#positions.slice();
    copy.#from = this.#from.slice();
    return copy;
  }

  indexOf(node: number): number {
    return this.#positions[node] ?? -1;
  }

  /** Position of the node that first reached the one at a position; -1 for a root. */
  fromOf(index: number): number {
    return this.#from[index] ?? -1;
  }

  /** Adds a root and everything it reaches, depth first, in the order of the references. */
  add(root: number, from = -1): void {
    const [nodes, positions] = [this.nodes, this.#positions];
    const stack = [root, from];
    while (stack.length > 0) {
      const via = stack.pop() ?? -1;
      const node = stack.pop() ?? -1;
      if (positions[node] !== -1) continue;
      const index = this.#reached.push(node) - 1;
      positions[node] = index;
      this.#from.push(via);
      const edges = nodes[node]?.edges ?? [];
      for (let i = edges.length - 2; i >= 0; i -= 2) {
        const to = edges[i] ?? -1;
        if (positions[to] === -1) stack.push(to, index);
      }
    }
  }
}

/** Converts reached nodes to the form of a fingerprint. */
export function recordNodes(closure: Closure): readonly FingerprintNode[] {
  return closure.reached.map((number, index): FingerprintNode => {
    const node = closure.nodes[number];
    if (!node) throw new Error(`no node ${number}`);
    const { label, recorded, line, edges } = node;
    const refs: number[] = [];
    for (let i = 0; i < edges.length; i += 2) refs.push(closure.indexOf(edges[i] ?? -1));
    return { label, own: recorded, refs, from: closure.fromOf(index), line };
  });
}

export function rootIndices(closure: Closure, roots: readonly number[]): readonly number[] {
  return roots.map((root) => closure.indexOf(root));
}
