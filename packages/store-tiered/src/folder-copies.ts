import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type GetOptions, StoreError } from '@varve/core/contract';
import type { Blob } from './blob.ts';
import { type Copies, cutRange, type Range } from './copies.ts';
import { type Disk, isErrno, nodeDisk, readFully } from './disk.ts';
import { Draft } from './draft.ts';
import type { Faults } from './faults.ts';
import { Sweeper } from './sweeper.ts';
import { type OpenCopy, Verified, WHOLE_MAX } from './verified-file.ts';

/** No key can hold a `~`, so nothing here is taken for a copy. */
const TEMP = '~tmp';
const PIECE = 1024 * 1024;
/** Ms. The time of use of a copy is written once in this time. */
const TOUCH_AFTER = 60 * 60 * 1000;
/** Errors of a name that cannot be given. */
const REFUSED = ['EPERM', 'EACCES', 'EEXIST', 'EBUSY'];
/** Errors that the next write would meet too. */
const LASTING = ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'ENOTDIR', 'EISDIR'];

export interface FolderCopiesOptions {
  /** Absolute. */
  readonly root: string;
  /** Most bytes of all copies. */
  readonly maxBytes: number;
  readonly faults: Faults;
  readonly disk?: Disk;
  /** Ms since the Unix epoch. */
  readonly now?: () => number;
}

/** Copies as files of a folder, which any number of processes share and anybody may delete at any time. */
export class FolderCopies implements Copies {
  readonly folders: readonly string[];
  readonly #disk: Disk;
  readonly #now: () => number;
  readonly #verified: Verified;
  readonly #sweeper: Sweeper;
  readonly #open = new Set<number>();
  readonly #prefix: string;
  #count = 0;
  #isReadOnly = false;

  constructor(private readonly options: FolderCopiesOptions) {
    this.folders = [options.root];
    this.#disk = options.disk ?? nodeDisk;
    this.#now = options.now ?? Date.now;
    this.#verified = new Verified(this.#disk);
    this.#sweeper = new Sweeper({ ...options, disk: this.#disk, now: this.#now, temp: `${options.root}/${TEMP}` });
    this.#prefix = `${options.root}/${TEMP}/${process.pid}-${randomBytes(6).toString('hex')}`;
  }

  async read(blob: Blob, { range, signal }: Pick<GetOptions, 'range' | 'signal'>) {
    const copy = this.#openCopy(blob);
    if (copy === undefined) return undefined;
    let isKept = false;
    try {
      if (range === undefined && copy.size <= WHOLE_MAX) return inOne(this.#wholeOrDrop(copy));
      const steps = this.#verified.check(copy);
      let step = steps.next();
      for (; !step.done; step = steps.next()) {
        await setImmediate();
        signal?.throwIfAborted();
      }
      if (!step.value) return this.#drop(blob);
      const cut = cutRange(range, copy.size);
      isKept = cut !== undefined;
      return cut && this.#stream(copy, cut, signal);
    } catch (error) {
      return this.#unlessAborted(error, signal);
    } finally {
      if (!isKept) this.#close(copy.fd);
    }
  }

  readSync(blob: Blob, range: Range | undefined): Uint8Array | undefined {
    const copy = this.#openCopy(blob);
    if (copy === undefined) return undefined;
    try {
      if (range === undefined && copy.size <= WHOLE_MAX) return this.#wholeOrDrop(copy);
      const steps = this.#verified.check(copy);
      let step = steps.next();
      while (!step.done) step = steps.next();
      if (!step.value) return this.#drop(blob);
      const cut = cutRange(range, copy.size);
      return cut && this.#piece(copy, cut.start, cut.end - cut.start);
    } catch (error) {
      return this.#unlessAborted(error);
    } finally {
      this.#close(copy.fd);
    }
  }

  has(blob: Blob, size: number): boolean {
    return this.#sizeOf(blob) === size;
  }

  async size(blob: Blob): Promise<number | undefined> {
    return this.#sizeOf(blob);
  }

  draft(blob: Blob): Draft | undefined {
    if (this.#isReadOnly) return undefined;
    try {
      const temp = this.#create();
      const publish = (size: number) => this.#publish(temp.path, blob, size);
      const onFault = (error: unknown) => this.#fault(error);
      return new Draft(blob, { ...temp, disk: this.#disk, maxBytes: this.#sweeper.largest, publish, onFault });
    } catch (error) {
      this.#fault(error);
      return undefined;
    }
  }

  doubt(blob: Blob): void {
    this.#verified.forget(blob);
  }

  async remove(blob: Blob): Promise<void> {
    this.#drop(blob);
  }

  async close(): Promise<void> {
    await this.#sweeper.idle();
    for (const fd of [...this.#open]) this.#close(fd);
  }

  #path(blob: Blob): string {
    return `${this.#sweeper.folder}/${blob.path}`;
  }

  #sizeOf(blob: Blob): number | undefined {
    try {
      return this.#disk.statSync(this.#path(blob), { throwIfNoEntry: false })?.size;
    } catch {
      return undefined;
    }
  }

  #openCopy(blob: Blob): OpenCopy | undefined {
    const path = this.#path(blob);
    try {
      const fd = this.#disk.openSync(path, 'r');
      this.#open.add(fd);
      const { size, ino, mtimeMs, atimeMs } = this.#disk.fstatSync(fd);
      if (this.#now() - atimeMs > TOUCH_AFTER) this.#touch(path, mtimeMs);
      return { blob, fd, size, stamp: `${ino} ${size} ${Math.trunc(mtimeMs)}` };
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) this.options.faults.note(error);
      return undefined;
    }
  }

  /** Only the time of use: the time of the last write tells whether the copy has to be checked again. */
  #touch(path: string, mtimeMs: number): void {
    try {
      this.#disk.utimesSync(path, this.#now() / 1000, mtimeMs / 1000);
    } catch {
      // Another user's copy, or a folder that may only be read: its owner keeps the times.
    }
  }

  #wholeOrDrop(copy: OpenCopy): Uint8Array | undefined {
    return this.#verified.whole(copy) ?? this.#drop(copy.blob);
  }

  async *#stream(copy: OpenCopy, { start, end }: Range, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      for (let at = start, turn = 0; at < end; at += PIECE) {
        signal?.throwIfAborted();
        yield this.#pieceLater(copy, at, Math.min(PIECE, end - at));
        turn += 1;
        if (turn % 4 === 0) await setImmediate();
      }
    } finally {
      this.#close(copy.fd);
    }
  }

  /** The caller has some bytes already: an error it may repeat makes it go on where it is. */
  #pieceLater(copy: OpenCopy, start: number, length: number): Uint8Array {
    const { key } = copy.blob;
    try {
      if (this.#open.has(copy.fd)) return this.#piece(copy, start, length);
    } catch (cause) {
      this.#verified.forget(copy.blob);
      throw new StoreError('unavailable', `The copy of "${key}" cannot be read to its end.`, { key, cause });
    }
    throw new StoreError('unavailable', `"${key}" was being read when its store was closed.`, {
      key,
      retryable: false,
    });
  }

  #piece({ fd }: OpenCopy, start: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    if (readFully(this.#disk, fd, bytes, start)) return bytes;
    throw new Error('the file became shorter while it was read');
  }

  #create(): { readonly path: string; readonly fd: number } {
    if (this.#count === 0) this.#sweeper.removeLeftOvers();
    this.#count += 1;
    const path = `${this.#prefix}-${this.#count}`;
    try {
      return { path, fd: this.#disk.openSync(path, 'wx+') };
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error;
      this.#makeRoot();
      return { path, fd: this.#disk.openSync(path, 'wx+') };
    }
  }

  #makeRoot(): void {
    const { root } = this.options;
    const isNew = this.#disk.statSync(root, { throwIfNoEntry: false }) === undefined;
    this.#disk.mkdirSync(dirname(this.#prefix), { recursive: true });
    if (isNew) this.#disk.writeFileSync(`${root}/.gitignore`, '*\n');
  }

  #publish(temp: string, blob: Blob, size: number): void {
    const target = this.#path(blob);
    try {
      this.#disk.renameSync(temp, target);
    } catch (error) {
      // Windows replaces no file that somebody reads: then another process was first with the same bytes.
      if (isErrno(error, ...REFUSED) && this.has(blob, size)) return this.#disk.unlinkSync(temp);
      if (!isErrno(error, 'ENOENT')) throw error;
      this.#disk.mkdirSync(dirname(target), { recursive: true });
      this.#disk.renameSync(temp, target);
    }
    this.#sweeper.account(size);
  }

  #drop(blob: Blob): undefined {
    this.#verified.forget(blob);
    try {
      this.#disk.unlinkSync(this.#path(blob));
    } catch {
      // Gone already, or of another user: a read never returns it unchecked.
    }
    return undefined;
  }

  #close(fd: number): void {
    // Once closed, the system may give the same number to another file.
    if (this.#open.delete(fd)) this.#disk.closeSync(fd);
  }

  #unlessAborted(error: unknown, signal?: AbortSignal): undefined {
    signal?.throwIfAborted();
    this.options.faults.note(error);
    return undefined;
  }

  /** The folder may be deleted at any moment: then there is nothing to say. */
  #fault(error: unknown): void {
    if (isErrno(error, 'ENOENT')) return;
    this.#isReadOnly ||= isErrno(error, ...LASTING);
    this.options.faults.note(error);
  }
}

function inOne(bytes: Uint8Array | undefined): AsyncIterable<Uint8Array> | undefined {
  if (bytes === undefined) return undefined;
  return (async function* () {
    if (bytes.length > 0) yield bytes;
  })();
}
