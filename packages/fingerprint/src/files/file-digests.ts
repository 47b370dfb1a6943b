import { readdirSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Digest } from '@varve/core/contract';
import { digestOf, digestOfParts } from '../format.ts';
import { type FileIndex, fileIndex } from './file-index.ts';

/** Digests of files by content, each file read once while it stays as it is. */
export class FileDigests {
  constructor(readonly index: FileIndex = fileIndex()) {}

  /** Of a file, or of a folder with all that is in it; nothing if there is none. */
  of(path: string): Digest | undefined {
    const stats = statOf(path);
    if (!stats) return undefined;
    return stats.isDirectory() ? this.tree(path, () => true) : this.#file(path, stats);
  }

  /** Of the files below a folder that are wanted; folders named `node_modules` or starting with a dot are left out. */
  tree(folder: string, wanted: (file: string) => boolean): Digest {
    const files = filesBelow(folder).filter(wanted);
    return digestOfParts(files.flatMap((file) => [portable(folder, file), this.of(file) ?? 'missing']));
  }

  #file(path: string, stats: Stats): Digest | undefined {
    const known = this.index.get(path, stats);
    if (known) return known;
    try {
      const digest = digestOf(readFileSync(path));
      this.index.set(path, stats, digest);
      return digest;
    } catch {
      return undefined;
    }
  }
}

function statOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

function portable(folder: string, file: string): string {
  return relative(folder, file).split(sep).join('/');
}

/** All files below a folder, in a fixed order; links to folders are followed once. */
function filesBelow(folder: string, seen = new Set<string>()): readonly string[] {
  let real: string;
  try {
    real = realpathSync(folder);
  } catch {
    return [];
  }
  if (seen.has(real)) return [];
  seen.add(real);
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name.startsWith('.')) return [];
    const path = join(folder, entry.name);
    const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && statOf(path)?.isDirectory());
    return isFolder ? filesBelow(path, seen) : [path];
  });
}
