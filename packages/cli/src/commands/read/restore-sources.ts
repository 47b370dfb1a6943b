import { posix } from 'node:path';
import type { History } from '@varve/client';
import type { CodeFile } from '@varve/core/internal';
import { writeFolder } from './stored-file.ts';

/** Writes the source files of a run below a folder, where their imports of one another still resolve. */
export async function restoreSources(
  history: Pick<History, 'content'>,
  files: readonly CodeFile[],
  folder: string,
): Promise<void> {
  const paths = placeSources(files.map(({ path }) => path));
  const entries = files.map(({ size, digest }, i) => ({ path: paths[i] ?? '', size, digest, executable: false }));
  await writeFolder(history, entries, folder);
  process.stderr.write(`${files.length} ${files.length === 1 ? 'file' : 'files'} written to ${folder}\n`);
}

/**
 * Maps paths relative to a project to paths below one folder, and keeps them relative to each other: the project goes
 * as many folders down as the paths lead upward, and files beside it stay beside it.
 */
export function placeSources(paths: readonly string[]): string[] {
  const depth = Math.max(0, ...paths.map(upward));
  if (depth === 0) return [...paths];
  const beside = new Set(paths.map((path) => path.replace(/^(\.\.\/)+/, '').split('/')[0]));
  let name = 'project';
  while (beside.has(name)) name += '_';
  const root = Array.from({ length: depth }, () => name).join('/');
  return paths.map((path) => posix.join(root, path));
}

function upward(path: string): number {
  return (/^(\.\.\/)*/.exec(path)?.[0].length ?? 0) / '../'.length;
}
