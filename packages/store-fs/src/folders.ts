import { dirname } from 'node:path';
import { isErrno } from './errors.ts';
import type { FileSystem } from './file-system.ts';

/** Makes the names in a folder survive a power cut; does nothing with durability `process`. */
export type SyncFolder = (path: string) => void;

/** With durability `process` the system writes names when it likes. */
export const leaveToSystem: SyncFolder = () => undefined;

/**
 * Syncs the names in a folder, and the names of that folder and of those above it up to the root's own. The latter are
 * synced once each: another process may have created them and died before its sync.
 */
export function syncFolders(fs: FileSystem, root: string): SyncFolder {
  const durable = new Set<string>();
  return (path) => {
    syncNames(fs, path);
    for (let folder = path; folder.length >= root.length && !durable.has(folder); folder = dirname(folder)) {
      syncNames(fs, dirname(folder));
      durable.add(folder);
    }
  };
}

function syncNames(fs: FileSystem, path: string): void {
  const fd = fs.open(path, 'r');
  try {
    fs.fsync(fd);
  } finally {
    fs.close(fd);
  }
}

/** Creates a folder with the folders above it. Returns false when it exists already. */
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

/** Removes a folder that holds nothing but empty folders. Returns true when the folder is gone. */
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
    // Not empty, or in use by another process: it stays.
  }
}
