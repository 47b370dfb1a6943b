import type { ClassShape, Member } from '../summary/summary.ts';
import type { CodeGraph, FlowMembers, FoundMember, Target } from './graph.ts';
import type { LinkedModule } from './modules.ts';
import type { LinkNode } from './node.ts';
import { headerNode, memberNode, optionsNode } from './pieces.ts';
import { resolveExport, resolveName } from './resolve.ts';

/** One class of the flow's inheritance chain. */
export interface ChainLink {
  readonly module: LinkedModule;
  readonly index: number;
  readonly shape: ClassShape;
  readonly node: LinkNode;
}

/** The flow's class and its base classes, most derived first, with members looked up by name. */
export class FlowClass implements FlowMembers {
  constructor(
    readonly program: CodeGraph,
    readonly links: readonly ChainLink[],
    /** The class whose base cannot be followed: code there may call any member. */
    readonly opaqueAt: ChainLink | undefined,
  ) {}

  headerOf(node: LinkNode): LinkNode | undefined {
    const link = this.links.find((each) => each.node.key === node.key);
    return link && headerNode(this.program, link.module, link.index, link.shape);
  }

  headers(): readonly LinkNode[] {
    return this.links.map((link) => headerNode(this.program, link.module, link.index, link.shape));
  }

  lookup(name: string, isStatic: boolean, from = 0): readonly FoundMember[] {
    for (const [at, link] of this.links.entries()) {
      const found = at < from ? [] : membersIn(link, (each) => each.name === name && each.static === isStatic);
      if (found.length > 0) return found.map((member) => this.#found(link, member));
    }
    return [];
  }

  all(wanted: (member: Member) => boolean): readonly FoundMember[] {
    return this.links.flatMap((link) => membersIn(link, wanted).map((member) => this.#found(link, member)));
  }

  positionOf(module: LinkedModule, index: number): number {
    return this.links.findIndex((link) => link.module === module && link.index === index);
  }

  staticMembers(node: LinkNode, name: string): readonly LinkNode[] {
    const at = this.links.findIndex((link) => link.node.key === node.key);
    return at < 0 ? [] : this.lookup(name, true, at).map((found) => found.node);
  }

  #found(link: ChainLink, member: Member): FoundMember {
    const options = optionsNode(this.program, link.module, link.index, member);
    return {
      member,
      node: memberNode(this.program, link.module, link.index, link.shape, member),
      ...(options && { options }),
    };
  }
}

function membersIn(link: ChainLink, wanted: (member: Member) => boolean): readonly Member[] {
  return link.shape.members.filter(wanted);
}

/** Finds the class of that name in the flow's file; `undefined` if there is none that can be read. */
export function findFlow(program: CodeGraph, name: string): FlowClass | undefined {
  const entry = program.modules.get(program.graph.entry);
  if (!entry?.summary || entry.summary.whole) return undefined;
  const first = [
    ...resolveName(program, entry, name),
    ...resolveExport(program, entry, name),
    ...resolveExport(program, entry, 'default'),
  ].flatMap((target) => linkOf(program, target) ?? [])[0];
  if (!first) return undefined;
  const links = [first];
  for (let at: ChainLink = first; ; ) {
    const next = baseOf(program, at);
    if (next === 'framework' || next === 'none') return new FlowClass(program, links, undefined);
    if (next === 'opaque' || links.some((link) => link.node.key === next.node.key))
      return new FlowClass(program, links, at);
    links.push(next);
    at = next;
  }
}

function linkOf(program: CodeGraph, { node }: Target): ChainLink | undefined {
  const end = node.key.lastIndexOf('#');
  const [module, index] = [program.modules.get(node.key.slice(0, end)), Number(node.key.slice(end + 1))];
  const shape = module?.summary?.units[index]?.shape;
  return module && shape && { module, index, shape, node };
}

function baseOf(program: CodeGraph, link: ChainLink): ChainLink | 'framework' | 'none' | 'opaque' {
  const { base, opaqueBase } = link.shape;
  if (opaqueBase) return 'opaque';
  if (!base) return 'none';
  const targets = resolveName(program, link.module, base.name, base.member);
  if (targets.length === 1 && targets[0]?.node.kind === 'framework') return 'framework';
  const [only, ...others] = targets;
  return (only && others.length === 0 ? linkOf(program, only) : undefined) ?? 'opaque';
}
