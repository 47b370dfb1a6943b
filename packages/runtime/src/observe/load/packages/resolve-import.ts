import { isBuiltin } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { givenConditions } from '@varve/core/contract';
import { type InstalledPackages, splitSpecifier } from './installed.ts';

/** Finds the file that `import` of a specifier loads, as Node does; `undefined` for built-ins and what is not there. */
export function resolveImport(packages: InstalledPackages, specifier: string, from: string): string | undefined {
  if (isBuiltin(specifier)) return undefined;
  if (/^\.{0,2}\//.test(specifier)) return packages.fileAt(pathBeside(specifier, from));
  if (/^[a-z][a-z\d+.-]*:/i.test(specifier)) return fromUrl(packages, specifier);
  if (specifier.startsWith('#')) return ownImport(packages, specifier, from);
  return fromPackage(packages, specifier, from);
}

/** Absolute path that a relative specifier means. A URL decodes some characters and ends at others. */
export function pathBeside(specifier: string, from: string): string {
  if (!/[%?#]/.test(specifier)) return resolve(dirname(from), specifier);
  try {
    return fileURLToPath(new URL(specifier, pathToFileURL(from)));
  } catch {
    return '';
  }
}

function fromUrl(packages: InstalledPackages, url: string): string | undefined {
  try {
    return url.startsWith('file:') ? packages.fileAt(fileURLToPath(url)) : undefined;
  } catch {
    return undefined;
  }
}

function ownImport(packages: InstalledPackages, specifier: string, from: string): string | undefined {
  const scope = packages.scopeOf(from);
  const target = scope && matchSubpath(scope.manifest.imports, specifier);
  if (scope === undefined || target === undefined) return undefined;
  return target.startsWith('./')
    ? packages.fileAt(join(scope.directory, target))
    : resolveImport(packages, target, join(scope.directory, 'package.json'));
}

function fromPackage(packages: InstalledPackages, specifier: string, from: string): string | undefined {
  const [name, subpath] = splitSpecifier(specifier);
  const scope = packages.scopeOf(from);
  const isOwn = scope?.manifest.name === name && scope.manifest.exports !== undefined;
  const directory = isOwn ? scope.directory : packages.find(dirname(from), name);
  if (directory === undefined) return undefined;
  const manifest = packages.manifestIn(directory);
  if (manifest?.exports !== undefined && manifest.exports !== null) {
    const target = matchSubpath(withRoot(manifest.exports), subpath === '' ? '.' : `./${subpath}`);
    return target?.startsWith('./') ? packages.fileAt(join(directory, target)) : undefined;
  }
  if (subpath !== '') return packages.fileAt(join(directory, subpath));
  return firstFile(packages, directory, manifest?.main);
}

/** Exports without subpaths are those of `.`. */
function withRoot(exports: unknown): unknown {
  const hasPaths = isTable(exports) && Object.keys(exports).every((key) => key.startsWith('.'));
  return hasPaths ? exports : { '.': exports };
}

function matchSubpath(table: unknown, wanted: string): string | undefined {
  if (!isTable(table)) return undefined;
  if (Object.hasOwn(table, wanted) && !wanted.includes('*')) return pick(table[wanted], '');
  const patterns = Object.keys(table).filter((key) => key.includes('*'));
  const best = patterns
    .flatMap((key) => {
      const [before = '', after = ''] = key.split('*');
      const fits =
        wanted.startsWith(before) && wanted.endsWith(after) && wanted.length > before.length + after.length - 1;
      return fits ? [{ key, before, rest: wanted.slice(before.length, wanted.length - after.length) }] : [];
    })
    .sort((a, b) => b.before.length - a.before.length || b.key.length - a.key.length);
  return best[0] && pick(table[best[0].key], best[0].rest);
}

function pick(target: unknown, rest: string): string | undefined {
  if (typeof target === 'string') return target.replaceAll('*', rest);
  if (Array.isArray(target)) return target.map((one) => pick(one, rest)).find((one) => one !== undefined);
  if (!isTable(target)) return undefined;
  for (const [condition, inner] of Object.entries(target)) {
    if (!CONDITIONS.has(condition)) continue;
    const found = pick(inner, rest);
    if (found !== undefined) return found;
  }
  return undefined;
}

const CONDITIONS: ReadonlySet<string> = new Set([
  'node',
  'import',
  'node-addons',
  'default',
  ...(process.features.require_module ? ['module-sync'] : []),
  ...givenConditions(process),
]);

const MAIN = ['index.js', 'index.json', 'index.node'];

function firstFile(packages: InstalledPackages, directory: string, main: unknown): string | undefined {
  const named = typeof main === 'string' ? [main, ...['.js', '.json', '.node'].map((end) => main + end)] : [];
  const inside = typeof main === 'string' ? MAIN.map((name) => join(main, name)) : [];
  for (const name of [...named, ...inside, ...MAIN]) {
    const found = packages.fileAt(join(directory, name));
    if (found !== undefined) return found;
  }
  return undefined;
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
