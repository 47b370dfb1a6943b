import type { LinkNode } from './node.ts';

/** What a step reaches, in the order in which it is reached, and through what. */
export class Closure {
  #nodes: LinkNode[] = [];
  /** Index of each node by its number in the program: its number in the hash; -1 for what is not reached. */
  #indices = new Int32Array(1024).fill(-1);
  #from: number[] = [];

  /** Grows while it is gone through, when nodes are added meanwhile. */
  get nodes(): readonly LinkNode[] {
    return this.#nodes;
  }

  copy(): Closure {
    const copy = new Closure();
    copy.#nodes = [...this.#nodes];
    copy.#indices = this.#indices.slice();
    copy.#from = [...this.#from];
    return copy;
  }

  indexOf({ id }: LinkNode): number {
    return this.#indices[id] ?? -1;
  }

  /** Index of the node through which one was reached first; -1 for a root. */
  fromOf(index: number): number {
    return this.#from[index] ?? -1;
  }

  /** Adds a root and all that it reaches, depth first, in the order of the references. */
  add(root: LinkNode, from = -1): void {
    const waiting = [root];
    const through = [from];
    for (let node = waiting.pop(); node; node = waiting.pop()) {
      const via = through.pop() ?? -1;
      if (this.indexOf(node) >= 0) continue;
      const index = this.#put(node, via);
      const { edges } = node;
      for (let i = edges.length - 1; i >= 0; i--) {
        const to = edges[i]?.to;
        if (!to || this.indexOf(to) >= 0) continue;
        waiting.push(to);
        through.push(index);
      }
    }
  }

  #put(node: LinkNode, from: number): number {
    if (node.id >= this.#indices.length) {
      const wider = new Int32Array(node.id * 2).fill(-1);
      wider.set(this.#indices);
      this.#indices = wider;
    }
    const index = this.#nodes.push(node) - 1;
    this.#indices[node.id] = index;
    this.#from.push(from);
    return index;
  }
}
