import { eagerUses, laterUses, type Network, type NetworkNode } from '../link/network.ts';

/**
 * The order in which pieces are evaluated, as far as it matters. It does where there is an effect, and where code that
 * runs while files are loaded can reach a variable before its value is made: the compiler turns such a read into
 * `undefined`.
 */
export class LoadOrder {
  readonly #nodes: readonly NetworkNode[];
  readonly #positions: Int32Array;
  /** Greatest position that each node can reach. */
  readonly #last: Int32Array;

  constructor({ nodes, pieces }: Network) {
    this.#nodes = nodes;
    this.#positions = new Int32Array(nodes.length).fill(-1);
    pieces.forEach((piece, position) => {
      this.#positions[piece] = position;
    });
    this.#last = lastReached(nodes, pieces);
  }

  positionOf(node: number): number {
    return this.#positions[node] ?? -1;
  }

  /** Of reached nodes, those whose order counts; `hasEffects` if something is changed while files are loaded. */
  of(reached: readonly number[], hasEffects: boolean): readonly number[] {
    const isEarly = reached.some((node) => this.#readsEarly(node));
    const counts = isEarly ? (node: number) => this.#isMade(node) : (node: number) => this.#runs(node);
    const found = isEarly || hasEffects ? reached.filter(counts) : [];
    return [...found].sort((a, b) => this.positionOf(a) - this.positionOf(b));
  }

  /** True for a piece that can reach a variable before its value is made. */
  #readsEarly(number: number): boolean {
    const position = this.positionOf(number);
    const [edges, runs] = [this.#nodes[number]?.edges ?? [], this.#runs(number)];
    if (!this.#isMade(number) && !runs) return false;
    for (let i = 0; i < edges.length; i += 2) {
      const [to, uses] = [edges[i] ?? 0, edges[i + 1] ?? 0];
      const isRead = runs || eagerUses(uses) !== 0 || laterUses(uses) === 0;
      if (isRead && (this.#last[to] ?? -1) > position) return true;
    }
    return false;
  }

  /** True for a piece with a value that is made when its file is loaded. */
  #isMade(node: number): boolean {
    return this.positionOf(node) >= 0 && /^(constant|container|value|statement)$/.test(this.#nodes[node]?.kind ?? '');
  }

  /** True for a piece that runs code when its file is loaded. */
  #runs(node: number): boolean {
    return this.positionOf(node) >= 0 && (this.#nodes[node]?.load?.deeds.length ?? 0) > 0;
  }
}

/** The greatest position that each node reaches over any number of references; -1 for none. */
function lastReached(nodes: readonly NetworkNode[], pieces: readonly number[]): Int32Array {
  const sources: (number[] | undefined)[] = new Array(nodes.length);
  nodes.forEach(({ edges }, from) => {
    for (let i = 0; i < edges.length; i += 2) {
      const to = edges[i] ?? 0;
      const known = sources[to];
      if (known) known.push(from);
      else sources[to] = [from];
    }
  });
  const last = new Int32Array(nodes.length).fill(-1);
  for (let position = pieces.length - 1; position >= 0; position--) {
    const found = [pieces[position] ?? 0];
    // The list grows during the loop. Every node is found by the last piece that it reaches.
    for (const node of found) {
      if (last[node] !== -1) continue;
      last[node] = position;
      for (const source of sources[node] ?? []) if (last[source] === -1) found.push(source);
    }
  }
  return last;
}
