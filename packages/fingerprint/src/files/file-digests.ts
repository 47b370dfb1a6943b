import { readdirSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import type { Digest } from '@varve/core/contract';
import { digestOf, digestOfParts } from '../format.ts';
import type { AssetSource } from '../link/options.ts';
import { readChecked, writeChecked } from './disk-cache.ts';

/** Digests of files by content, each file read once while it stays as it is. */
export class FileDigests {
  readonly #index: FileIndex;

  /** Without a path for its index digests are kept in memory alone. */
  constructor(indexPath?: string) {
    this.#index = fileIndex(indexPath);
  }

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

  /** Writes what is new to the index. */
  flush(): void {
    this.#index.flush();
  }

  #file(path: string, stats: Stats): Digest | undefined {
    const known = this.#index.get(path, stats);
    if (known) return known;
    try {
      const digest = digestOf(readFileSync(path));
      this.#index.set(path, stats, digest);
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

/** Digests of files by path, for as long as their times, size and inode stay the same. */
interface FileIndex {
  get(path: string, stats: Stats): Digest | undefined;
  set(path: string, stats: Stats, digest: Digest): void;
  /** Writes what is new. */
  flush(): void;
}

type Entry = readonly [stamp: string, digest: Digest];

/** The coarsest clock of a file system in use. */
const CLOCK_MS = 2000;

/** Kept in a file from process to process, or in memory alone. */
function fileIndex(path?: string): FileIndex {
  let entries: Map<string, Entry> | undefined;
  let isNew = false;
  const open = () => {
    entries ??= new Map(path === undefined ? [] : readEntries(path));
    return entries;
  };
  return {
    get(file, stats) {
      const [stamp, digest] = open().get(file) ?? [];
      return stamp === stampOf(stats) ? digest : undefined;
    },
    set(file, stats, digest) {
      if (!isSettled(stats)) return;
      open().set(file, [stampOf(stats), digest]);
      isNew = true;
    },
    flush() {
      if (isNew && path !== undefined) writeChecked(path, JSON.stringify([...open()]));
      isNew = false;
    },
  };
}

/** A file that was just written may be written again within one tick of its clock, and look the same. */
function isSettled({ mtimeMs, ctimeMs }: Stats): boolean {
  return Math.max(mtimeMs, ctimeMs) + CLOCK_MS < Date.now();
}

function stampOf({ mtimeMs, ctimeMs, size, ino }: Stats): string {
  return `${mtimeMs} ${ctimeMs} ${size} ${ino}`;
}

function readEntries(path: string): readonly (readonly [string, Entry])[] {
  const text = readChecked(path);
  return text === undefined ? [] : (JSON.parse(text) as [string, Entry][]);
}

const SOURCES: ReadonlySet<string> = new Set('.ts .mts .cts .tsx .js .mjs .cjs .jsx .json .node .wasm .txt'.split(' '));
const LOCKS = /(^|[\\/])(pnpm-lock\.yaml|yarn\.lock|bun\.lock)$/;

/**
 * Files of a project by content, read when a step first needs them. Each is the same however often it is asked for: all
 * that is made, and what is remembered of what it was made from, must agree on it.
 */
export function projectFiles(root: string, digests: FileDigests): AssetSource {
  const known = new Map<string, Digest | undefined>();
  let whole: Digest | undefined;
  return {
    digest(path) {
      if (!known.has(path)) known.set(path, digests.of(path));
      return known.get(path);
    },
    project() {
      whole ??= digests.tree(root, (file) => SOURCES.has(extname(file)) || LOCKS.test(file));
      return whole;
    },
  };
}
