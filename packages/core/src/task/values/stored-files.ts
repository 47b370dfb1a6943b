import { createReadStream } from 'node:fs';
import { isAbsolute, sep } from 'node:path';
import { type Digest, type Reference, VarveError } from '../../contract/index.ts';
import { FileValue, type StoredDir, type StoredFile } from '../../flow/index.ts';
import { DIR_CODEC, type DirEntry, decodeManifest, FILE_CODEC } from '../../store/index.ts';
import type { BlobAccess } from './blob-access.ts';
import { reading, readingLater } from './read-ahead.ts';

/** Most bytes of one chunk. */
const CHUNK = 1024 * 1024;

type Source = Pick<BlobAccess, 'read' | 'materialize' | 'materializeSync' | 'chunks'>;

/** True for the codecs of stored files and folders, which no serializer decodes. */
export function isFileCodec(codec: string): boolean {
  return codec === FILE_CODEC || codec === DIR_CODEC;
}

/** Opens stored files and folders as frozen handles that fetch nothing before it is read. */
export class StoredFiles {
  /** The reference of each opened handle: assigning it to another field copies nothing. */
  private readonly references = new WeakMap<object, Reference>();

  constructor(private readonly source: Source) {}

  /** Reads the file list of a folder, and nothing of a file. */
  open(reference: Reference): StoredFile | StoredDir {
    if (reference.codec === FILE_CODEC) return this.file(reference);
    const [manifest] = this.source.read([reference]);
    const entries = decodeManifest(manifest ?? new Uint8Array(0));
    const file = ({ digest, size }: DirEntry) => this.file({ digest, size, codec: FILE_CODEC }, reference);
    return this.remember(new Dir(reference, this.source, entries, file), reference);
  }

  /** The reference of a handle; `undefined` for anything that was not opened in this thread. */
  referenceOf(value: unknown): Reference | undefined {
    return typeof value === 'object' && value !== null ? this.references.get(value) : undefined;
  }

  /** `artifact`: the artifact that the task reads, which is the file itself or the folder that holds it. */
  private file(reference: Reference, artifact = reference): StoredFile {
    return this.remember(new File(reference, this.source, artifact.digest), reference);
  }

  private remember<T extends object>(handle: T, reference: Reference): T {
    this.references.set(handle, reference);
    return Object.freeze(handle);
  }
}

class File extends FileValue implements StoredFile {
  readonly size: number;
  readonly digest: Digest;
  readonly #reference: Reference;
  readonly #source: Source;
  readonly #artifact: Digest;

  constructor(reference: Reference, source: Source, artifact: Digest) {
    super();
    this.size = reference.size;
    this.digest = reference.digest;
    this.#reference = reference;
    this.#source = source;
    this.#artifact = artifact;
  }

  path(): string {
    return reading(this.#artifact, () => this.#source.materializeSync(this.#reference));
  }

  bytes(): Uint8Array {
    return reading(this.#artifact, () => this.#source.read([this.#reference])[0] ?? new Uint8Array(0));
  }

  text(): string {
    const bytes = this.bytes();
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  }

  async *stream(): AsyncGenerator<Uint8Array> {
    if (this.#source.chunks) return yield* this.#source.chunks(this.#reference);
    const path = await readingLater(this.#artifact, () => this.#source.materialize(this.#reference));
    yield* createReadStream(path, { highWaterMark: CHUNK }) as AsyncIterable<Uint8Array>;
  }
}

class Dir extends FileValue implements StoredDir {
  readonly size: number;
  readonly digest: Digest;
  readonly files: readonly DirEntry[];
  readonly #reference: Reference;
  readonly #source: Source;
  readonly #file: (entry: DirEntry) => StoredFile;

  constructor(reference: Reference, source: Source, files: readonly DirEntry[], file: (entry: DirEntry) => StoredFile) {
    super();
    this.size = files.reduce((sum, entry) => sum + entry.size, 0);
    this.digest = reference.digest;
    this.files = Object.freeze(files.map((entry) => Object.freeze(entry)));
    this.#reference = reference;
    this.#source = source;
    this.#file = file;
  }

  file(path: string): StoredFile {
    const wanted = isAbsolute(path) ? path : path.split(sep).join('/');
    const entry = this.files.find((one) => one.path === wanted);
    if (entry) return this.#file(entry);
    const some = this.files.slice(0, 5).map((one) => one.path);
    throw new VarveError('VARVE_NO_SUCH_FILE', `the stored folder has no file '${path}'`, {
      hint: some.length === 0 ? 'It is empty.' : `It has ${this.files.length}, e.g. ${some.join(', ')}.`,
    });
  }

  path(): string {
    return reading(this.digest, () => this.#source.materializeSync(this.#reference));
  }
}
