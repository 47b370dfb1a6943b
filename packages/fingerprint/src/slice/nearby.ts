import type { Network, NetworkNode } from '../link/network.ts';
import { Closure } from './closure.ts';

/**
 * Finds the code that a step can come upon while its tasks run. Code of which nothing is known while files are loaded
 * belongs to every step, but what it keeps for itself is out of reach of a step that shares nothing with it.
 */
export class Nearby {
  readonly #nodes: readonly NetworkNode[];
  readonly #own: ReadonlySet<number>;

  constructor({ nodes, headers, steps, shared }: Network) {
    this.#nodes = nodes;
    this.#own = new Set([...headers, ...shared, ...Object.values(steps).flat()]);
  }

  /** `roots` are those of a slice: the step's own, and effects that its hash holds. */
  of(roots: readonly number[]): Closure {
    const near = new Closure(this.#nodes);
    const effects = new Map<number, Closure>();
    for (const root of roots) {
      if (this.#own.has(root)) near.add(root);
      else effects.set(root, this.#closureOf(root));
    }
    for (let size = -1; size !== effects.size; ) {
      size = effects.size;
      for (const [root, { reached }] of effects) {
        if (!reached.some((node) => near.indexOf(node) >= 0 && this.#isShared(node))) continue;
        near.add(root);
        effects.delete(root);
      }
    }
    return near;
  }

  #closureOf(root: number): Closure {
    const closure = new Closure(this.#nodes);
    closure.add(root);
    return closure;
  }

  /** True for what code can leave something in for other code. */
  #isShared(number: number): boolean {
    const { kind = '' } = this.#nodes[number] ?? {};
    return !/^(constant|framework|asset|missing|project)$/.test(kind);
  }
}
