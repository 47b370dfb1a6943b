import {
  type Body,
  type CallOptions,
  type Datastore,
  type DatastoreCapabilities,
  type GetOptions,
  type ObjectInfo,
  type PutOptions,
  StoreError,
} from '@varve/core/contract';
import { isErrno, toStoreError } from './errors.ts';
import { type FileSystem, nodeFileSystem } from './file-system.ts';
import { leaveToSystem, removeEmptyParents, type SyncFolder, syncFolders } from './folders.ts';
import { refuseKey } from './keys.ts';
import { listObjects, statObject } from './list-objects.ts';
import { currentOwner, type Owner } from './owner.ts';
import { publishIfAbsent, replace } from './publish.ts';
import { notFound, ObjectReader } from './read-object.ts';
import { TempFiles } from './temp-files.ts';
import { BodyFailure, writeBody } from './write-body.ts';

/**
 * Crashes that a finished put survives. `process`: the end of the process in any way, not a power cut. `power`: also a
 * power cut or a crash of the system, at some ten times the cost of a small object.
 */
export type Durability = 'process' | 'power';

export interface FsDatastoreOptions {
  /** Absolute. */
  readonly root: string;
  readonly durability?: Durability;
  /** Default: false. */
  readonly compress?: boolean;
  readonly fileSystem?: FileSystem;
  readonly platform?: NodeJS.Platform;
  readonly owner?: () => Owner;
  /** Ms since the Unix epoch; only decides which temporary files are left over. */
  readonly now?: () => number;
}

/** Keeps each object as one file of the same name under a folder. The README lists the crashes that an object survives. */
export class FsDatastore implements Datastore {
  readonly name: string;
  readonly folders: readonly string[];
  readonly compress: boolean;
  readonly #root: string;
  readonly #fs: FileSystem;
  readonly #platform: NodeJS.Platform;
  readonly #power: boolean;
  readonly #temps: TempFiles;
  readonly #reader: ObjectReader;
  readonly #syncFolder: SyncFolder;
  #hasLinks = true;

  constructor(options: FsDatastoreOptions) {
    this.#root = options.root;
    this.folders = [options.root];
    this.compress = options.compress ?? false;
    this.name = `fs:${options.root}`;
    this.#fs = options.fileSystem ?? nodeFileSystem;
    this.#platform = options.platform ?? process.platform;
    this.#power = options.durability === 'power';
    this.#reader = new ObjectReader(this.#fs, this.name);
    // Windows cannot open a folder, and makes its names durable by itself.
    const syncs = this.#power && this.#platform !== 'win32';
    this.#syncFolder = syncs ? syncFolders(this.#fs, this.#root) : leaveToSystem;
    const now = options.now ?? Date.now;
    this.#temps = new TempFiles(this.#fs, this.#root, options.owner ?? currentOwner, now, this.#syncFolder);
  }

  /** `conditionalPut` turns false when the first conditional put finds that the file system has no hard links. */
  get capabilities(): DatastoreCapabilities {
    return { conditionalPut: this.#hasLinks, rangeRead: true, maxObjectBytes: Infinity };
  }

  async put(key: string, body: Body, options: PutOptions = {}): Promise<void> {
    const target = this.#path('write', key);
    options.signal?.throwIfAborted();
    try {
      const temp = this.#temps.create();
      try {
        await this.#fill(temp.fd, key, body, options.signal);
        if (options.ifAbsent === true) this.#publishIfAbsent(key, temp.path, target);
        else replace(this.#fs, temp.path, target, this.#syncFolder);
      } catch (error) {
        this.#temps.discard(temp.path);
        throw error;
      }
      if (options.ifAbsent === true) this.#temps.discard(temp.path);
    } catch (error) {
      throw error instanceof BodyFailure ? error.cause : toStoreError(this.name, 'write', key, error);
    }
  }

  async get(key: string, options: GetOptions = {}): Promise<AsyncIterable<Uint8Array>> {
    const path = this.#path('read', key);
    options.signal?.throwIfAborted();
    return this.#explained('read', key, () => this.#reader.read(key, path, options));
  }

  getSync(key: string, options: Pick<GetOptions, 'range'> = {}): Uint8Array {
    const path = this.#path('read', key);
    return this.#explained('read', key, () => this.#reader.readSync(key, path, options));
  }

  async stat(key: string, options: CallOptions = {}): Promise<ObjectInfo | undefined> {
    this.#path('look up', key);
    options.signal?.throwIfAborted();
    const info = this.#explained('look up', key, () => statObject(this.#fs, this.#root, key));
    return info === 'folder' ? undefined : info;
  }

  async *list(prefix: string, options: CallOptions = {}): AsyncGenerator<ObjectInfo> {
    options.signal?.throwIfAborted();
    try {
      yield* listObjects(this.#fs, this.#root, prefix, options.signal);
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw toStoreError(this.name, 'list', prefix, error);
    }
  }

  async delete(key: string, options: CallOptions = {}): Promise<void> {
    const path = this.#path('delete', key);
    options.signal?.throwIfAborted();
    this.#explained('delete', key, () => {
      try {
        this.#fs.unlink(path);
      } catch (error) {
        // Some systems report EPERM for a folder.
        if (isErrno(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) return;
        if (isErrno(error, 'EPERM') && statObject(this.#fs, this.#root, key) === 'folder') return;
        throw error;
      }
      removeEmptyParents(this.#fs, this.#root, path);
    });
  }

  async copy(from: string, to: string, options: CallOptions = {}): Promise<void> {
    const source = this.#path('copy', from);
    const target = this.#path('copy', to);
    options.signal?.throwIfAborted();
    this.#explained('copy', from, () => {
      if (this.#fs.stat(source)?.kind !== 'file') throw notFound(this.name, from);
      this.#copy(source, target);
    });
  }

  async close(): Promise<void> {
    this.#reader.closeAll();
  }

  async #fill(fd: number, key: string, body: Body, signal?: AbortSignal): Promise<void> {
    try {
      await writeBody(this.#fs, fd, key, body, signal);
      if (this.#power) this.#fs.fsync(fd);
    } finally {
      this.#fs.close(fd);
    }
    if (signal?.aborted) throw new BodyFailure(signal.reason);
  }

  #publishIfAbsent(key: string, temp: string, target: string): void {
    const result = this.#hasLinks ? publishIfAbsent(this.#fs, temp, target, this.#syncFolder) : 'no-links';
    if (result === 'taken') throw new StoreError('already-exists', `"${key}" is taken in ${this.name}.`, { key });
    if (result === 'published') return;
    this.#hasLinks = false;
    const advice = 'Set a root on a file system that has them, e.g. ext4, APFS or NTFS.';
    throw new StoreError(
      'unsupported',
      `Cannot write "${key}" only if it is absent: the file system of ${this.name} has no hard links. ${advice}`,
      { key },
    );
  }

  #copy(source: string, target: string): void {
    const temp = this.#temps.create();
    try {
      try {
        this.#fs.copy(source, temp.path);
        if (this.#power) this.#fs.fsync(temp.fd);
      } finally {
        this.#fs.close(temp.fd);
      }
      replace(this.#fs, temp.path, target, this.#syncFolder);
    } catch (error) {
      this.#temps.discard(temp.path);
      throw error;
    }
  }

  /** Maps a key to its file. No file system gives a meaning to any character of the key grammar, so keys are paths. */
  #path(verb: string, key: string): string {
    const reason = refuseKey(key, this.#platform);
    if (reason === undefined) return `${this.#root}/${key}`;
    throw new StoreError('unsupported', `Cannot ${verb} ${JSON.stringify(key)} in ${this.name}: ${reason}.`, { key });
  }

  #explained<T>(verb: string, key: string, act: () => T): T {
    try {
      return act();
    } catch (error) {
      throw toStoreError(this.name, verb, key, error);
    }
  }
}
