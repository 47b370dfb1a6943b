import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { ModuleGraph, ModuleImport, SourceModule } from '@varve/core/contract';
import type { Metafile } from 'esbuild';
import { digestOf, IMPORT_KINDS, importKey, type SourceCatalog } from '../sources.ts';

export interface GraphParts {
  /** Compiler options that apply to a file. */
  readonly emitOf: (path: string) => ModuleGraph['emit'];
  readonly entry: string;
  readonly importsOf: (path: string) => readonly ModuleImport[];
  readonly catalog: SourceCatalog;
  readonly emit: ModuleGraph['emit'];
}

/** Lists the local modules in order of evaluation. Imports that esbuild erased as types are left out. */
export function buildGraph({ entry, importsOf, catalog, emit, emitOf }: GraphParts): ModuleGraph {
  const modules = evaluationOrder(entry, importsOf)
    .flatMap((path) => toModule(path, catalog, importsOf(path)))
    .map((module) => withOptions(module, emit, emitOf));
  return { root: projectRoot(entry), entry, modules, emit };
}

/** Gives the imports of a file that was compiled, by its absolute path. */
export function importsOfInputs(metafile: Metafile, root: string, catalog: SourceCatalog): GraphParts['importsOf'] {
  const inputs = new Map(Object.entries(metafile.inputs).map(([key, input]) => [resolve(root, key), input]));
  return (path) => readImports(path, inputs.get(path), catalog.imports);
}

type Input = Metafile['inputs'][string];

function readImports(
  path: string,
  input: Input | undefined,
  resolved: SourceCatalog['imports'],
): readonly ModuleImport[] {
  const found = new Map<string, ModuleImport>();
  for (const { kind, original, path: written } of input?.imports ?? []) {
    const ours = IMPORT_KINDS[kind];
    if (ours === undefined) continue;
    for (const { specifier, target } of resolved.get(importKey(path, kind, original ?? written)) ?? []) {
      found.set(importKey(path, kind, specifier), { specifier, kind: ours, target });
    }
  }
  return [...found.values()];
}

/** Walks static imports and `require` from the entry in post-order, then each dynamic import in turn. */
export function evaluationOrder(
  entry: string,
  importsOf: (path: string) => readonly ModuleImport[],
): readonly string[] {
  const seen = new Set<string>();
  const order: string[] = [];
  const later = [entry];
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const { kind, target } of importsOf(path)) {
      if (target.type !== 'module') continue;
      if (kind === 'dynamic-import') later.push(target.path);
      else visit(target.path);
    }
    order.push(path);
  };
  for (let path = later.shift(); path !== undefined; path = later.shift()) visit(path);
  return order;
}

function toModule(path: string, catalog: SourceCatalog, imports: readonly ModuleImport[]): readonly SourceModule[] {
  const source = catalog.sources.get(path);
  return source ? [{ path, ...source, digest: digestOf(source.contents), imports }] : [];
}

/** Adds the compiler options of a file of code that has other ones than the entry. */
function withOptions(module: SourceModule, emit: ModuleGraph['emit'], emitOf: GraphParts['emitOf']) {
  if (!/^[jt]sx?$/.test(module.loader)) return module;
  const own = emitOf(module.path);
  return JSON.stringify(own) === JSON.stringify(emit) ? module : { ...module, emit: own };
}

/** The folder of the nearest `package.json` upward, else that of the entry. */
export function projectRoot(entry: string): string {
  const own = dirname(entry);
  for (let folder = own; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) return own;
  }
}
