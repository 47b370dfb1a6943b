import type { Digest, ImportTarget } from '@varve/core/contract';
import type { Facts } from '../summary/summary.ts';

/** Where a reference leads. */
export interface Edge {
  readonly to: LinkNode;
  /** Which of several things the target stands for is meant: a binding of a pattern, an export of a leaf. */
  readonly pick: string;
  /** Uses, as in a summary, seen from the target. */
  readonly eager: number;
  readonly later: number;
  /** Always runs when the piece runs: the members of a class. */
  readonly part?: boolean;
}

/** A place in an ordered list of references that leads nowhere: a member that no class has. */
export type Slot = readonly Edge[];

/** A piece of code or a leaf, in one program. */
export interface LinkNode {
  /** Unique in the program. */
  readonly key: string;
  /** For people: `lib/math.ts#normalize`. */
  readonly label: string;
  readonly own: Digest;
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
  /** One slot a reference, in order. */
  readonly slots: () => readonly Slot[];
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

export function edgesOf(node: LinkNode): readonly Edge[] {
  return node.slots().flat();
}

/** An edge that only says that something is needed. */
export function plainEdge(to: LinkNode, pick = ''): Edge {
  return { to, pick, eager: 0, later: 0 };
}
