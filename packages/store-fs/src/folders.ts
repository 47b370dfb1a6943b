import { dirname } from 'node:path';
import { isErrno } from './errors.ts';
import type { FileSystem } from './file-system.ts';

/** Makes a change to a folder's own list of names survive a power cut; does nothing when that is not asked for. */
export type SyncFolder = (path: string) => void;

/** Creates a folder with the folders above it. Returns whether it was not there. */
export function makeFolder(fs: FileSystem, path: string, sync: SyncFolder): boolean {
  try {
    fs.mkdir(path);
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    const parent = dirname(path);
    if (!isErrno(error, 'ENOENT') || parent === path) throw error;
    makeFolder(fs, parent, sync);
    return makeFolder(fs, path, sync);
  }
  sync(dirname(path));
  return true;
}

/** Removes a folder that holds nothing but empty folders. Returns whether it is gone. */
export function removeEmptyFolder(fs: FileSystem, path: string): boolean {
  try {
    for (const entry of fs.entries(path)) {
      if (entry.kind !== 'folder' || !removeEmptyFolder(fs, `${path}/${entry.name}`)) return false;
    }
    fs.rmdir(path);
    return true;
  } catch (error) {
    return isErrno(error, 'ENOENT');
  }
}

/** Removes the folder of a deleted object and those above it, up to `root`, as far as they are empty. */
export function removeEmptyParents(fs: FileSystem, root: string, path: string): void {
  try {
    for (let folder = dirname(path); folder.length > root.length; folder = dirname(folder)) fs.rmdir(folder);
  } catch {
    // Not empty, or somebody else is using it: then it stays.
  }
}
