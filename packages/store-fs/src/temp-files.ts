import { randomBytes } from 'node:crypto';
import { isErrno } from './errors.ts';
import type { FileSystem } from './file-system.ts';
import { makeFolder, type SyncFolder } from './folders.ts';
import { GITIGNORE } from './keys.ts';
import type { Owner } from './owner.ts';

/** Lies in the root, so that a rename stays on one file system; no key can hold a `~`. */
const FOLDER = '~tmp';
const NAME = /^([0-9a-f]{8})-(\d+)-[0-9a-f]+-\d+$/;
/** Ms. A temporary file nobody has written to for this long is left over, whoever made it. */
const STALE_AFTER = 24 * 60 * 60 * 1000;

export interface TempFile {
  readonly path: string;
  readonly fd: number;
}

/** Names, creates and sweeps the files in which objects are written before they are published. */
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

  /** Removes a file that will not be published; one that cannot be removed now is swept later. */
  discard(path: string): void {
    try {
      this.#fs.unlink(path);
    } catch {
      // Gone already, or swept by a later process: either way the object itself is as it should be.
    }
  }

  /** A name that nobody else uses. */
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
