import type { ModuleGraph } from '@varve/core/contract';
import type { Member } from '../summary/summary.ts';
import type { LinkedModule, Modules } from './modules.ts';
import type { LinkNode, NodeParts } from './node.ts';
import type { Surroundings } from './options.ts';

/** What a name stands for. */
export interface Target {
  readonly node: LinkNode;
  readonly pick: string;
  /** The member that was asked for is the target itself, as with a namespace. */
  readonly memberUsed: boolean;
}

export interface FoundMember {
  readonly member: Member;
  readonly node: LinkNode;
  /** What `@step` says about its result. */
  readonly options?: LinkNode;
}

/** Members of the flow's class and of those below it. */
export interface FlowMembers {
  /** The header of a class of the chain. */
  headerOf(node: LinkNode): LinkNode | undefined;
  /** Position of the class that a member belongs to. */
  positionOf(module: LinkedModule, index: number): number;
  /** What `this.name` is: found from the most derived class, or from `from` on. */
  lookup(name: string, isStatic: boolean, from?: number): readonly FoundMember[];
  staticMembers(node: LinkNode, name: string): readonly LinkNode[];
  all(wanted: (member: Member) => boolean): readonly FoundMember[];
}

/** All pieces of one module graph, as the makers of nodes see them; each is made once, when it is first asked for. */
export interface CodeGraph {
  readonly graph: ModuleGraph;
  readonly modules: Modules;
  readonly outside: Surroundings;
  /** Names that were looked for among the exports of a file, and are none of them: see `absentName`. */
  readonly absent: Set<string>;
  /** The class whose members are looked up one by one; set once it is found. */
  readonly flow: FlowMembers | undefined;
  /** The node of that key, made on the first call. */
  node(key: string, make: () => NodeParts): LinkNode;
  /** Where a name leads; looked up once, as long as the class of the flow stays the same. */
  resolve(module: LinkedModule, name: string, member: string | undefined): readonly Target[];
  /** One top-level declaration or statement. */
  unit(module: LinkedModule, index: number): LinkNode;
  /** A file that is hashed by its content, with all that it imports. */
  file(module: LinkedModule): LinkNode;
}

/** In the place of a name: all that a file exports was asked for. */
export const EVERY_NAME = '*';

/** What stands for a name that was looked for among the exports of a file, and is none of them. */
export function absentName(path: string, name: string): string {
  return `${path}#${name}`;
}
