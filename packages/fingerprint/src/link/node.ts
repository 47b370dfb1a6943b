import type { Digest, ImportTarget } from '@varve/core/contract';
import { digestOfParts } from '../format.ts';
import type { Facts, Part } from '../summary/summary.ts';

/** Where a reference leads. */
export interface Edge {
  readonly to: LinkNode;
  /** Which of several things the target stands for is meant: a binding of a pattern, an export of a leaf. */
  readonly pick: string;
  /** Uses, as in a summary, seen from the target. */
  readonly eager: number;
  readonly later: number;
  /** Uses in what is given to the call that makes the value of the piece. */
  readonly handed?: number;
  /** Always runs when the piece runs: the members of a class. */
  readonly part?: boolean;
}

/** A place in an ordered list of references that leads nowhere: a member that no class has. */
export type Slot = readonly Edge[];

/** What a node is made of. */
export interface NodeParts {
  /** Unique in the program. */
  readonly key: string;
  /** For people: `lib/math.ts#normalize`. */
  readonly label: string;
  readonly own: Digest;
  /** What of a summary it is, if it is a piece of code. */
  readonly part?: Part;
  readonly line: number;
  /** Relative to the project; empty for what is not a file of it. */
  readonly file: string;
  readonly kind: NodeKind;
  readonly facts: Facts;
  /** What writes it writes the package. */
  readonly packageName?: string;
  /** For `package` and `builtin`: the module and what of it is asked for. */
  readonly external?: { readonly module: string; readonly name: string };
  /** For `package`: where it is installed. */
  readonly target?: Extract<ImportTarget, { type: 'package' }>;
  /** Positions of the parameters that a call of it only keeps for the function it returns. */
  readonly keeps?: readonly number[];
  /** The function that makes its value and does so with all that it is given. */
  readonly keeper?: () => LinkNode | undefined;
  /** One slot a reference, in order; asked for once, when all of the program can be looked up. */
  readonly slots: () => readonly Slot[];
}

/** A piece of code or a leaf, in one program. */
export class LinkNode {
  readonly key: string;
  readonly label: string;
  readonly own: Digest;
  readonly part: Part | undefined;
  readonly line: number;
  readonly file: string;
  readonly kind: NodeKind;
  readonly facts: Facts;
  readonly external: NodeParts['external'];
  readonly target: NodeParts['target'];
  /** What parts of a package are written as; empty for what stands for itself. */
  readonly shared: string;
  readonly keeps: readonly number[];
  readonly #parts: NodeParts;
  #slots: readonly Slot[] | undefined;
  #edges: readonly Edge[] | undefined;
  #marks: readonly string[] | undefined;
  #recorded: Digest | undefined;
  #keeper: { readonly found: LinkNode | undefined } | undefined;

  constructor(
    /** Its number in the program, from 0 without gaps. */
    readonly id: number,
    parts: NodeParts,
  ) {
    this.key = parts.key;
    this.label = parts.label;
    this.own = parts.own;
    this.part = parts.part;
    this.line = parts.line;
    this.file = parts.file;
    this.kind = parts.kind;
    this.facts = isEmpty(parts.facts) ? NO_FACTS : parts.facts;
    this.external = parts.external;
    this.target = parts.target;
    this.shared = parts.packageName ?? '';
    this.keeps = parts.keeps ?? [];
    this.#parts = parts;
  }

  /** One slot a reference, in order. */
  get slots(): readonly Slot[] {
    this.#slots ??= this.#parts.slots();
    return this.#slots;
  }

  /** What the references do not say by where they lead: that they lead nowhere, or which of several things is meant. */
  get marks(): readonly string[] {
    this.#marks ??= marksOf(this.slots);
    return this.#marks;
  }

  get recorded(): Digest {
    this.#recorded ??= recordedOf(this.own, this.marks);
    return this.#recorded;
  }

  /**
   * The function that makes the value of the piece: a function, too, that keeps what the maker is given. What is given
   * then runs when the piece is called, and not when it is loaded.
   */
  get keeper(): LinkNode | undefined {
    this.#keeper ??= { found: this.#parts.keeper?.() };
    return this.#keeper.found;
  }

  get edges(): readonly Edge[] {
    this.#edges ??= this.slots.flat();
    return this.#edges;
  }
}

/** The facts of the many nodes of which there are none. */
export const NO_FACTS: Facts = {};

function isEmpty(facts: Facts): boolean {
  for (const _ in facts) return false;
  return true;
}

const NO_MARKS: readonly string[] = [];

function marksOf(slots: readonly Slot[]): readonly string[] {
  if (slots.every((slot) => slot.length === 1 && slot[0]?.pick === '')) return NO_MARKS;
  return slots.map((slot) => `${slot.length}${slot.map(({ pick }) => pick).join()}`);
}

/** What is hashed of a node: what it is, with its marks. */
export function recordedOf(own: Digest, marks: readonly string[]): Digest {
  return marks.length === 0 ? own : digestOfParts([own, ...marks]);
}

export type NodeKind =
  | 'function'
  | 'class'
  | 'constant'
  | 'container'
  | 'value'
  | 'statement'
  | 'member'
  | 'namespace'
  | 'package'
  | 'builtin'
  | 'framework'
  | 'asset'
  | 'file'
  | 'project'
  | 'missing';

/** An edge that only says that something is needed. */
export function plainEdge(to: LinkNode, pick = ''): Edge {
  return { to, pick, eager: 0, later: 0 };
}
