import type { Stats } from 'node:fs';
import type { Digest } from '@varve/core/contract';
import { readChecked, writeChecked } from './checked-file.ts';

/** Digests of files by path, for as long as their times, size and inode stay the same. */
export interface FileIndex {
  get(path: string, stats: Stats): Digest | undefined;
  set(path: string, stats: Stats, digest: Digest): void;
  /** Writes what is new. */
  flush(): void;
}

type Entry = readonly [stamp: string, digest: Digest];

/** The coarsest clock of a file system in use. */
const CLOCK_MS = 2000;

/** Kept in a file from process to process, or in memory alone. */
export function fileIndex(path?: string): FileIndex {
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
