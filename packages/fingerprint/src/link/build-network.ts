import type { Part } from '../summary/summary.ts';
import type { FlowClass } from './flow-class.ts';
import { type Network, type NetworkNode, Numbering, packUses } from './network.ts';
import { type LinkNode, NO_FACTS } from './node.ts';
import type { NodeSources } from './node-source.ts';
import type { Program } from './program.ts';
import { resolveImport } from './resolve.ts';

/** Links all code of a flow. Every step depends on `includes` as well. */
export function buildNetwork(
  program: Program,
  flow: FlowClass,
  steps: readonly string[],
  includes: readonly LinkNode[],
  sources: NodeSources,
): Network {
  const numbers = new Numbering();
  const pieces = numbers.all(program.pieces());
  const opaque = flow.opaqueAt ? flow.all(({ kind, remade }) => kind !== 'field' || remade) : [];
  const needed = [...opaque.map(({ node }) => node), ...bareImports(program), ...opaqueFiles(program), ...includes];
  const headers = numbers.all(flow.headers());
  const network = {
    pieces,
    fresh: numbers.all(flow.all(({ kind }) => kind !== 'method').map(({ node }) => node)),
    chain: numbers.all(flow.links.map(({ node }) => node)),
    headers,
    own: [...headers, ...numbers.all(flow.all(() => true).map(({ node }) => node))],
    shared: numbers.all(needed),
    steps: Object.fromEntries(steps.map((step) => [step, numbers.all(stepRoots(flow, step))])),
    ...(flow.opaqueAt && { opaque: numbers.of(flow.opaqueAt.node) }),
  };
  const nodes = describeAll(numbers, sources);
  return { nodes, ...network, absent: [...program.absent] };
}

function stepRoots(flow: FlowClass, step: string): readonly LinkNode[] {
  const method = flow.lookup(step, false).filter(({ member }) => member.kind === 'method');
  return method.flatMap(({ node, options }) => (options ? [node, options] : [node]));
}

/** Numbered nodes and everything they lead to. */
function describeAll(numbers: Numbering, sources: NodeSources): readonly NetworkNode[] {
  const nodes: NetworkNode[] = [];
  // The list grows during the loop.
  for (const node of numbers.nodes) nodes.push(toNetworkNode(node, (each) => numbers.of(each), sources));
  return nodes;
}

/** Converts a node to plain data. */
export function toNetworkNode(node: LinkNode, numberOf: (node: LinkNode) => number, sources: NodeSources): NetworkNode {
  const { label, recorded, line, file, kind, marks, facts, external, target, part } = node;
  const edges: number[] = [];
  for (const edge of node.edges) edges.push(numberOf(edge.to), packUses(edge));
  return {
    label,
    recorded,
    line,
    file,
    kind,
    origin: sources.of(node),
    marks,
    edges,
    shared: node.shared,
    ...(facts !== NO_FACTS && { facts }),
    ...(external && { external }),
    ...(target && { target }),
    ...(part && deedsOf(node, part, numberOf)),
  };
}

/** What a piece does, with the targets of the references that it names. */
function deedsOf(node: LinkNode, part: Part, numberOf: (node: LinkNode) => number): Partial<NetworkNode> {
  const { load, call, value, hidden, use } = part;
  const tops = Object.fromEntries(
    [...referencesIn([load, call, value, hidden, use])].map((ref) => {
      const slot = node.slots[ref] ?? [];
      return [ref, [slot.some(({ isMember }) => isMember) ? 1 : 0, ...slot.map(({ to }) => numberOf(to))]];
    }),
  );
  return {
    ...(load && { load }),
    ...(call && { call }),
    ...(value && { value }),
    ...(hidden && { hidden }),
    ...(use && { use }),
    ...(Object.keys(tops).length > 0 && { tops }),
    ...(!node.fixed && { reassigned: true }),
    ...(node.members.length > 0 && {
      members: node.members.map(([member, to]) => [member.name, member.static, member.kind, numberOf(to)] as const),
    }),
  };
}

/** Indices of the references that values and deeds name. */
function referencesIn(value: unknown, found: Set<number> = new Set()): ReadonlySet<number> {
  if (Array.isArray(value)) {
    if ((value[0] === 'top' || value[0] === 'assign') && typeof value[1] === 'number') found.add(value[1]);
    for (const each of value) if (typeof each === 'object') referencesIn(each, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const each of Object.values(value)) if (typeof each === 'object') referencesIn(each, found);
  }
  return found;
}

/** Packages imported only for their side effects belong to every step. */
function bareImports(program: Program): readonly LinkNode[] {
  return program.modules.all().flatMap((module) =>
    (module.summary?.bare ?? [])
      .filter((from) => module.source.imports.some(({ specifier }) => specifier === from))
      .flatMap((from) => resolveImport(program, module, from, '*', 'import'))
      .map(({ node }) => node)
      .filter(({ kind }) => kind === 'package' || kind === 'builtin' || kind === 'missing'),
  );
}

/** A file that cannot be parsed may do anything while it is loaded. */
function opaqueFiles(program: Program): readonly LinkNode[] {
  return program.modules.all().flatMap((module) => (module.summary?.whole ? program.file(module) : []));
}
