import type { ClassShape, Member } from '../summary/summary.ts';
import type { LinkedModule } from './modules.ts';
import type { LinkNode } from './node.ts';
import type { Program } from './program.ts';
import { resolveExport, resolveName, type Target } from './resolve.ts';

/** One class of the flow's chain. */
export interface ChainLink {
  readonly module: LinkedModule;
  readonly index: number;
  readonly shape: ClassShape;
  readonly node: LinkNode;
}

/** The flow's class and the classes below it, most derived first, with its members looked up by name. */
export class FlowClass {
  constructor(
    readonly program: Program,
    readonly links: readonly ChainLink[],
    /** Where the chain is lost sight of: code there may call anything. */
    readonly opaqueAt: ChainLink | undefined,
  ) {}

  /** The header of a class of the chain. */
  headerOf(node: LinkNode): LinkNode | undefined {
    const link = this.links.find((each) => each.node.key === node.key);
    return link && this.program.header(link.module, link.index, link.shape);
  }

  headers(): readonly LinkNode[] {
    return this.links.map((link) => this.program.header(link.module, link.index, link.shape));
  }

  /** What `this.name` is: found from the most derived class, or from `from` on. */
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

  /** Position of the class that a member belongs to. */
  positionOf(module: LinkedModule, index: number): number {
    return this.links.findIndex((link) => link.module === module && link.index === index);
  }

  staticMembers(node: LinkNode, name: string): readonly LinkNode[] {
    const at = this.links.findIndex((link) => link.node.key === node.key);
    return at < 0 ? [] : this.lookup(name, true, at).map((found) => found.node);
  }

  #found(link: ChainLink, member: Member): FoundMember {
    const options = this.program.options(link.module, link.index, member);
    return {
      member,
      node: this.program.member(link.module, link.index, link.shape, member),
      ...(options && { options }),
    };
  }
}

export interface FoundMember {
  readonly member: Member;
  readonly node: LinkNode;
  /** What `@step` says about its result. */
  readonly options?: LinkNode;
}

function membersIn(link: ChainLink, wanted: (member: Member) => boolean): readonly Member[] {
  return link.shape.members.filter(wanted);
}

/** Finds the class of that name from the flow's file; nothing when there is none that can be read. */
export function findFlow(program: Program, name: string): FlowClass | undefined {
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

function linkOf(program: Program, { node }: Target): ChainLink | undefined {
  const end = node.key.lastIndexOf('#');
  const [module, index] = [program.modules.get(node.key.slice(0, end)), Number(node.key.slice(end + 1))];
  const shape = module?.summary?.units[index]?.shape;
  return module && shape && { module, index, shape, node };
}

function baseOf(program: Program, link: ChainLink): ChainLink | 'framework' | 'none' | 'opaque' {
  const { base, opaqueBase } = link.shape;
  if (opaqueBase) return 'opaque';
  if (!base) return 'none';
  const targets = resolveName(program, link.module, base.name, base.member);
  if (targets.length === 1 && targets[0]?.node.kind === 'framework') return 'framework';
  const [only, ...others] = targets;
  return (only && others.length === 0 ? linkOf(program, only) : undefined) ?? 'opaque';
}

/**
 * The members that a reference to `this`, `super` or a private name leads to, with what makes their values. A field
 * that is an artifact is none, as it comes by value; unless `fresh`, for code that runs before fields are artifacts.
 */
export function memberSlot(
  flow: FlowClass,
  kind: string,
  name: string,
  owner: number,
  fresh: boolean,
): readonly LinkNode[] {
  const isStatic = kind === 'static' || kind === 'static-super';
  const isSuper = kind === 'super' || kind === 'static-super';
  const from = isSuper ? owner + 1 : kind === 'private' ? owner : 0;
  const found = [...flow.lookup(name, isStatic, from), ...(kind === 'private' ? flow.lookup(name, true, from) : [])];
  const code = found.filter(({ member }) => member.kind !== 'field' || member.remade || fresh);
  const isMade = code.some(({ member }) => member.kind === 'field');
  const makers = isMade ? flow.all((member) => member.kind === 'constructor' && mayAssign(flow, member, name)) : [];
  return [...code, ...makers].map(({ node }) => node);
}

/** Whether a constructor may give a field its value: it names it, lets go of `this`, or runs a method on it. */
function mayAssign(flow: FlowClass, maker: Member, name: string): boolean {
  return maker.facts.escape !== undefined || runsMethods(flow, maker) || maker.refs.some((ref) => ref.name === name);
}

/** Whether code that makes an object runs a method of it, which may read and assign any field. */
export function runsMethods(flow: FlowClass, { refs }: Pick<Member, 'refs'>): boolean {
  return refs.some(({ kind, name }) => {
    if (kind !== 'this' && kind !== 'super' && kind !== 'private') return false;
    return flow.lookup(name, false).some(({ member }) => member.kind === 'method');
  });
}
