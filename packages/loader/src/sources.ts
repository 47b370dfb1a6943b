import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, extname, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Digest, GivenSources, ImportTarget, ModuleImport, SourceModule } from '@varve/core/contract';
import type { Loader, OnLoadResult, Plugin } from 'esbuild';
import type { KnownDeclared } from './graph/known-declared.ts';
import { showVariables } from './graph/shown-variables.ts';
import { bindOwnPlace, VIRTUAL, virtualSource } from './import-meta.ts';

/** A local file as it was read, once, for this compilation. */
export type ReadSource = Pick<SourceModule, 'loader' | 'contents'>;

/** An import and the place that it resolved to. */
export interface ResolvedImport {
  readonly specifier: string;
  readonly target: ImportTarget;
}

/** The sources and imports that the plugins of one build have seen. */
export interface SourceCatalog {
  /** By absolute real path. */
  readonly sources: Map<string, ReadSource>;
  /** By `importKey` of what esbuild's metafile shows; two specifiers may lead to one external file. */
  readonly imports: Map<string, readonly ResolvedImport[]>;
}

/** Extensions that the file of a flow may have. */
export const CODE_EXTENSIONS: readonly string[] = ['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.jsx'];

const LOADERS: Readonly<Record<string, SourceModule['loader']>> = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.tsx': 'tsx',
  '.js': 'js',
  '.mjs': 'js',
  '.cjs': 'js',
  '.jsx': 'jsx',
  '.json': 'json',
  '.txt': 'text',
  '.node': 'file',
};

/** The kinds of imports that are followed, by esbuild's name. */
export const IMPORT_KINDS: Readonly<Record<string, ModuleImport['kind']>> = {
  'import-statement': 'import',
  'dynamic-import': 'dynamic-import',
  'require-call': 'require',
  'require-resolve': 'require',
};

/** Picks the parser by the extension; `undefined` for a file that cannot be imported. */
export function loaderOf(path: string): SourceModule['loader'] | undefined {
  return LOADERS[extname(path)];
}

/** Starts a catalog: empty, or with the files that are compiled in the place of those on disk. */
export function createCatalog(given?: GivenSources): SourceCatalog {
  const sources = new Map<string, ReadSource>();
  for (const [path, contents] of given?.files ?? []) {
    const loader = loaderOf(path);
    if (loader !== undefined) sources.set(path, { loader, contents });
  }
  return { sources, imports: new Map() };
}

/** `shown` is the specifier as written or, for an import that stays outside the bundle, the path that replaced it. */
export function importKey(importer: string, kind: string, shown: string): string {
  return JSON.stringify([importer, kind, shown]);
}

/** Adds one import. esbuild resolves in random order, so imports with equal keys are sorted by specifier. */
export function addImport({ imports }: SourceCatalog, key: string, found: ResolvedImport): void {
  const others = (imports.get(key) ?? []).filter(({ specifier }) => specifier !== found.specifier);
  imports.set(
    key,
    [...others, found].sort((a, b) => (a.specifier < b.specifier ? -1 : 1)),
  );
}

export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Reads every local file once into the catalog, and hands esbuild the same bytes; with `declared`, and what varve adds. */
export function sourceLoader(catalog: SourceCatalog, declared?: KnownDeclared): Plugin {
  return {
    name: 'varve-sources',
    setup(build) {
      build.onLoad({ filter: /.*/, namespace: VIRTUAL }, ({ path }) => ({
        contents: virtualSource(path, (file) => pathToFileURL(file).href),
        loader: 'js',
      }));
      build.onLoad({ filter: /.*/, namespace: 'file' }, async ({ path }) => {
        if (isFoundByPattern(catalog, path)) return { contents: '', loader: 'js' };
        const source = await readSource(catalog, path);
        if (source === undefined) return undefined;
        const contents = declared ? await contentsFor(source, path, declared) : source.contents;
        return { contents, ...parsing(source, path) };
      });
    },
  };
}

/** Folders of packages and of varve's own state. */
const NO_CODE: ReadonlySet<string> = new Set(['node_modules', '.varve']);

/**
 * True for a file that is no code of the project and that no import names: esbuild found it for an import by a computed
 * name, such as `import('./' + name)`, which it takes to mean any file below the folder.
 */
function isFoundByPattern({ imports }: SourceCatalog, path: string): boolean {
  if (loaderOf(path) !== undefined && !path.split(sep).some((part) => NO_CODE.has(part))) return false;
  const named = [...imports.values()].flat();
  return !named.some(({ target }) => target.type === 'module' && target.path === path);
}

/** `undefined` for a file that cannot be imported: esbuild reports it with the line of the import. */
export async function readSource(catalog: SourceCatalog, path: string): Promise<ReadSource | undefined> {
  const known = catalog.sources.get(path);
  if (known) return known;
  const loader = loaderOf(path);
  if (loader === undefined) return undefined;
  const source = { loader, contents: await readFile(path) };
  // Two imports of one file at the same time must agree on its bytes.
  const first = catalog.sources.get(path) ?? source;
  catalog.sources.set(path, first);
  return first;
}

const CODE: ReadonlySet<string> = new Set<SourceModule['loader']>(['ts', 'tsx', 'js', 'jsx']);

async function contentsFor({ loader, contents }: ReadSource, path: string, declared: KnownDeclared) {
  if (!CODE.has(loader)) return contents;
  const source = Buffer.from(contents).toString('utf8');
  return showVariables(bindOwnPlace(source, path), path, await declared.of(source, path, loader));
}

function parsing({ loader }: ReadSource, path: string): Pick<OnLoadResult, 'loader' | 'resolveDir'> {
  return { loader: loader satisfies Loader, resolveDir: nearestFolder(dirname(path)) };
}

/** esbuild looks for packages from here upward; the folder of a file from memory may not exist. */
function nearestFolder(folder: string): string {
  return existsSync(folder) || folder === dirname(folder) ? folder : nearestFolder(dirname(folder));
}
