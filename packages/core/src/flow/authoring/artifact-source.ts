import { createReadStream, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Digest, SerializeError, VarveError } from '../../contract/index.ts';

/**
 * Files, folders and streams as artifacts: assign one to a field, `this.model = artifact.file('out/model.bin')`. The
 * bytes are read when the step has ended, streaming, and stored by their hash as they are.
 */
export const artifact = {
  /** The content of one file. A symbolic link named here is followed. A relative path starts at the working directory. */
  file(path: string): StoredFile {
    return new PendingFile(resolve(path));
  },

  /** All files below a folder, with their executable bits. Symbolic links inside it are refused. */
  dir(path: string): StoredDir {
    return new PendingDir(resolve(path));
  },

  /** The content of an async iterable or a `Readable`; text becomes UTF-8. It is read once, when the step has ended. */
  stream(source: AsyncIterable<Uint8Array | string>): StoredFile {
    if (typeof source?.[Symbol.asyncIterator] === 'function') return new PendingStream(source);
    throw new VarveError(
      'VARVE_NOT_A_STREAM',
      `artifact.stream() was given ${nameKind(source)}, not an async iterable or a Readable`,
      { hint: 'Assign bytes in memory directly, as in this.data = bytes; a path goes to artifact.file(path).' },
    );
  },
} as const;

/**
 * A stored file or stream. In the step that created it this is the original file; in every other step it is the stored
 * bytes, checked against their digest before the first one is returned.
 */
export interface StoredFile {
  /** Bytes. */
  readonly size: number;
  /** Of the content. Throws `VARVE_NOT_STORED_YET` in the step that created it. */
  readonly digest: Digest;
  /**
   * Absolute path of a read-only local copy, created by the first call and checked again before it is used again. Its
   * name is its digest, without the extension of the original.
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
  /** Of the list of files with their digests. Throws `VARVE_NOT_STORED_YET` in the step that created it. */
  readonly digest: Digest;
  /** Sorted by path. */
  readonly files: readonly StoredDirEntry[];
  /** One file by its relative path. Throws `VARVE_NO_SUCH_FILE`. */
  file(path: string): StoredFile;
  /** Absolute path of a local copy of the whole folder, as `StoredFile.path`. */
  path(): string;
}

/** Assigned by a step in place of a value: the place from which the bytes are read when the step ends. */
export type ArtifactSource =
  | { readonly kind: 'file' | 'dir' /** Absolute. */; readonly path: string }
  | { readonly kind: 'stream'; readonly chunks: AsyncIterable<Uint8Array | string> };

/** A global symbol, so that it works across two installed copies of this package. */
const SOURCE = Symbol.for('varve.ArtifactSource');
/** Marks stored files that a step reads back. */
const STORED = Symbol.for('varve.StoredFile');

/** The source behind a value of `artifact.…()`; `undefined` for any other value. */
export function artifactSource(value: unknown): ArtifactSource | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as { readonly [SOURCE]?: ArtifactSource })[SOURCE];
}

/** True for a stored file or folder, or one to be stored: it can be an artifact, but not a part of one. */
export function isFileValue(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (SOURCE in value || STORED in value);
}

/** Base class of stored files and folders. Its `toJSON` throws, so that a serializer that does not know it cannot guess. */
export abstract class FileValue {
  get [STORED](): true {
    return true;
  }
  toJSON(): never {
    throw new SerializeError('a stored file or folder can only be an artifact of its own');
  }
}

class PendingFile extends FileValue implements StoredFile {
  readonly [SOURCE]: ArtifactSource;

  constructor(private readonly file: string) {
    super();
    this[SOURCE] = { kind: 'file', path: file };
  }

  get size(): number {
    return statSync(this.file).size;
  }
  get digest(): Digest {
    throw notStoredYet('digest');
  }
  path(): string {
    return this.file;
  }
  bytes(): Uint8Array {
    return new Uint8Array(readFileSync(this.file));
  }
  text(): string {
    return readFileSync(this.file, 'utf8');
  }
  stream(): AsyncIterable<Uint8Array> {
    return createReadStream(this.file);
  }
}

class PendingDir extends FileValue implements StoredDir {
  readonly [SOURCE]: ArtifactSource;

  constructor(private readonly folder: string) {
    super();
    this[SOURCE] = { kind: 'dir', path: folder };
  }

  get size(): number {
    throw notStoredYet('size');
  }
  get digest(): Digest {
    throw notStoredYet('digest');
  }
  get files(): readonly StoredDirEntry[] {
    throw notStoredYet('list of files');
  }
  file(path: string): StoredFile {
    return new PendingFile(join(this.folder, path));
  }
  path(): string {
    return this.folder;
  }
}

/** A stream can be read only once, at the end of the step. */
class PendingStream extends FileValue implements StoredFile {
  readonly [SOURCE]: ArtifactSource;

  constructor(chunks: AsyncIterable<Uint8Array | string>) {
    super();
    this[SOURCE] = { kind: 'stream', chunks };
  }

  get size(): number {
    throw notStoredYet('size');
  }
  get digest(): Digest {
    throw notStoredYet('digest');
  }
  path(): string {
    throw notStoredYet('path');
  }
  bytes(): Uint8Array {
    throw notStoredYet('content');
  }
  text(): string {
    throw notStoredYet('content');
  }
  stream(): AsyncIterable<Uint8Array> {
    throw notStoredYet('content');
  }
}

function notStoredYet(what: string): VarveError {
  return new VarveError(
    'VARVE_NOT_STORED_YET',
    `the ${what} of an artifact is known once the step that makes it has ended`,
    {
      hint: 'Read it in a later step.',
    },
  );
}

/** `a Uint8Array`, `a string`, `null` */
function nameKind(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  const name = typeof value === 'object' ? Object.prototype.toString.call(value).slice(8, -1) : typeof value;
  return `${/^[aeiou]/i.test(name) && !name.startsWith('Ui') ? 'an' : 'a'} ${name}`;
}
