import type { ModuleGraph, SourceModule } from '@varve/core/contract';
import { digestOf, digestOfParts } from '../format.ts';
import { projectPath } from '../link/modules.ts';
import type { LinkOptions } from '../link/options.ts';
import { isCode, type Summaries } from '../summary/summaries.ts';
import type { FileSummary } from '../summary/summary.ts';
import type { LoggedQuery } from './query-log.ts';

/** A call of the fingerprinter: everything that decides the fingerprints of some steps. */
export interface Request {
  readonly graph: ModuleGraph;
  readonly flow: string;
  readonly steps: readonly string[];
  /** Options of the fingerprinter, as text. */
  readonly settings: string;
  readonly options: LinkOptions;
  readonly summaries: Summaries;
}

/** One entry is kept for each key: the next version of a flow replaces the last one. */
export function cacheKey({ graph, flow, steps, settings }: Request): string {
  return digestOfParts([graph.root, graph.entry, flow, settings, ...steps]).slice(7, 39);
}

/**
 * The module graph in digests: the inputs that are known before any file outside it is read. Field names are stored.
 */
export interface Inputs {
  /** Digest of the module graph without the content of its files and without where their imports lead. */
  readonly frame: string;
  /** Digest of where the imports lead. */
  readonly links: string;
  /** Digests of the files, in the order of the graph. */
  readonly files: readonly string[];
}

/** Everything that fingerprints were made from. Field names are stored. */
export interface Dependencies {
  readonly given: Inputs;
  readonly asked: readonly LoggedQuery[];
}

/** The resolved imports of each file. */
export type ImportLists = readonly SourceModule['imports'][];

/** Raised when entries get another form, or fingerprints are made differently: older entries are then ignored. */
const FORM = 'memo-8';

export function inputsOf({ root, entry, emit, modules }: ModuleGraph): Inputs {
  const files = modules.map(({ path, loader, emit: own = null }) => [path, loader, own]);
  return {
    frame: digestOf(JSON.stringify([FORM, root, entry, emit, files])),
    links: digestOf(JSON.stringify(importsOf({ modules }))),
    files: modules.map(({ digest }) => digest),
  };
}

export function importsOf({ modules }: Pick<ModuleGraph, 'modules'>): ImportLists {
  return modules.map(({ imports }) => imports);
}

/** A file of the module graph whose content changed. */
export interface Change {
  /** Position in the graph. */
  readonly module: number;
  readonly source: SourceModule;
  /** Relative to the project. */
  readonly file: string;
  /** `undefined` for files that are not code. */
  readonly summaries: { readonly before: FileSummary; readonly after: FileSummary } | undefined;
}

/** Compares the files of the graph with those of earlier inputs; `undefined` if an earlier summary is lost. */
export async function changesSince(
  { files }: Inputs,
  { root, modules }: ModuleGraph,
  summaries: Summaries,
): Promise<readonly Change[] | undefined> {
  const changed = modules.flatMap((source, module) => {
    const digest = files[module] ?? '';
    if (source.digest === digest) return [];
    return [{ source, module, before: isCode(source) ? summaries.known(digest, source.loader) : undefined }];
  });
  if (changed.some(({ source, before }) => isCode(source) && !before)) return undefined;
  const now = await summaries.of(changed.map(({ source }) => source));
  return changed.map(({ source, module, before }): Change => {
    const after = now.get(source.path);
    const file = projectPath(root, source.path);
    return { module, source, file, summaries: before && after && { before, after } };
  });
}
