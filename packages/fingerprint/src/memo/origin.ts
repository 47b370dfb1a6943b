import type { ModuleGraph } from '@varve/core/contract';
import { projectPath } from '../link/modules.ts';
import type { LinkNode } from '../link/node.ts';
import { partsOf } from '../summary/parts.ts';
import type { FileSummary, Part } from '../summary/summary.ts';

/**
 * What a node was made from: a piece of a file, by the numbers of both; a file as it is; a file that is read, or all of
 * the project; or nothing that an edit of a file changes.
 */
export type Origin = readonly [module: number, part: number] | readonly [module: number] | string | 0;

/** Finds what nodes were made from, by what is linked. */
export class Origins {
  readonly #graph: ModuleGraph;
  readonly #summaries: ReadonlyMap<string, FileSummary>;
  readonly #modules: ReadonlyMap<string, number>;
  readonly #parts = new Map<number, ReadonlyMap<Part, number>>();

  constructor(graph: ModuleGraph, summaries: ReadonlyMap<string, FileSummary>) {
    this.#graph = graph;
    this.#summaries = summaries;
    this.#modules = new Map(graph.modules.map(({ path }, index) => [projectPath(graph.root, path), index]));
  }

  /** Throws where it cannot be told. */
  of({ kind, key, file, part }: LinkNode): Origin {
    if (kind === 'asset' || kind === 'project') return key;
    if (kind !== 'file' && !part) return 0;
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
