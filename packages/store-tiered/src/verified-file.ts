import type { Blob } from './blob.ts';
import { type Disk, readFully } from './disk.ts';

/** Bytes. A copy up to this size is read and checked in one piece. */
export const WHOLE_MAX = 4 * 1024 * 1024;
/** Bytes that are hashed before other work of the thread gets its turn. */
const TURN = 4 * 1024 * 1024;
const PIECE = 1024 * 1024;
/** Files that are remembered as checked. */
const REMEMBERED = 10_000;

/** An open copy. */
export interface OpenCopy {
  readonly blob: Blob;
  readonly fd: number;
  /** Bytes. */
  readonly size: number;
  /** Changes when the file is written or replaced. */
  readonly stamp: string;
}

/** Checks copies against the digests in their names. A large file is checked once a process, until it changes. */
export class Verified {
  readonly #good = new Map<string, string>();

  constructor(private readonly disk: Disk) {}

  /** All bytes, always checked; `undefined` when they are not those of the blob. For small copies. */
  whole({ blob, fd, size }: OpenCopy): Uint8Array | undefined {
    const bytes = new Uint8Array(size);
    if (!readFully(this.disk, fd, bytes, 0)) return undefined;
    const hash = blob.hash();
    hash.update(bytes);
    return hash.digest() === blob.hex ? bytes : undefined;
  }

  /** Tells whether the file holds the bytes of its blob. Yields between pieces of work. */
  *check(copy: OpenCopy): Generator<void, boolean> {
    const { blob, stamp } = copy;
    if (this.#good.get(blob.key) === stamp) return true;
    const isGood = yield* this.#compare(copy);
    if (this.#good.size >= REMEMBERED) this.#good.clear();
    if (isGood) this.#good.set(blob.key, stamp);
    return isGood;
  }

  forget(blob: Blob): void {
    this.#good.delete(blob.key);
  }

  *#compare({ blob, fd, size }: OpenCopy): Generator<void, boolean> {
    const hash = blob.hash();
    const piece = new Uint8Array(Math.min(PIECE, size));
    for (let at = 0; at < size; at += PIECE) {
      const part = piece.subarray(0, Math.min(PIECE, size - at));
      if (!readFully(this.disk, fd, part, at)) return false;
      hash.update(part);
      if ((at + PIECE) % TURN === 0) yield;
    }
    return hash.digest() === blob.hex;
  }
}
