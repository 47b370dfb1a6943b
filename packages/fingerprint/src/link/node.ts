import type { Digest, ImportTarget } from '@varve/core/contract';
import { digestOfParts } from '../format.ts';
import type { Facts, Member, Part } from '../summary/summary.ts';

/** A reference from one node to another. */
export interface Edge {
  readonly to: LinkNode;
  /** Selects one of several things the target stands for: a binding of a pattern, an export of a leaf. */
  readonly pick: string;
  /** Uses as in a summary, as they apply to the target. */
  readonly eager: number;
  readonly later: number;
  /** The member that the reference names is the target itself, as with a namespace. */
  readonly isMember?: boolean;
  /** The target runs whenever the piece runs, as the members of a class do. */
  readonly part?: boolean;
  /** The reference only puts something into a container, and drops what that gives: nothing of its content can be seen. */
  readonly put?: boolean;
}

/** The edges of one reference: none for a member that no class has, several where any may be meant. */
export type Slot = readonly Edge[];

/** Data that a node is made from. */
export interface NodeParts {
  /** Unique in the program. */
  readonly key: string;
  /** For people: `lib/math.ts#normalize`. */
  readonly label: string;
  readonly own: Digest;
  /** Its part of the summary, if it is a piece of code. */
  readonly part?: Part;
  readonly line: number;
  /** Relative to the project; empty for anything outside it. */
  readonly file: string;
  readonly kind: NodeKind;
  readonly facts: Facts;
  /** Code that changes the node changes this package. */
  readonly packageName?: string;
  /** For `package` and `builtin`: the module, and the export that is used. */
  readonly external?: { readonly module: string; readonly name: string };
  /** For `package`: the installed package. */
  readonly target?: Extract<ImportTarget, { type: 'package' }>;
  /** False for a name that code assigns again. */
  readonly fixed?: boolean;
  /** Members of a class, each with its part of the summary. */
  readonly members?: () => readonly (readonly [Member, LinkNode])[];
  /** One slot per reference, in order. Called once, after all names can be resolved. */
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
  /** The package whose state stands for the node's; empty for a node with a state of its own. */
  readonly shared: string;
  readonly fixed: boolean;
  readonly #parts: NodeParts;
  #slots: readonly Slot[] | undefined;
  #edges: readonly Edge[] | undefined;
  #marks: readonly string[] | undefined;
  #recorded: Digest | undefined;

  constructor(
    /** Number in the program, from 0 without gaps. */
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
    this.fixed = parts.fixed ?? true;
    this.#parts = parts;
  }

  get slots(): readonly Slot[] {
    this.#slots ??= this.#parts.slots();
    return this.#slots;
  }

  /**
   * Text for references whose targets alone do not tell the meaning: several targets, none, or one of several picks.
   */
  get marks(): readonly string[] {
    this.#marks ??= marksOf(this.slots);
    return this.#marks;
  }

  /** Hash of the node as the fingerprint records it. */
  get recorded(): Digest {
    this.#recorded ??= recordedOf(this.own, this.marks);
    return this.#recorded;
  }

  get members(): readonly (readonly [Member, LinkNode])[] {
    return this.#parts.members?.() ?? [];
  }

  get edges(): readonly Edge[] {
    this.#edges ??= this.slots.flat();
    return this.#edges;
  }
}

/** Shared by the many nodes without facts. */
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

/** Hash of a node's own content and marks. */
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

/** An edge without uses: the target is only needed. */
export function plainEdge(to: LinkNode, pick = ''): Edge {
  return { to, pick, eager: 0, later: 0 };
}
