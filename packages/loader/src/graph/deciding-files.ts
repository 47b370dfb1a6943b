import { existsSync, statSync } from 'node:fs';
import { dirname, extname, join, resolve, sep } from 'node:path';
import type { ModuleImport } from '@varve/core/contract';
import { configsFor } from '../compiler-options.ts';

/** esbuild's order, for a name without an extension and for the file of a folder. */
const EXTENSIONS = ['.tsx', '.ts', '.jsx', '.js', '.css', '.json'];
const PATH = /^\.{0,2}(\/|$)/;

/**
 * Lists files besides a source file that decide what it becomes: compiler options, files that its imports would lead to if
 * they were there, and each `package.json` by which one leads to a local file. Absolute; some are missing. `project`: the
 * folder beyond which none is looked for.
 */
export function decidingFiles(path: string, imports: readonly ModuleImport[], project: string): readonly string[] {
  if (/\.(json|txt|node)$/.test(path)) return [];
  const found = [...configsFor(path, project)];
  for (const { specifier, target } of imports) {
    const to = target.type === 'module' ? target.path : undefined;
    if (PATH.test(specifier)) found.push(...soonerThan(resolve(dirname(path), specifier), to));
    else if (to !== undefined) found.push(manifestAbove(path), manifestAbove(to));
  }
  return found.filter((file) => !file.split(sep).includes('node_modules'));
}

/** Files that a path would lead to before it leads to `target`, or at all. */
function soonerThan(path: string, target: string | undefined): readonly string[] {
  const beside = EXTENSIONS.map((extension) => path + extension);
  const inside = isFolder(path)
    ? ['package.json', ...EXTENSIONS.map((extension) => `index${extension}`)].map((name) => join(path, name))
    : [];
  const candidates = [path, ...beside, ...written(path), ...inside];
  const end = target === undefined ? -1 : candidates.indexOf(target);
  const sooner = end === -1 ? candidates : candidates.slice(0, end);
  return sooner.filter((file) => file.endsWith('package.json') || !existsSync(file));
}

/** TypeScript writes `.js` for a file that is `.ts`. */
function written(path: string): readonly string[] {
  const extension = extname(path);
  if (!/^\.[cm]?jsx?$/.test(extension)) return [];
  const stem = path.slice(0, -extension.length);
  return [extension.replace('j', 't'), '.tsx'].map((other) => stem + other);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function manifestAbove(file: string): string {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const path = join(folder, 'package.json');
    if (existsSync(path) || folder === dirname(folder)) return path;
  }
}
