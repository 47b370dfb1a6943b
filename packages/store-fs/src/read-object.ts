import { setImmediate } from 'node:timers/promises';
import { type GetOptions, StoreError } from '@varve/core/contract';
import { isErrno, toStoreError } from './errors.ts';
import type { FileSystem } from './file-system.ts';

/** Largest chunk, in bytes. */
const PIECE = 1024 * 1024;
/** Bytes read before other work of the thread gets its turn. */
const TURN = 4 * 1024 * 1024;

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Checks a range and cuts it at the end of the object. */
function cutRange(key: string, range: Range | undefined, size: number): Range {
  if (range === undefined) return { start: 0, end: size };
  const { start, end } = range;
  if (!Number.isSafeInteger(start) || !(Number.isSafeInteger(end) || end === Infinity) || start < 0 || end < start) {
    throw new StoreError('unsupported', `"${key}": ${start} to ${end} is not a range of bytes.`, { key });
  }
  return { start: Math.min(start, size), end: Math.min(end, size) };
}

/** Reads objects, and tracks open files so that closing the store closes them. */
export class ObjectReader {
  readonly #fs: FileSystem;
  readonly #store: string;
  readonly #open = new Set<number>();

  constructor(fs: FileSystem, store: string) {
    this.#fs = fs;
    this.#store = store;
  }

  /** Reads the first chunk at once: an object that fits it never leaves a file open. */
  read(key: string, path: string, options: GetOptions): AsyncIterable<Uint8Array> {
    const fd = this.#openFile(key, path);
    try {
      const stat = this.#fs.statOpen(fd);
      if (stat.kind !== 'file') throw notFound(this.#store, key);
      const range = cutRange(key, options.range, stat.size);
      const first = this.#readPiece(fd, key, range);
      if (range.start + first.length < range.end) return this.#readOn(fd, key, first, range, options.signal);
      this.#close(fd);
      return readAtOnce(first);
    } catch (error) {
      this.#close(fd);
      throw error;
    }
  }

  /** The bytes in one call, in memory of their own. */
  readSync(key: string, path: string, options: Pick<GetOptions, 'range'>): Uint8Array {
    const fd = this.#openFile(key, path);
    try {
      const stat = this.#fs.statOpen(fd);
      if (stat.kind !== 'file') throw notFound(this.#store, key);
      const { start, end } = cutRange(key, options.range, stat.size);
      const bytes = new Uint8Array(end - start);
      for (let filled = 0; filled < bytes.length; ) {
        const count = this.#fs.read(fd, bytes, filled, bytes.length - filled, start + filled);
        if (count === 0) throw new StoreError('corrupt', `"${key}" became shorter while it was read.`, { key });
        filled += count;
      }
      return bytes;
    } finally {
      this.#close(fd);
    }
  }

  closeAll(): void {
    for (const fd of [...this.#open]) this.#close(fd);
  }

  #openFile(key: string, path: string): number {
    try {
      const fd = this.#fs.open(path, 'r');
      this.#open.add(fd);
      return fd;
    } catch (error) {
      // Windows does not open folders.
      if (isErrno(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) throw notFound(this.#store, key, error);
      throw error;
    }
  }

  #close(fd: number): void {
    // Once closed, the system may give the same number to another file.
    if (this.#open.delete(fd)) this.#fs.close(fd);
  }

  async *#readOn(
    fd: number,
    key: string,
    first: Uint8Array,
    range: Range,
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    try {
      yield first;
      let turn = first.length;
      for (let start = range.start + first.length; start < range.end; ) {
        signal?.throwIfAborted();
        const piece = this.#readPieceLater(fd, key, { start, end: range.end });
        start += piece.length;
        turn += piece.length;
        yield piece;
        if (turn >= TURN) {
          turn = 0;
          await setImmediate();
        }
      }
    } finally {
      this.#close(fd);
    }
  }

  #readPieceLater(fd: number, key: string, range: Range): Uint8Array {
    if (!this.#open.has(fd)) {
      throw new StoreError('unavailable', `"${key}" was being read when ${this.#store} was closed.`, {
        key,
        retryable: false,
      });
    }
    try {
      return this.#readPiece(fd, key, range);
    } catch (error) {
      throw toStoreError(this.#store, 'read', key, error);
    }
  }

  /** Reads one chunk into memory of its own, which the reader may keep. */
  #readPiece(fd: number, key: string, range: Range): Uint8Array {
    const bytes = new Uint8Array(Math.min(PIECE, range.end - range.start));
    let filled = 0;
    while (filled < bytes.length) {
      const count = this.#fs.read(fd, bytes, filled, bytes.length - filled, range.start + filled);
      if (count <= 0) {
        const message = `"${key}" had ${range.end} bytes or more when it was opened and now ends at ${range.start + filled}.`;
        throw new StoreError('corrupt', message, { key });
      }
      filled += count;
    }
    return bytes;
  }
}

export function notFound(store: string, key: string, cause?: unknown): StoreError {
  return new StoreError('not-found', `There is no "${key}" in ${store}.`, { key, cause });
}

async function* readAtOnce(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}
