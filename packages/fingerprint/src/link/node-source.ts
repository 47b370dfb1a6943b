import type { ModuleGraph } from '@varve/core/contract';
import { partsOf } from '../summary/parts.ts';
import type { Part } from '../summary/summary.ts';
import { projectPath, type SummaryTable } from './modules.ts';
import type { LinkNode } from './node.ts';

/**
 * Identifies the source of a node, unique per node: a piece of a file, by the numbers of both; a whole file; or the key
 * of a node outside the module graph. Stored with cached nodes under the name `origin`.
 */
export type NodeSource = readonly [module: number, part: number] | readonly [module: number] | string;

/** Finds the sources of linked nodes. */
export class NodeSources {
  readonly #graph: ModuleGraph;
  readonly #summaries: SummaryTable;
  readonly #modules: ReadonlyMap<string, number>;
  readonly #parts = new Map<number, ReadonlyMap<Part, number>>();

  constructor(graph: ModuleGraph, summaries: SummaryTable) {
    this.#graph = graph;
    this.#summaries = summaries;
    this.#modules = new Map(graph.modules.map(({ path }, index) => [projectPath(graph.root, path), index]));
  }

  /** Throws for a piece that is in no file of the graph. */
  of({ kind, key, file, part }: LinkNode): NodeSource {
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

export function isAsset(source: string): boolean {
  return source.startsWith('asset:');
}

/** Absolute path of the file or folder of an asset. */
export function pathOfAsset(source: string): string {
  return source.slice('asset:'.length);
}
