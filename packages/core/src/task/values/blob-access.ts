import type { Body, Digest, Reference } from '../../contract/index.ts';

/** Stored bytes for a task. Reads block until the I/O thread answers, so that any store works behind a plain field. */
export interface BlobAccess {
  /** Verified bytes, each its own copy. */
  read(references: readonly Reference[]): Uint8Array[];
  /** Resolves when the bytes are durable. Rejects with `VARVE_CHANGED_SOURCE` when `parts` change meanwhile. */
  put(digest: Digest, parts: readonly Uint8Array[]): Promise<void>;
  /** Stores the content of a file, which the I/O thread reads itself. */
  putFile(digest: Digest, size: number, file: string): Promise<void>;
  /** Path of a verified local copy of a stored file or folder. */
  materializeSync(reference: Reference): string;
  materialize(reference: Reference): Promise<string>;
  /** The bytes in chunks; absent where a stream needs a local copy. */
  chunks?(reference: Reference): AsyncIterable<Uint8Array>;
  /** Path of a new file for bytes on their way into the store. The caller removes it. */
  scratch(): Promise<string>;
}

/** Stored bytes on the side of the I/O thread. */
export interface BlobSource {
  /** Verified bytes of each, in order. Those above 64 KiB own their buffer. */
  read(references: readonly Reference[]): Promise<readonly Uint8Array[]>;
  put(digest: Digest, body: Body): Promise<void>;
  /** Path of a verified local copy of a stored file or folder. */
  materialize(reference: Reference): Promise<string>;
  /** Path of a file that does not exist yet. */
  scratch(): Promise<string>;
}
