import type { ModuleGraph } from '@varve/core/contract';
import type { Member } from '../summary/summary.ts';
import type { LinkedModule, Modules } from './modules.ts';
import type { LinkNode, NodeParts } from './node.ts';
import type { Surroundings } from './options.ts';

/** The node that a name leads to. */
export interface Target {
  readonly node: LinkNode;
  /** See `Edge.pick`. */
  readonly pick: string;
  /** The requested member was resolved too: `node` is the member, as with a namespace. */
  readonly memberUsed: boolean;
}

/** A member of the flow, found by name. */
export interface FoundMember {
  readonly member: Member;
  readonly node: LinkNode;
  /** The options of `@step` that affect its result. */
  readonly options?: LinkNode;
}

/** Members of the flow's class and of its base classes. */
export interface FlowMembers {
  /** The header of a class of the chain, by the node of that class. */
  headerOf(node: LinkNode): LinkNode | undefined;
  /** Position of a class in the chain; -1 for any other class. */
  positionOf(module: LinkedModule, index: number): number;
  /** Resolves `this.name`, starting at the most derived class or at position `from`. */
  lookup(name: string, isStatic: boolean, from?: number): readonly FoundMember[];
  staticMembers(node: LinkNode, name: string): readonly LinkNode[];
  all(wanted: (member: Member) => boolean): readonly FoundMember[];
}

/** The code of a flow while it is linked: looks up names, members and files, and makes each node once. */
export interface CodeGraph {
  readonly graph: ModuleGraph;
  readonly modules: Modules;
  readonly outside: Surroundings;
  /** Names that code uses of a file that does not export them: see `absentName`. */
  readonly absent: Set<string>;
  /** The class of the flow, whose members are looked up one by one; set once it is found. */
  readonly flow: FlowMembers | undefined;
  /** Returns the node of that key, made on the first call. */
  node(key: string, make: () => NodeParts): LinkNode;
  /** Resolves a name of a file's top scope. */
  resolve(module: LinkedModule, name: string, member: string | undefined): readonly Target[];
  /** One top-level declaration or statement. */
  unit(module: LinkedModule, index: number): LinkNode;
  /** A file hashed by its content, with all that it imports. */
  file(module: LinkedModule): LinkNode;
}

/** Takes the place of a name when code uses all exports of a file. */
export const EVERY_NAME = '*';

/** Key of a name that a file does not export: an edit that adds it can change where references lead. */
export function absentName(path: string, name: string): string {
  return `${path}#${name}`;
}
