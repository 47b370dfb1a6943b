import type { Digest, ImportTarget } from '@varve/core/contract';
import type { Doing, Hidden, Val } from '../summary/doing/doing.ts';
import type { Facts } from '../summary/summary.ts';
import type { Edge, LinkNode, NodeKind } from './node.ts';
import type { NodeSource } from './node-source.ts';

/** A node as plain data, with references by number. Stored: field names must not change. */
export interface NetworkNode {
  readonly label: string;
  /** Hash of the node as the fingerprint records it. */
  readonly recorded: Digest;
  readonly line: number;
  readonly file: string;
  readonly kind: NodeKind;
  readonly origin: NodeSource;
  readonly marks: readonly string[];
  /** The package whose state stands for the node's; empty for a node with a state of its own. */
  readonly shared: string;
  /** Left out when empty. */
  readonly facts?: Facts;
  readonly external?: { readonly module: string; readonly name: string };
  readonly target?: Extract<ImportTarget, { type: 'package' }>;
  /** What the code does; see the summary. */
  readonly load?: Doing;
  readonly call?: Doing;
  readonly value?: Val;
  readonly hidden?: readonly Hidden[];
  readonly use?: Doing;
  /** Targets of the references that the code above names, by index; `1` first if the member named is the target. */
  readonly tops?: Readonly<Record<number, readonly number[]>>;
  /** Code assigns the name again. */
  readonly reassigned?: true;
  /** Members of a class: name, `static` or not, kind, node. */
  readonly members?: readonly (readonly [name: string, isStatic: boolean, kind: string, node: number])[];
  /** Pairs of a target and its uses, packed by `packUses`. */
  readonly edges: readonly number[];
}

/**
 * The linked code of a flow: everything that decides which code its steps reach. Stored: field names must not change.
 */
export interface Network {
  readonly nodes: readonly NetworkNode[];
  /** Pieces of all files in evaluation order. */
  readonly pieces: readonly number[];
  /** Field initialisers and constructors of the flow: they run whenever an object is made. */
  readonly fresh: readonly number[];
  /** Classes of the flow's chain, most derived first; `headers` are theirs. */
  readonly chain: readonly number[];
  readonly headers: readonly number[];
  /** Headers and members of the chain. */
  readonly own: readonly number[];
  /** Nodes that every step needs besides the headers. */
  readonly shared: readonly number[];
  /** Method and options of each step; empty if there is no such method. */
  readonly steps: Readonly<Record<string, readonly number[]>>;
  /** The class whose base cannot be followed. */
  readonly opaque?: number;
  /** Names that code uses of files that do not export them: see `absentName`. */
  readonly absent: readonly string[];
}

const [LATER, PART, PUT] = [10, 24, 25];
const USES = (1 << LATER) - 1;

/** Packs the uses of a reference into one number. */
export function packUses({ eager, later, part, put }: Edge): number {
  return eager | (later << LATER) | (part ? 1 << PART : 0) | (put ? 1 << PUT : 0);
}

/** True for a reference that only puts something into the target, see `Edge.put`. */
export function onlyPuts(uses: number): boolean {
  return (uses & (1 << PUT)) !== 0;
}

export function eagerUses(uses: number): number {
  return uses & USES;
}

export function laterUses(uses: number): number {
  return (uses >> LATER) & USES;
}

/** All uses, whenever they happen. */
export function allUses(uses: number): number {
  return (uses | (uses >> LATER)) & USES;
}

/** Numbers nodes in the order in which they are first seen. */
export class Numbering {
  readonly nodes: LinkNode[] = [];
  /** By `LinkNode.id`. */
  readonly #numbers: (number | undefined)[] = [];

  of(node: LinkNode): number {
    const known = this.#numbers[node.id];
    if (known !== undefined) return known;
    const number = this.nodes.push(node) - 1;
    this.#numbers[node.id] = number;
    return number;
  }

  all(nodes: readonly LinkNode[]): readonly number[] {
    return nodes.map((node) => this.of(node));
  }
}
