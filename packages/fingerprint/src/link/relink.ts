import type { ModuleGraph } from '@varve/core/contract';
import { toNetworkNode } from './build-network.ts';
import type { Match } from './file-interface.ts';
import { type FlowClass, findFlow } from './flow-class.ts';
import type { LinkedModule, SummaryTable } from './modules.ts';
import { type Network, type NetworkNode, Numbering } from './network.ts';
import type { LinkNode } from './node.ts';
import { type NodeSource, NodeSources } from './node-source.ts';
import type { LinkOptions } from './options.ts';
import { Program } from './program.ts';

/** The code of a flow to link. */
export interface Source {
  readonly graph: ModuleGraph;
  readonly flow: string;
  readonly summaries: SummaryTable;
}

/** A file to link again. */
export interface RelinkedFile {
  /** Position in the graph. */
  readonly module: number;
  /** New positions of the pieces that it had. */
  readonly parts: Match['parts'];
}

/**
 * Links some files of a network again, after edits that no other file can notice. Throws if the class of the flow
 * changed, or a piece cannot be found.
 */
export function relink(
  network: Network,
  source: Source,
  files: readonly RelinkedFile[],
  options: LinkOptions,
): Network {
  const { graph, flow: name, summaries } = source;
  const program = new Program(graph, summaries, options);
  const flow = findFlow(program, name);
  if (!flow) throw new Error(`no class ${name}`);
  program.flow = flow;
  const [sources, known, added] = [new NodeSources(graph, summaries), numbersOf(network.nodes, files), new Numbering()];
  const knownNumber = (node: LinkNode) => known.get(keyOf(sources.of(node)));
  // New nodes are numbered after all known ones.
  const numberOf = (node: LinkNode) => knownNumber(node) ?? network.nodes.length + added.of(node);
  requireChain(network, flow, knownNumber);
  const nodes = [...network.nodes];
  const pieces = new Map<number, readonly number[]>();
  for (const { module } of files) {
    const own = piecesOf(program, program.modules.get(graph.modules[module]?.path ?? ''));
    pieces.set(module, own.map(numberOf));
    for (const node of own) {
      const number = knownNumber(node);
      if (number !== undefined) nodes[number] = toNetworkNode(node, numberOf, sources);
    }
  }
  // The list grows during the loop.
  for (const node of added.nodes) nodes.push(toNetworkNode(node, numberOf, sources));
  const absent = [...new Set([...network.absent, ...program.absent])];
  return { ...network, nodes, absent, pieces: inOrder(network, pieces, graph.modules.length) };
}

/** Lists of nodes by class are not made again, so the flow's classes must be the same. */
function requireChain({ chain, opaque }: Network, flow: FlowClass, numberOf: (node: LinkNode) => number | undefined) {
  const isSame = chain.length === flow.links.length && flow.links.every(({ node }, at) => numberOf(node) === chain[at]);
  if (!isSame || (flow.opaqueAt && numberOf(flow.opaqueAt.node)) !== opaque) throw new Error('another flow');
}

/** Pieces of all files in evaluation order, with those of some files replaced. */
function inOrder({ nodes, pieces }: Network, renewed: ReadonlyMap<number, readonly number[]>, files: number) {
  const byFile = new Map<number, number[]>();
  for (const piece of pieces) {
    const [file] = nodes[piece]?.origin ?? [];
    if (typeof file !== 'number') throw new Error(`piece ${piece} is of no file`);
    const known = byFile.get(file);
    if (known) known.push(piece);
    else byFile.set(file, [piece]);
  }
  return Array.from({ length: files }, (_, file) => renewed.get(file) ?? byFile.get(file) ?? []).flat();
}

function piecesOf(program: Program, module: LinkedModule | undefined): readonly LinkNode[] {
  if (!module) throw new Error('a file is gone');
  return program.piecesOf(module);
}

/** Numbers of nodes by their sources, as positioned after the edits. */
function numbersOf(nodes: readonly NetworkNode[], files: readonly RelinkedFile[]): ReadonlyMap<string, number> {
  const moved = new Map(files.map(({ module, parts }) => [module, parts]));
  return new Map(
    nodes.map(({ origin }, number) => {
      const [module, part] = typeof origin === 'string' ? [] : origin;
      const parts = module === undefined || part === undefined ? undefined : moved.get(module);
      return [parts && part !== undefined ? keyOf([module ?? -1, parts.get(part) ?? -1]) : keyOf(origin), number];
    }),
  );
}

function keyOf(source: NodeSource): string {
  return typeof source === 'string' ? source : source.join();
}
