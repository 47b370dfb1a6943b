import type { ModuleGraph } from '@varve/core/contract';
import { partsOf } from '../summary/parts.ts';
import type { Part } from '../summary/summary.ts';
import { projectPath, type SummaryTable } from './modules.ts';
import type { LinkNode } from './node.ts';

/**
 * What a node was made from, different for each: a piece of a file, by the numbers of both; a file as it is; or, for
 * what is no file of the module graph, its key.
 */
export type Origin = readonly [module: number, part: number] | readonly [module: number] | string;

/** Finds what nodes were made from, by what is linked. */
export class Origins {
  readonly #graph: ModuleGraph;
  readonly #summaries: SummaryTable;
  readonly #modules: ReadonlyMap<string, number>;
  readonly #parts = new Map<number, ReadonlyMap<Part, number>>();

  constructor(graph: ModuleGraph, summaries: SummaryTable) {
    this.#graph = graph;
    this.#summaries = summaries;
    this.#modules = new Map(graph.modules.map(({ path }, index) => [projectPath(graph.root, path), index]));
  }

  /** Throws where it cannot be told. */
  of({ kind, key, file, part }: LinkNode): Origin {
    if (kind !== 'file' && !part) return key;
    const module = this.#modules.get(file);
    const index = part && module !== undefined ? this.#partsOf(module).get(part) : undefined;
    if (module === undefined || (part && index === undefined)) throw new Error(`no piece ${key}`);
    return index === undefined ? [module] : [module, index];
  }

  #partsOf(module: number): ReadonlyMap<Part, number> {
    const known = this.#parts.get(module);
    if (known) return known;
    const summary = this.#summaries.get(this.#graph.modules[module]?.path ?? '');
    const parts = new Map((summary ? partsOf(summary) : []).map((part, index) => [part, index]));
    this.#parts.set(module, parts);
    return parts;
  }
}

export function isAsset(origin: string): boolean {
  return origin.startsWith('asset:');
}

/** The absolute path of the file or folder that an asset was made from. */
export function pathOfAsset(origin: string): string {
  return origin.slice('asset:'.length);
}
