import { randomBytes } from 'node:crypto';
import { isErrno } from './errors.ts';
import type { FileSystem } from './file-system.ts';
import { makeFolder, type SyncFolder } from './folders.ts';
import { GITIGNORE } from './keys.ts';
import type { Owner } from './owner.ts';

/** Stands in the root, so that a rename stays on one file system; no key can hold a `~`. */
const FOLDER = '~tmp';
const NAME = /^([0-9a-f]{8})-(\d+)-[0-9a-f]+-\d+$/;
/** Ms without a write after which a temporary file of any process is left over. */
const STALE_AFTER = 24 * 60 * 60 * 1000;

export interface TempFile {
  readonly path: string;
  readonly fd: number;
}

/** Names, creates and removes the temporary files of objects that are not published yet. */
export class TempFiles {
  readonly #fs: FileSystem;
  readonly #root: string;
  readonly #owner: () => Owner;
  readonly #now: () => number;
  readonly #syncFolder: SyncFolder;
  #prefix: string | undefined;
  #count = 0;

  constructor(fs: FileSystem, root: string, owner: () => Owner, now: () => number, syncFolder: SyncFolder) {
    this.#fs = fs;
    this.#root = root;
    this.#owner = owner;
    this.#now = now;
    this.#syncFolder = syncFolder;
  }

  /** Creates an empty file, and the root when it is not there. */
  create(): TempFile {
    const path = this.#next();
    try {
      return { path, fd: this.#fs.open(path, 'wx') };
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error;
      this.#makeRoot();
      return { path, fd: this.#fs.open(path, 'wx') };
    }
  }

  /** Removes a file that will not be published. A failure is ignored: a later sweep removes the file. */
  discard(path: string): void {
    try {
      this.#fs.unlink(path);
    } catch {
      // Gone already, or removed by a later process: the object itself is right either way.
    }
  }

  #next(): string {
    this.#prefix ??= this.#prepare();
    this.#count += 1;
    return `${this.#prefix}-${this.#count}`;
  }

  #prepare(): string {
    const owner = this.#owner();
    this.#sweep(owner);
    return `${this.#root}/${FOLDER}/${owner.host}-${owner.pid}-${randomBytes(6).toString('hex')}`;
  }

  #makeRoot(): void {
    const isNew = makeFolder(this.#fs, this.#root, this.#syncFolder);
    makeFolder(this.#fs, `${this.#root}/${FOLDER}`, this.#syncFolder);
    if (isNew) this.#writeGitignore();
  }

  #writeGitignore(): void {
    try {
      const fd = this.#fs.open(`${this.#root}/${GITIGNORE}`, 'wx');
      try {
        this.#fs.write(fd, Buffer.from('*\n'), 0, 2);
      } finally {
        this.#fs.close(fd);
      }
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error;
    }
  }

  #sweep(owner: Owner): void {
    const folder = `${this.#root}/${FOLDER}`;
    let names: readonly string[];
    try {
      names = this.#fs.entries(folder).map((entry) => entry.name);
    } catch {
      return;
    }
    for (const name of names) {
      const path = `${folder}/${name}`;
      if (this.#isLeftOver(owner, name, path)) this.discard(path);
    }
  }

  #isLeftOver(owner: Owner, name: string, path: string): boolean {
    const match = NAME.exec(name);
    if (match === null) return false;
    if (match[1] === owner.host && !owner.lives(Number(match[2]))) return true;
    const stat = this.#fs.stat(path);
    return stat !== undefined && this.#now() - stat.modifiedAt > STALE_AFTER;
  }
}
