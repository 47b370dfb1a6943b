import { createHash } from 'node:crypto';
import type { Compilation, ModuleGraph } from '@varve/core/contract';
import type { LoadReport, WatchedFile } from '@varve/core/internal';
import { type LoadedModules, loadTokens, type ObservedLoad, readLoaded, ScannedFiles } from '../observe/load/index.ts';
import { indexFile, type ObserveOptions } from '../observe/options.ts';
import { portableName } from '../observe/shared/portable.ts';

/** What loading a flow adds to the keys of its steps. */
export interface LoadedCode {
  /** By read as `formatRead` writes it: what belongs to every step. */
  readonly tokens: Readonly<Record<string, string>>;
  /** Digests of the files of packages that were loaded, by the package's real folder. */
  readonly packages: ReadonlyMap<string, string>;
  readonly watched: readonly WatchedFile[];
  /** Present when no results of the run may be used by others. One sentence. */
  readonly unrecorded?: string;
}

/** Reads what was loaded with a flow besides its compiled module, and what that has done to the thread. */
export async function readLoadedCode(
  { observed }: LoadReport,
  graph: ModuleGraph,
  options: ObserveOptions,
): Promise<LoadedCode> {
  if (!isObserved(observed)) return { tokens: {}, packages: new Map(), watched: [] };
  const { scripts, patched } = observed;
  const { root, own } = options;
  const files = new ScannedFiles(indexFile(options));
  const modules = await readLoaded({ root, own, externals: externalsOf(graph), scripts, files });
  return {
    tokens: { ...loadTokens(modules), ...widened(patched, graph, modules) },
    packages: new Map(modules.packages.map(({ directory, digest }) => [directory, digest])),
    watched: Object.entries(modules.stamps).map(([path, stamp]) => ({
      path,
      look: stamp.split(' ').slice(0, 3).join(' '),
    })),
    ...(modules.unrecorded !== undefined && { unrecorded: modules.unrecorded }),
  };
}

/** Covers the code of a module and of all packages that it imports, as they are installed. Hex. */
export async function digestWithPackages({ digest, graph }: Compilation, options: ObserveOptions): Promise<string> {
  const { root, own } = options;
  const files = new ScannedFiles(indexFile(options));
  const scripts = { required: [], asked: [], imported: [], since: Number.POSITIVE_INFINITY };
  const { packages } = await readLoaded({ root, own, externals: externalsOf(graph), scripts, files });
  const parts = [
    digest,
    ...packages.map(({ name, version, digest: content }) => `${name}@${version} ${content}`).sort(),
  ];
  return createHash('sha256').update(parts.join('\n')).digest('hex');
}

function isObserved(observed: unknown): observed is ObservedLoad {
  return typeof observed === 'object' && observed !== null && 'scripts' in observed && 'patched' in observed;
}

function externalsOf({ modules }: ModuleGraph): [file: string, importer: string][] {
  return modules.flatMap(({ path, imports }) =>
    imports.flatMap(({ target }): [string, string][] => (target.type === 'package' ? [[target.file, path]] : [])),
  );
}

/** A patched built-in object can change what any step sees: then all code that was loaded belongs to all of them. */
function widened(
  { packages, modules }: ObservedLoad['patched'],
  graph: ModuleGraph,
  loaded: LoadedModules,
): Record<string, string> {
  const tokens: Record<string, string> = {};
  if (packages.length + modules.length > 0)
    for (const { name, version, digest } of loaded.packages) tokens[`@package ${name}@${version}`] = digest;
  if (modules.length > 0)
    for (const { path, digest } of graph.modules)
      tokens[`@file ${portableName(graph.root, path)}`] = digest.replace(/^.*:/, '');
  return tokens;
}
