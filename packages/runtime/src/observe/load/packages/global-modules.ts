import Module from 'node:module';
import { join } from 'node:path';
import { statSync } from '../../shared/originals.ts';
import type { ScannedFiles } from '../files/scanned-files.ts';
import { type InstalledPackages, splitSpecifier } from './installed.ts';
import { readContent } from './package-content.ts';

/** The parts of `node:module` that the types leave out. */
const { globalPaths } = Module as unknown as { readonly globalPaths: readonly string[] };

/**
 * What `require` finds in the folders of `NODE_PATH`, and those of the home folder, of which it knows when no `node_modules`
 * has it: the content, wherever it lies; `-` for nothing.
 */
export async function globalToken(packages: InstalledPackages, files: ScannedFiles, name: string): Promise<string> {
  for (const folder of globalPaths) {
    const path = join(folder, name);
    for (const file of [path, ...['.js', '.json', '.node'].map((end) => path + end)]) {
      const scanned = await files.scan(file);
      if (scanned) return scanned.digest;
    }
    if (statSync(path, { throwIfNoEntry: false })) return (await readContent(files, packages.at(path, name))).token;
  }
  return '-';
}

/** The name of what code asks for that is neither a path nor a URL nor an alias; `undefined` for those. */
export function bareName(request: string): string | undefined {
  return /^(\.{0,2}[/\\]|\.{1,2}$|#|[a-z][a-z\d+.-]*:)/i.test(request) ? undefined : splitSpecifier(request)[0];
}
