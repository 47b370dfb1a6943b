import { dirname } from 'node:path';
import { isErrno } from './errors.ts';
import type { FileSystem } from './file-system.ts';
import { makeFolder, removeEmptyFolder, type SyncFolder } from './folders.ts';

/** Attempts of a put whose folder keeps vanishing because another process deletes in it. */
const ATTEMPTS = 16;
/** Errnos of `link` on a file system without hard links. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV'];

/** Outcome of a conditional publish. */
export type Published = 'published' | 'taken' | 'no-links';

/** Gives a finished file its name in one step, replacing the file that had it. */
export function replace(fs: FileSystem, temp: string, target: string, sync: SyncFolder): void {
  retrying(fs, target, sync, () => fs.rename(temp, target));
  sync(dirname(target));
}

/** Gives a finished file its name in one step, unless the name is taken. The temporary name stays. */
export function publishIfAbsent(fs: FileSystem, temp: string, target: string, sync: SyncFolder): Published {
  try {
    retrying(fs, target, sync, () => fs.link(temp, target));
  } catch (error) {
    if (isErrno(error, 'EEXIST')) {
      // Over NFS a reply can be lost and the call repeated: then our own link took the name.
      if (fs.stat(temp)?.links !== 2) return 'taken';
    } else if (isErrno(error, ...NO_LINKS) && !hasLinks(fs, temp)) return 'no-links';
    else throw error;
  }
  sync(dirname(target));
  return 'published';
}

/** True when the file system of `path` has hard links; tells their absence from a missing permission. */
export function hasLinks(fs: FileSystem, path: string): boolean {
  const probe = `${path}-link`;
  try {
    fs.link(path, probe);
  } catch (error) {
    return !isErrno(error, ...NO_LINKS);
  }
  fs.unlink(probe);
  return true;
}

function retrying(fs: FileSystem, target: string, sync: SyncFolder, publish: () => void): void {
  for (let attempt = 1; ; attempt++) {
    try {
      publish();
      return;
    } catch (error) {
      if (attempt >= ATTEMPTS || !mend(fs, target, sync, error)) throw error;
    }
  }
}

/** Creates a missing folder, or removes an empty one that has the object's name. Returns true when a retry may help. */
function mend(fs: FileSystem, target: string, sync: SyncFolder, error: unknown): boolean {
  if (isErrno(error, 'ENOENT')) {
    makeFolder(fs, dirname(target), sync);
    return true;
  }
  if (!isErrno(error, 'EISDIR', 'EEXIST', 'ENOTEMPTY', 'EPERM')) return false;
  return fs.stat(target)?.kind === 'folder' && removeEmptyFolder(fs, target);
}
