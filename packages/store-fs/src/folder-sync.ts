import { dirname } from 'node:path';
import type { FileSystem } from './file-system.ts';
import type { SyncFolder } from './folders.ts';

/** Durability that ends with the process: the system writes names when it likes. */
export const leaveToSystem: SyncFolder = () => undefined;

/**
 * Makes the names in a folder survive a power cut, and the names of the folder and those above it up to the root's own.
 * Those are asked for once: another process may have made them and not have come to it.
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
