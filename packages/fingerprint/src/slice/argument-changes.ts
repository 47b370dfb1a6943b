import type { NetworkNode } from '../link/network.ts';
import type { Doing } from '../summary/doing/doing.ts';
import { type ChangedParameter, type Handed, type HandedValue, handedIn } from '../summary/doing/handed.ts';

/** A value of the top scope that a piece hands to a function that changes it. */
export interface ArgumentChange {
  readonly piece: number;
  readonly target: number;
  readonly byMethod: boolean;
}

/** Finds the values of the top scope that code changes through functions that are given them. */
export class ArgumentChanges {
  readonly #nodes: readonly NetworkNode[];
  readonly #handed = new Map<number, Handed | undefined>();
  /** Parameters that each function changes, itself or through others. */
  readonly #changed = new Map<number, readonly ChangedParameter[]>();

  constructor(nodes: readonly NetworkNode[]) {
    this.#nodes = nodes;
  }

  all(): readonly ArgumentChange[] {
    return this.#nodes.flatMap(({ call, load }, piece) => {
      // What code does while files are loaded is no change of a task; the functions that it makes are.
      const later = call ? [this.#handedOf(piece)] : (load?.fns ?? []).map((each) => handedIn(each));
      return later.flatMap((handed) =>
        (handed?.passed ?? []).flatMap((value) => (value.from === 'top' ? this.#changesOf(piece, value) : [])),
      );
    });
  }

  #changesOf(piece: number, value: HandedValue): readonly ArgumentChange[] {
    const { tops } = this.#nodes[piece] ?? {};
    const changes = this.#changesBy(piece, value);
    return (tops?.[value.at] ?? [])
      .slice(1)
      .flatMap((target) => changes.map(({ byMethod }): ArgumentChange => ({ piece, target, byMethod })));
  }

  /** Changes of a value by the function that it is handed to. */
  #changesBy(piece: number, { callee, position, held }: HandedValue): readonly ChangedParameter[] {
    const [, ...callees] = this.#nodes[piece]?.tops?.[callee] ?? [];
    return callees
      .flatMap((each) => this.#changedBy(each))
      .filter((change) => change.position === position && (!held || change.inside));
  }

  #changedBy(number: number): readonly ChangedParameter[] {
    const known = this.#changed.get(number);
    if (known) return known;
    const handed = this.#handedOf(number);
    // A function that is still being asked about calls itself: that adds nothing.
    this.#changed.set(number, handed?.changed ?? []);
    const further = (handed?.passed ?? []).flatMap((value) => {
      if (value.from !== 'param') return [];
      return this.#changesBy(number, value).map(
        ({ byMethod }): ChangedParameter => ({ position: value.at, inside: value.part === true, byMethod }),
      );
    });
    const all = [...(handed?.changed ?? []), ...further];
    this.#changed.set(number, all);
    return all;
  }

  #handedOf(number: number): Handed | undefined {
    if (this.#handed.has(number)) return this.#handed.get(number);
    const call: Doing | undefined = this.#nodes[number]?.call;
    const made = call && handedIn(call);
    this.#handed.set(number, made);
    return made;
  }
}
