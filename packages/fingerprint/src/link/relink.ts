import type { ModuleGraph } from '@varve/core/contract';
import { describe } from './build-network.ts';
import type { LinkOptions } from './fingerprint-step.ts';
import { findFlow } from './flow-class.ts';
import type { LinkedModule, SummaryTable } from './modules.ts';
import { type Network, type NetworkNode, Numbering } from './network.ts';
import type { LinkNode } from './node.ts';
import { type Origin, Origins } from './origin.ts';
import { Program } from './program.ts';

/** The code of a flow, as far as it is to be followed again. */
export interface Source {
  readonly graph: ModuleGraph;
  readonly flow: string;
  readonly summaries: SummaryTable;
}

/**
 * A network after changes inside some files that leave the links of all others as they were. `files` are positions in
 * the graph. Throws where a piece is not to be found.
 */
export function relink(network: Network, source: Source, files: readonly number[], options: LinkOptions): Network {
  const { graph, flow, summaries } = source;
  const program = new Program(graph, summaries, options);
  const found = findFlow(program, flow);
  if (!found) throw new Error(`no class ${flow}`);
  program.flow = found;
  const [origins, known, added] = [new Origins(graph, summaries), numbersOf(network.nodes), new Numbering()];
  const knownNumber = (node: LinkNode) => known.get(keyOf(origins.of(node)));
  // What nothing referred to before comes after all that was there.
  const numberOf = (node: LinkNode) => knownNumber(node) ?? network.nodes.length + added.of(node);
  const nodes = [...network.nodes];
  for (const file of files) {
    const module = program.modules.get(graph.modules[file]?.path ?? '');
    if (!module) throw new Error(`no file ${file}`);
    for (const node of piecesOf(program, module)) {
      const number = knownNumber(node);
      if (number !== undefined) nodes[number] = describe(node, numberOf, origins);
    }
  }
  // More are met meanwhile.
  for (const node of added.met) nodes.push(describe(node, numberOf, origins));
  return { ...network, nodes };
}

/** Every piece of a file. */
function piecesOf(program: Program, module: LinkedModule): readonly LinkNode[] {
  const units = module.summary?.units ?? [];
  return units.flatMap((unit, index): readonly LinkNode[] => {
    const node = program.unit(module, index);
    const { shape } = unit;
    if (!shape) return [node];
    const members = shape.members.flatMap((member) => {
      const made = program.member(module, index, shape, member);
      return [made, program.options(module, index, member) ?? []].flat();
    });
    return [node, program.header(module, index, shape), ...members];
  });
}

function numbersOf(nodes: readonly NetworkNode[]): ReadonlyMap<string, number> {
  return new Map(nodes.map(({ origin }, number) => [keyOf(origin), number]));
}

function keyOf(origin: Origin): string {
  return typeof origin === 'string' ? origin : origin.join();
}
