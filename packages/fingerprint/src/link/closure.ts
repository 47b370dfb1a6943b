import { edgesOf, type LinkNode } from './node.ts';

/** What a step reaches, in the order in which it is reached, and through what. */
export class Closure {
  /** Index of each node: its number in the hash. */
  readonly #indices = new Map<LinkNode, number>();
  readonly #from: number[] = [];

  get nodes(): readonly LinkNode[] {
    return [...this.#indices.keys()];
  }

  /** The nodes, and those that are added meanwhile. */
  walk(): Iterable<LinkNode> {
    return this.#indices.keys();
  }

  has(node: LinkNode): boolean {
    return this.#indices.has(node);
  }

  indexOf(node: LinkNode): number {
    return this.#indices.get(node) ?? -1;
  }

  /** Index of the node through which one was reached first; -1 for a root. */
  fromOf(index: number): number {
    return this.#from[index] ?? -1;
  }

  /** Adds a root and all that it reaches, depth first, in the order of the references. */
  add(root: LinkNode, from = -1): void {
    const waiting: { readonly node: LinkNode; readonly from: number }[] = [{ node: root, from }];
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      if (this.#indices.has(next.node)) continue;
      const index = this.#indices.size;
      this.#indices.set(next.node, index);
      this.#from.push(next.from);
      const edges = edgesOf(next.node);
      for (let i = edges.length - 1; i >= 0; i--) {
        const to = edges[i]?.to;
        if (to && !this.#indices.has(to)) waiting.push({ node: to, from: index });
      }
    }
  }
}
