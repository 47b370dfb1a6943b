import type { Digest, ImportTarget } from '@varve/core/contract';
import type { Facts } from '../summary/summary.ts';
import type { Edge, LinkNode, NodeKind } from './node.ts';
import type { Origin } from './node-source.ts';

/** A piece of code or a leaf as plain data, so that it can be kept: others stand in it by their numbers. */
export interface NetworkNode {
  readonly label: string;
  /** What is hashed of it. */
  readonly recorded: Digest;
  readonly line: number;
  readonly file: string;
  readonly kind: NodeKind;
  readonly origin: Origin;
  readonly marks: readonly string[];
  /** What parts of a package are written as; empty for what stands for itself. */
  readonly shared: string;
  /** Left out when there are none. */
  readonly facts?: Facts;
  readonly external?: { readonly module: string; readonly name: string };
  readonly target?: Extract<ImportTarget, { type: 'package' }>;
  /** The function that makes its value and only keeps what it is given. */
  readonly keeper?: number;
  /** Where each reference leads, followed by how it is used: see `usesOf`. */
  readonly edges: readonly number[];
}

/** All that decides which code the steps of a flow reach. */
export interface Network {
  readonly nodes: readonly NetworkNode[];
  /** Pieces of all files, in the order in which these are evaluated. */
  readonly pieces: readonly number[];
  /** Those that run whenever an object is made: field initialisers and constructors of the flow. */
  readonly fresh: readonly number[];
  /** Classes of the flow's chain, most derived first, and their headers. */
  readonly chain: readonly number[];
  readonly headers: readonly number[];
  /** Headers and members of the chain. */
  readonly own: readonly number[];
  /** What every step needs besides the headers. */
  readonly shared: readonly number[];
  /** The methods of each step with its options; none where there is no such method. */
  readonly steps: Readonly<Record<string, readonly number[]>>;
  /** The class whose base cannot be followed. */
  readonly opaque?: number;
  /** Names that were looked for in vain among the exports of files: one that is new may be one of them. */
  readonly absent: readonly string[];
}

const [LATER, HANDED, PART] = [8, 16, 24];

/** How a reference is used, as one number. */
export function packUses({ eager, later, handed = 0, part }: Edge): number {
  return eager | (later << LATER) | (handed << HANDED) | (part ? 1 << PART : 0);
}

export function eagerUses(uses: number): number {
  return uses & 0xff;
}

export function laterUses(uses: number): number {
  return (uses >> LATER) & 0xff;
}

/** Uses in what is given to the call that makes the value of the piece. */
export function handedUses(uses: number): number {
  return (uses >> HANDED) & 0xff;
}

/** Whether the target always runs when the piece runs. */
export function isPart(uses: number): boolean {
  return uses >> PART !== 0;
}

/** All of them, whenever they happen. */
export function allUses(uses: number): number {
  return (uses | (uses >> LATER) | (uses >> HANDED)) & 0xff;
}

/** Gives numbers to nodes, in the order in which they are met. */
export class Numbering {
  readonly met: LinkNode[] = [];
  /** By the node's number in its program. */
  readonly #numbers: (number | undefined)[] = [];

  of(node: LinkNode): number {
    const known = this.#numbers[node.id];
    if (known !== undefined) return known;
    const number = this.met.push(node) - 1;
    this.#numbers[node.id] = number;
    return number;
  }

  all(nodes: readonly LinkNode[]): readonly number[] {
    return nodes.map((node) => this.of(node));
  }
}
