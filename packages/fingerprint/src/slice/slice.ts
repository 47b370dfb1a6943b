import { type Network, onlyPuts } from '../link/network.ts';
import { Closure } from './closure.ts';
import type { Effects } from './effects.ts';
import { LoadOrder } from './load-order.ts';

/** The code that one step can reach. */
export interface Slice {
  readonly closure: Closure;
  /** In order: class headers, the step, nodes that every step needs, effects in evaluation order. */
  readonly roots: readonly number[];
  /** Nodes whose order of evaluation matters, in that order. */
  readonly order: readonly number[];
}

/** Makes the slices of the steps of one flow. */
export class Slicer {
  readonly #order: LoadOrder;
  readonly #open: readonly number[];

  constructor(
    readonly network: Network,
    readonly effects: Effects,
  ) {
    this.#order = new LoadOrder(network);
    this.#open = effects.open.map(({ node }) => node);
  }

  slice(step: string): Slice {
    const { steps } = this.network;
    const own = Object.hasOwn(steps, step) ? (steps[step] ?? []) : [];
    if (own.length === 0) throw new Error(`no method ${step} in the class of the flow`);
    return this.#sliceOf(own);
  }

  /** The code that any of the steps can reach. */
  whole(): Slice {
    return this.#sliceOf(Object.values(this.network.steps).flat());
  }

  #sliceOf(own: readonly number[]): Slice {
    const { nodes, headers, shared } = this.network;
    const fixed = [...headers, ...own, ...shared];
    const effects = this.#effectsOf([...fixed, ...this.#open]);
    const closure = new Closure(nodes);
    for (const root of fixed) closure.add(root);
    for (const [effect, cause] of effects) closure.add(effect, cause < 0 ? -1 : closure.indexOf(cause));
    const order = this.#order.of(closure.reached, effects.length > 0);
    return { closure, roots: [...fixed, ...effects.map(([effect]) => effect)], order };
  }

  /** Effects on anything that the code reaches, in evaluation order, each with the first node it changes; -1 for any. */
  #effectsOf(roots: readonly number[]): readonly (readonly [effect: number, cause: number])[] {
    const found = new Map(this.#open.map((effect) => [effect, -1]));
    const closure = new Closure(this.network.nodes);
    const { writers, fillers } = this.effects;
    const seen = new Set<number>();
    const add = (effects: ReadonlyMap<number, readonly number[]>, node: number) => {
      for (const writer of effects.get(node) ?? []) {
        if (found.has(writer)) continue;
        found.set(writer, node);
        closure.add(writer);
      }
    };
    const see = (node: number) => {
      if (seen.has(node)) return;
      seen.add(node);
      add(fillers, node);
    };
    for (const root of roots) closure.add(root);
    for (const root of roots) see(root);
    // The list grows during the loop.
    for (const node of closure.reached) {
      add(writers, node);
      const edges = this.network.nodes[node]?.edges ?? [];
      for (let i = 0; i < edges.length; i += 2) if (!onlyPuts(edges[i + 1] ?? 0)) see(edges[i] ?? 0);
    }
    return [...found].sort(([a], [b]) => this.#order.positionOf(a) - this.#order.positionOf(b));
  }
}
