import { isBuiltin } from 'node:module';
import { extname, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ImportTarget } from '@varve/core/contract';
import type { OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from 'esbuild';
import { isVirtual, requireSpecifier, VIRTUAL } from './import-meta.ts';
import { createPackageIndex, type PackageIndex } from './package-index.ts';
import { addImport, importKey, readSource, type SourceCatalog } from './sources.ts';

const RESOLVED_HERE = { varve: 'resolving' };

interface Resolution {
  readonly target: ImportTarget;
  /** The answer for esbuild. Without one its own stands, as only that carries the tsconfig of the file. */
  readonly result?: OnResolveResult;
}

/** Decides whether each import is local source, a package or part of Node, and adds it to the catalog. */
export function importResolver(catalog: SourceCatalog): Plugin {
  return {
    name: 'varve-imports',
    setup(build) {
      const packageOf = createPackageIndex();
      build.onResolve({ filter: /.*/ }, async (args) => {
        if (args.pluginData === RESOLVED_HERE || args.kind === 'entry-point') return undefined;
        if (isVirtual(args.path)) return { path: args.path, namespace: VIRTUAL };
        const found = await resolveImport(build, packageOf, args);
        const shown = found?.result?.external ? found.result.path : undefined;
        const key = importKey(args.importer, args.kind, shown ?? args.path);
        addImport(catalog, key, { specifier: args.path, target: found?.target ?? { type: 'unresolved' } });
        if (found?.target.type === 'module' && extname(found.target.path) === '.node') {
          await readSource(catalog, found.target.path);
        }
        // Without an answer esbuild reports the import itself, or lets it pass inside `try`.
        return found?.result;
      });
    },
  };
}

async function resolveImport(
  build: PluginBuild,
  packageOf: PackageIndex,
  args: OnResolveArgs,
): Promise<Resolution | undefined> {
  if (isBuiltin(args.path)) return builtin(args, args.path);
  const specifier = args.path.startsWith('file:') ? fileURLToPath(args.path) : args.path;
  const { importer, kind, namespace, resolveDir } = args;
  const inner = { importer, kind, namespace, resolveDir, with: args.with, pluginData: RESOLVED_HERE };
  const decoded = decodedPath(specifier, kind);
  const meant = decoded === undefined ? undefined : await build.resolve(decoded, inner);
  const isDecoded = meant !== undefined && meant.errors.length === 0;
  const found = isDecoded ? meant : await build.resolve(specifier, inner);
  if (found.errors.length > 0) return undefined;
  if (isBuiltin(found.path)) return builtin(args, found.path);
  if (found.namespace !== 'file' || found.external) return undefined;
  const owner = packageOf(found.path);
  if (!isExternal(specifier, found.path, owner?.name)) return local(args, found.path, isDecoded);
  const target: ImportTarget = {
    type: 'package',
    name: owner?.name ?? specifier,
    version: owner?.version ?? '',
    directory: owner?.directory ?? resolveDir,
    file: found.path,
  };
  return { target, result: externalResult(args, found.path) };
}

function builtin(args: OnResolveArgs, specifier: string): Resolution {
  const name = specifier.startsWith('node:') ? specifier : `node:${specifier}`;
  const result = args.kind === 'require-call' ? required(args, name) : { path: name, external: true };
  return { target: { type: 'builtin', name }, result };
}

/** True for installed packages, and for the framework wherever it lies: a process must have one copy of it. */
function isExternal(specifier: string, path: string, owner: string | undefined): boolean {
  if (path.split(sep).includes('node_modules')) return true;
  const isPath = /^\.{0,2}\//.test(specifier);
  return !isPath && owner !== undefined && /^(varve$|@varve\/)/.test(owner);
}

/** `import` takes a path for a URL, in which `%6d` is an `m`; `undefined` where it holds nothing of that kind. */
function decodedPath(specifier: string, kind: OnResolveArgs['kind']): string | undefined {
  const isUrl = kind === 'import-statement' || kind === 'dynamic-import';
  if (!isUrl || !/^\.{0,2}\//.test(specifier) || !/%[\da-f]{2}/i.test(specifier) || /%(2f|5c)/i.test(specifier))
    return undefined;
  try {
    return decodeURIComponent(specifier);
  } catch {
    return undefined;
  }
}

function local(args: OnResolveArgs, path: string, isDecoded: boolean): Resolution {
  const target: ImportTarget = { type: 'module', path };
  if (extname(path) === '.node') return { target, result: required(args, path) };
  return isDecoded || args.path.startsWith('file:') ? { target, result: { path } } : { target };
}

/** `import` takes an absolute URL; JSON without an attribute and native addons need `require`. */
function externalResult(args: OnResolveArgs, path: string): OnResolveResult {
  if (args.kind === 'require-resolve') return { path, external: true };
  const needsRequire = args.kind === 'require-call' || ['.json', '.node'].includes(extname(path));
  return needsRequire ? required(args, path) : { path: pathToFileURL(path).href, external: true };
}

/** Makes Node load the file itself, on behalf of its importer. */
export function required(args: OnResolveArgs, path: string): OnResolveResult {
  return { path: requireSpecifier(pathToFileURL(args.importer).href, path), namespace: VIRTUAL };
}
