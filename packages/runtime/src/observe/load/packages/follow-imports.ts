import { isBuiltin } from 'node:module';
import type { ScannedFile, ScannedFiles } from '../files/scanned-files.ts';
import type { InstalledPackages } from './installed.ts';
import { resolveImport } from './resolve-import.ts';

/** A file that code loads, and the one that made it do so. */
export interface FollowedFile extends ScannedFile {
  readonly path: string;
  /** Absolute path. */
  readonly importer: string;
  /** Absolute paths of the files that it loads itself. */
  readonly loads: readonly string[];
  /** Specifiers of its imports, of a local file, that lead to nothing. */
  readonly missed: readonly string[];
}

export interface FollowOptions {
  readonly packages: InstalledPackages;
  readonly files: ScannedFiles;
  /** What a file loaded with `require`. */
  readonly required: (file: string) => readonly string[];
  /** True for files that are not looked into and left out. */
  readonly isLeftOut: (file: string) => boolean;
}

/** A file to begin with, and the file that loads it. */
export type Entry = readonly [path: string, importer: string];

/**
 * Follows imports from some files to all that are loaded with them: what ES modules import, by Node's own rules, and what
 * CommonJS modules required. An `import()` that is written out counts as if it were executed, because nobody sees when it is.
 */
export async function followImports(
  entries: readonly Entry[],
  options: FollowOptions,
): Promise<readonly FollowedFile[]> {
  const { packages, files, required } = options;
  const isLeftOut = remembered(options.isLeftOut);
  const seen = new Set<string>();
  const found: FollowedFile[] = [];
  const queue: Entry[] = [];
  const add = (path: string, importer: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    queue.push([path, importer]);
  };
  for (const [path, importer] of entries) if (!isLeftOut(path)) add(path, importer);
  for (const [path, importer] of queue) {
    const scanned = await files.scan(path);
    if (scanned === undefined) continue;
    const targets = scanned.imports.map((specifier) => [specifier, resolveImport(packages, specifier, path)] as const);
    const imported = targets.flatMap(([, target]) => target ?? []);
    const loads = [...imported, ...required(path)].filter((file) => !isLeftOut(file));
    const lost = packages.ownerOf(path) === undefined ? targets.filter(([, target]) => target === undefined) : [];
    const missed = lost.flatMap(([specifier]) => (isBuiltin(specifier) ? [] : specifier));
    found.push({ ...scanned, path, importer, loads, missed });
    for (const file of loads) add(file, path);
  }
  return found;
}

function remembered(ask: (file: string) => boolean): (file: string) => boolean {
  const known = new Map<string, boolean>();
  return (file) => {
    const answer = known.get(file) ?? ask(file);
    known.set(file, answer);
    return answer;
  };
}

/** What an `import()` in another file loads, also by way of a `data:` URL, which may import files itself. */
export async function importedEntries(
  packages: InstalledPackages,
  files: ScannedFiles,
  target: string,
  from: string,
): Promise<{ readonly entries: readonly Entry[]; readonly refusal?: string }> {
  const text = textOfUrl(target);
  if (text === undefined) return { entries: importedEntry(packages, target, from) };
  const { imports, computes } = await files.scanText(text);
  if (computes)
    return { entries: [], refusal: 'a data: URL computes the name of an import, and what it loads cannot be followed' };
  const found = await Promise.all(imports.map((each) => importedEntries(packages, files, each, from)));
  const refusal = found.find((each) => each.refusal !== undefined)?.refusal;
  return { entries: found.flatMap(({ entries }) => entries), ...(refusal !== undefined && { refusal }) };
}

/** The text of a `data:` URL that holds code; `undefined` for any other. */
function textOfUrl(url: string): string | undefined {
  const [, type, code] = /^data:([^,]*),([^#]*)/is.exec(url) ?? [];
  if (type === undefined || code === undefined || !/javascript/i.test(type)) return undefined;
  try {
    const text = decodeURIComponent(code);
    return /;base64\s*$/i.test(type) ? Buffer.from(text, 'base64').toString('utf8') : text;
  } catch {
    return undefined;
  }
}

/** The file that an `import()` in another file loads; empty when there is none. */
export function importedEntry(packages: InstalledPackages, target: string, from: string): readonly Entry[] {
  const path = resolveImport(packages, target, from);
  return path === undefined ? [] : [[path, from]];
}
