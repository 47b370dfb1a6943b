import type { Blob } from './blob.ts';
import { type Disk, readFully } from './disk.ts';

/** Bytes for each call. Larger writes were measured to be slower on ext4. */
const PIECE = 256 * 1024;

export interface DraftOptions {
  readonly disk: Disk;
  /** A new file that nobody reads as a copy. */
  readonly path: string;
  /** Open for reading and writing. */
  readonly fd: number;
  /** Largest copy, in bytes. */
  readonly maxBytes: number;
  /** Turns the file at `path` into the copy. Its failures go to `onFault`. */
  publish(size: number): Promise<void> | void;
  onFault(error: unknown): void;
}

/**
 * A copy on its way: a file apart that becomes the copy once all its bytes have come and match the digest. After any
 * fault it takes no more and leaves nothing.
 */
export class Draft {
  readonly #hash;
  #size = 0;
  #state: 'open' | 'published' | 'dropped' = 'open';
  #isClosed = false;

  constructor(
    private readonly blob: Blob,
    private readonly options: DraftOptions,
  ) {
    this.#hash = blob.hash();
  }

  append(chunk: Uint8Array): void {
    if (this.#state !== 'open') return;
    if (this.#size + chunk.length > this.options.maxBytes) return this.discard();
    try {
      this.#write(chunk);
    } catch (error) {
      this.options.onFault(error);
      this.discard();
    }
  }

  /** Bytes that were appended, also after `finish`; `undefined` when they are gone. */
  read(start: number, length: number): Uint8Array | undefined {
    if (this.#isClosed || start + length > this.#size) return undefined;
    const bytes = new Uint8Array(length);
    try {
      return readFully(this.options.disk, this.options.fd, bytes, start) ? bytes : undefined;
    } catch (error) {
      this.options.onFault(error);
      return undefined;
    }
  }

  /** Publishes the copy if its bytes are those of the blob, else leaves nothing. Bytes can be read until `close`. */
  async finish(): Promise<void> {
    if (this.#state !== 'open') return;
    if (this.#hash.digest() !== this.blob.hex) return this.discard();
    this.#state = 'published';
    try {
      await this.options.publish(this.#size);
    } catch (error) {
      this.options.onFault(error);
      this.#unlink();
    }
  }

  discard(): void {
    this.close();
    if (this.#state !== 'open') return;
    this.#state = 'dropped';
    this.#unlink();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      this.options.disk.closeSync(this.options.fd);
    } catch {
      // The bytes were checked before: what a late error of the disk took is noticed when the copy is read.
    }
  }

  #write(chunk: Uint8Array): void {
    const { disk, fd } = this.options;
    for (let at = 0; at < chunk.length; ) {
      at += disk.writeSync(fd, chunk, at, Math.min(PIECE, chunk.length - at), this.#size + at);
    }
    this.#hash.update(chunk);
    this.#size += chunk.length;
  }

  #unlink(): void {
    try {
      this.options.disk.unlinkSync(this.options.path);
    } catch {
      // Gone with its folder, or left for a later sweep.
    }
  }
}
