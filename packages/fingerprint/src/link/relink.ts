import type { ModuleGraph } from '@varve/core/contract';
import { describe } from './build-network.ts';
import type { Match } from './file-interface.ts';
import { type FlowClass, findFlow } from './flow-class.ts';
import type { LinkedModule, SummaryTable } from './modules.ts';
import { type Network, type NetworkNode, Numbering } from './network.ts';
import type { LinkNode } from './node.ts';
import { type Origin, Origins } from './node-source.ts';
import type { LinkOptions } from './options.ts';
import { headerNode, memberNode, optionsNode } from './pieces.ts';
import { Program } from './program.ts';

/** The code of a flow, as far as it is to be followed again. */
export interface Source {
  readonly graph: ModuleGraph;
  readonly flow: string;
  readonly summaries: SummaryTable;
}

/** A file to link again, by its position in the graph, with the new positions of the pieces that it had. */
export interface Reshaped {
  readonly module: number;
  readonly parts: Match['parts'];
}

/**
 * A network after edits of some files that no other file notices. Throws where that turns out not to be so, or a piece
 * is not to be found.
 */
export function relink(network: Network, source: Source, files: readonly Reshaped[], options: LinkOptions): Network {
  const { graph, flow: name, summaries } = source;
  const program = new Program(graph, summaries, options);
  const flow = findFlow(program, name);
  if (!flow) throw new Error(`no class ${name}`);
  program.flow = flow;
  const [origins, known, added] = [new Origins(graph, summaries), numbersOf(network.nodes, files), new Numbering()];
  const knownNumber = (node: LinkNode) => known.get(keyOf(origins.of(node)));
  // What was not there before comes after all that was.
  const numberOf = (node: LinkNode) => knownNumber(node) ?? network.nodes.length + added.of(node);
  requireChain(network, flow, knownNumber);
  const nodes = [...network.nodes];
  const pieces = new Map<number, readonly number[]>();
  for (const { module } of files) {
    const { own, options: more } = piecesOf(program, program.modules.get(graph.modules[module]?.path ?? ''));
    pieces.set(module, own.map(numberOf));
    for (const node of [...own, ...more]) {
      const number = knownNumber(node);
      if (number !== undefined) nodes[number] = describe(node, numberOf, origins);
    }
  }
  // More are met meanwhile.
  for (const node of added.met) nodes.push(describe(node, numberOf, origins));
  const absent = [...new Set([...network.absent, ...program.absent])];
  return { ...network, nodes, absent, pieces: inOrder(network, pieces, graph.modules.length) };
}

/** Of the flow's classes all is taken as it was: they must be the same. */
function requireChain({ chain, opaque }: Network, flow: FlowClass, numberOf: (node: LinkNode) => number | undefined) {
  const isSame = chain.length === flow.links.length && flow.links.every(({ node }, at) => numberOf(node) === chain[at]);
  if (!isSame || (flow.opaqueAt && numberOf(flow.opaqueAt.node)) !== opaque) throw new Error('another flow');
}

/** Pieces of all files in the order in which these are evaluated, with those of some files new. */
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

/** Every piece of a file, in order, and besides them what is said of steps. */
function piecesOf(program: Program, module: LinkedModule | undefined) {
  if (!module) throw new Error('a file is gone');
  const own: LinkNode[] = [];
  const options: LinkNode[] = [];
  for (const [index, unit] of (module.summary?.units ?? []).entries()) {
    own.push(program.unit(module, index));
    const { shape } = unit;
    if (!shape) continue;
    own.push(headerNode(program, module, index, shape));
    for (const member of shape.members) {
      own.push(memberNode(program, module, index, shape, member));
      options.push(...[optionsNode(program, module, index, member) ?? []].flat());
    }
  }
  return { own, options };
}

/** Numbers of nodes by what they are made from now. */
function numbersOf(nodes: readonly NetworkNode[], files: readonly Reshaped[]): ReadonlyMap<string, number> {
  const moved = new Map(files.map(({ module, parts }) => [module, parts]));
  return new Map(
    nodes.map(({ origin }, number) => {
      const [module, part] = typeof origin === 'string' ? [] : origin;
      const parts = module === undefined || part === undefined ? undefined : moved.get(module);
      return [parts && part !== undefined ? keyOf([module ?? -1, parts.get(part) ?? -1]) : keyOf(origin), number];
    }),
  );
}

function keyOf(origin: Origin): string {
  return typeof origin === 'string' ? origin : origin.join();
}
