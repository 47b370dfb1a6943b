import { readdirSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import type { Digest } from '@varve/core/contract';
import { digestOf, digestOfParts } from '../format.ts';
import type { AssetSource } from '../link/options.ts';
import { readChecked, writeChecked } from './disk-cache.ts';

/** Digests of files by content. Each file is read once while it stays unchanged. */
export class FileDigests {
  readonly #index: FileIndex;

  /** Without a path the index stays in memory alone. */
  constructor(indexPath?: string) {
    this.#index = fileIndex(indexPath);
  }

  /** Digest of a file, or of a folder with its content; `undefined` if there is none. */
  of(path: string): Digest | undefined {
    const stats = statOf(path);
    if (!stats) return undefined;
    return stats.isDirectory() ? this.tree(path, () => true) : this.#file(path, stats);
  }

  /** Digest of the wanted files below a folder. Skips `node_modules` and names that start with a dot. */
  tree(folder: string, wanted: (file: string) => boolean): Digest {
    const files = filesBelow(folder).filter(wanted);
    return digestOfParts(files.flatMap((file) => [portable(folder, file), this.of(file) ?? 'missing']));
  }

  /** Writes the index if it changed. */
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

/** All files below a folder, in a fixed order. Follows a link to a folder once. */
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

/** Digests of files by path, valid while times, size and inode stay the same. */
interface FileIndex {
  get(path: string, stats: Stats): Digest | undefined;
  set(path: string, stats: Stats, digest: Digest): void;
  /** Writes new entries. */
  flush(): void;
}

type Entry = readonly [stamp: string, digest: Digest];

/** Tick of the coarsest file system clock in use. */
const CLOCK_MS = 2000;

/** Keeps the index in a file, or without a path in memory. */
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

/** A file written within the last tick may be written again and keep its times. */
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
 * Digests of the files of a project, computed on first use. Each stays the same for the whole request, so that
 * fingerprints and the recorded queries agree.
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
