import type { BigIntStats, Stats } from 'node:fs';
import { ABSENT, digestOf } from '../../shared/tokens.ts';

export type EntryKind = 'file' | 'dir' | 'link' | 'other';

/** What `Stats` and `Dirent` have in common. */
export interface Entry {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

/** Errors that say how things are in the file system, not what happened to the call. */
const STATES = new Set([
  ...['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES', 'EPERM', 'ELOOP', 'ENAMETOOLONG', 'EINVAL', 'ENXIO', 'ENODEV'],
]);

/** The code of an error of the file system; `undefined` for anything else that was thrown. */
export function codeOf(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' ? code : undefined;
}

/** True when the same call fails with the same code for as long as nothing changes in the file system. */
export function isState(error: unknown): boolean {
  return STATES.has(codeOf(error) ?? '');
}

/** `-` when nothing is there, `dir` for the content of a folder, `error CODE` otherwise: code can tell one from the other. */
export function errorToken(error: unknown): string {
  const code = codeOf(error) ?? 'unknown';
  if (code === 'ENOENT') return ABSENT;
  return code === 'EISDIR' ? 'dir' : `error ${code}`;
}

export function kindOf(entry: Entry): EntryKind {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'dir';
  return entry.isSymbolicLink() ? 'link' : 'other';
}

/**
 * Kind, for files also size and an `x` when their owner may execute them. Times and the other permissions do not count:
 * they differ between two checkouts of the same project.
 */
export function statToken(stats: Stats | BigIntStats): string {
  const kind = kindOf(stats);
  if (kind !== 'file') return kind;
  return `file ${stats.size}${(Number(stats.mode) & 0o100) === 0 ? '' : ' x'}`;
}

export function namesToken(names: readonly string[]): string {
  return digestOf(JSON.stringify([...names].sort()));
}

/** `entries`: a name, or a path below the folder with `/`, and the kind of what has it. */
export function kindsToken(entries: readonly (readonly [string, EntryKind])[]): string {
  return digestOf(JSON.stringify([...entries].sort(([a], [b]) => (a < b ? -1 : 1))));
}
