import { setImmediate } from 'node:timers/promises';
import type { ObjectInfo } from '@varve/core/contract';
import { isErrno } from './errors.ts';
import type { Entry, FileSystem } from './file-system.ts';
import { isListed, splitPrefix } from './keys.ts';

/** Objects listed before other work of the thread gets its turn. */
const TURN = 512;

/**
 * Walks the folders that can hold keys with this prefix, depth first. Skips entries that vanish meanwhile, and symbolic
 * links: two of them can make a walk that never ends.
 */
export async function* listObjects(
  fs: FileSystem,
  root: string,
  prefix: string,
  signal?: AbortSignal,
): AsyncGenerator<ObjectInfo> {
  const split = splitPrefix(prefix);
  if (split === undefined) return;
  const waiting = keysIn(fs, root, split.folder).filter(({ key }) => key.startsWith(prefix));
  let seen = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    signal?.throwIfAborted();
    if (next.kind === 'folder') {
      waiting.push(...keysIn(fs, root, next.key));
      continue;
    }
    const info = statObject(fs, root, next.key);
    if (info !== undefined && info !== 'folder') yield info;
    seen += 1;
    if (seen % TURN === 0) await setImmediate();
  }
}

/** Looks up a key: an object, a folder of keys, or nothing. */
export function statObject(fs: FileSystem, root: string, key: string): ObjectInfo | 'folder' | undefined {
  const stat = unlessMissing(() => fs.stat(`${root}/${key}`));
  if (stat === undefined || stat.kind === 'other') return undefined;
  return stat.kind === 'folder' ? 'folder' : { key, size: stat.size, modifiedAt: stat.modifiedAt };
}

function keysIn(
  fs: FileSystem,
  root: string,
  folder: string,
): { readonly key: string; readonly kind: Entry['kind'] }[] {
  const entries = unlessMissing(() => fs.entries(folder === '' ? root : `${root}/${folder}`)) ?? [];
  const keys = entries.map(({ name, kind }) => ({ key: folder === '' ? name : `${folder}/${name}`, kind }));
  return keys.filter(({ key, kind }) => kind !== 'other' && isListed(key));
}

function unlessMissing<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
