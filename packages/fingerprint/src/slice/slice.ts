import type { Network } from '../link/network.ts';
import { Closure } from './closure.ts';
import { type EffectSearch, GLOBAL } from './effect-search.ts';
import type { Effects } from './effects.ts';

/** The code that one step can reach. */
export interface Slice {
  readonly closure: Closure;
  /** In order: class headers, the step, nodes that every step needs, effects in evaluation order. */
  readonly roots: readonly number[];
}

/** Makes the slices of the steps of one flow. The search that they share runs once. */
export class Slicer {
  readonly #search: EffectSearch;
  /** Position of each piece in evaluation order. */
  readonly #order: Int32Array;

  constructor(
    readonly network: Network,
    effects: Effects,
  ) {
    const { nodes, pieces, chain, headers, shared } = network;
    this.#order = new Int32Array(nodes.length);
    pieces.forEach((piece, position) => {
      this.#order[piece] = position;
    });
    this.#search = effects.search();
    this.#search.reach([...headers, ...shared], [GLOBAL, ...chain.map((each) => effects.stateOf(each))]);
  }

  slice(step: string): Slice {
    const { nodes, steps, headers, shared } = this.network;
    const own = Object.hasOwn(steps, step) ? (steps[step] ?? []) : [];
    if (own.length === 0) throw new Error(`no method ${step} in the class of the flow`);
    const fixed = [...headers, ...own, ...shared];
    const closure = new Closure(nodes);
    for (const root of fixed) closure.add(root);
    const effects = this.#effectsOf(own);
    for (const [effect, cause] of effects) closure.add(effect, cause < 0 ? -1 : closure.indexOf(cause));
    return { closure, roots: [...fixed, ...effects.map(([effect]) => effect)] };
  }

  /** Effects that change reached state, in evaluation order, each with the first node it changes. */
  #effectsOf(own: readonly number[]): readonly (readonly [effect: number, cause: number])[] {
    const search = this.#search.copy();
    search.reach(own);
    return [...search.found].sort(([a], [b]) => (this.#order[a] ?? 0) - (this.#order[b] ?? 0));
  }
}
