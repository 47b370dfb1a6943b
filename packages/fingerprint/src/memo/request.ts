import type { ModuleGraph } from '@varve/core/contract';
import { digestOfParts } from '../format.ts';
import type { LinkOptions } from '../link/options.ts';
import type { Summaries } from '../summary/summaries.ts';

/** What decides a set of fingerprints. */
export interface Request {
  readonly graph: ModuleGraph;
  readonly flow: string;
  readonly steps: readonly string[];
  /** Options of the fingerprinter, as text. */
  readonly settings: string;
  readonly options: LinkOptions;
  readonly summaries: Summaries;
}

/** One set is kept for each of these: the next version of a flow takes the place of the last one. */
export function placeOf({ graph, flow, steps, settings }: Request): string {
  return digestOfParts([graph.root, graph.entry, flow, settings, ...steps]).slice(7, 39);
}

/** What cannot be told by what is remembered is found by linking. */
export function safely<T>(make: () => T | undefined): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
