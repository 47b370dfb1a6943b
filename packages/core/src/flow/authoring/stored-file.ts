import type { Digest } from '../../contract/index.ts';

/**
 * A stored file or stream. What the step that made it holds is the file it named; every other step holds the stored
 * bytes, checked against their digest before one of them is handed out.
 */
export interface StoredFile {
  /** Bytes. */
  readonly size: number;
  /** Of the content. In the step that made it: throws `VARVE_NOT_STORED_YET`. */
  readonly digest: Digest;
  /**
   * Absolute path of a local copy that may only be read, made when first asked for and checked again before it is used
   * again. Its name is its digest, without the extension of the original.
   */
  path(): string;
  /** All of it in memory, read anew by each call. */
  bytes(): Uint8Array;
  /** All of it as UTF-8. */
  text(): string;
  /** In chunks of at most 1 MiB, from the start by each call. */
  stream(): AsyncIterable<Uint8Array>;
}

/** One file of a stored folder. */
export interface StoredDirEntry {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly digest: Digest;
  readonly executable: boolean;
}

/** A stored folder: its files by relative path. Empty folders, times and owners are not kept. */
export interface StoredDir {
  /** Of all files together, in bytes. */
  readonly size: number;
  /** Of the list of files with their digests. In the step that made it: throws `VARVE_NOT_STORED_YET`. */
  readonly digest: Digest;
  /** Sorted by path. */
  readonly files: readonly StoredDirEntry[];
  /** One file by its relative path. Throws `VARVE_NO_SUCH_FILE`. */
  file(path: string): StoredFile;
  /** Absolute path of a local copy of the whole folder, as `StoredFile.path`. */
  path(): string;
}
