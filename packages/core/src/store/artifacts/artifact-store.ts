import {
  type CallOptions,
  type Datastore,
  type Hasher,
  type Reference,
  StoreError,
  VarveError,
} from '../../contract/index.ts';
import { Semaphore } from '../../store-kit/index.ts';
import { bodyOf, type OwnBytes, sizeOf } from '../objects/body.ts';
import { formatDigest, sha256Hasher } from '../objects/digest.ts';
import { blobKey } from '../objects/keys.ts';
import { corruptArtifact, missingArtifact } from './artifact-error.ts';
import { BatchBlobReader } from './batch-blobs.ts';
import { BlobReader, BlobWriter, type KnownBody, type PutArtifactOptions } from './blobs.ts';
import { Verifier } from './verify.ts';

export interface ArtifactStoreOptions {
  readonly store: Datastore;
  /** Names the bytes that are written. Default SHA-256, which can always be read too. */
  readonly hasher?: Hasher;
  /** Further hashers whose digests can be read. */
  readonly alsoRead?: readonly Hasher[];
  /** Most requests for artifacts at once. Default 16. */
  readonly concurrency?: number;
  /** Bytes of commit batches kept in memory. Default 64 MiB. */
  readonly cacheBytes?: number;
}

/**
 * Stores bytes under the name of their content, in any Datastore. No byte is returned before its digest has been checked.
 *
 * Reading throws `VARVE_MISSING_ARTIFACT` when the bytes are gone and `VARVE_CORRUPT_ARTIFACT` when they do not match
 * the reference; a damaged object of its own is moved to `quarantine/` first.
 */
export class ArtifactStore {
  private readonly hasher: Hasher;
  private readonly verifier: Verifier;
  private readonly writer: BlobWriter;
  private readonly blobs: BlobReader;
  private readonly located: BatchBlobReader;
  private readonly semaphore: Semaphore;

  constructor(private readonly options: ArtifactStoreOptions) {
    this.hasher = options.hasher ?? sha256Hasher;
    this.verifier = new Verifier([sha256Hasher, ...(options.alsoRead ?? []), this.hasher]);
    this.semaphore = new Semaphore(options.concurrency ?? 16);
    this.writer = new BlobWriter(options.store, this.verifier);
    this.blobs = new BlobReader(options.store, this.verifier, (digest) => this.writer.forget(digest));
    this.located = new BatchBlobReader(
      options.store,
      this.verifier,
      this.semaphore,
      options.cacheBytes ?? 64 * 1024 * 1024,
    );
  }

  /** The reference of `parts`, one after the other. Writes nothing. */
  refer(parts: readonly Uint8Array[], codec: string): Reference {
    return { digest: formatDigest(this.hasher.algorithm, this.hasher.hash(parts)), size: sizeOf(parts), codec };
  }

  /** Stores bytes in memory as an object of their own, unless they are stored already. Durable when it resolves. */
  async put(parts: readonly Uint8Array[], codec: string, options: PutArtifactOptions = {}): Promise<Reference> {
    const reference = this.refer(parts, codec);
    await this.semaphore.pass(
      () => this.writer.write({ ...bodyOf(parts), digest: reference.digest }, true, options),
      options,
    );
    return reference;
  }

  /** True when the store has an object of its own for it, as far as can be told without reading it. */
  isStored(reference: Reference, options: CallOptions = {}): Promise<boolean> {
    return this.semaphore.pass(() => this.writer.isStored(reference, options), options);
  }

  /**
   * Stores a stream, e.g. a file that was hashed before. It is hashed again on its way: when it has changed meanwhile,
   * nothing is stored and the call rejects with `VARVE_CHANGED_SOURCE`.
   */
  async putStream(body: KnownBody, codec: string, options: CallOptions = {}): Promise<Reference> {
    await this.semaphore.pass(() => this.writer.write(body, false, options), options);
    return { digest: body.digest, size: body.size, codec };
  }

  /** Digest and size of a stream, read to its end. */
  async digestOf(stream: AsyncIterable<Uint8Array>): Promise<{ readonly digest: string; readonly size: number }> {
    const running = this.verifier.start(formatDigest(this.hasher.algorithm, this.hasher.hash([])));
    for await (const chunk of stream) running.update(chunk);
    return running.end();
  }

  /** True when a stream, read to its end, holds exactly the bytes that a reference names. */
  async matches(reference: Reference, stream: AsyncIterable<Uint8Array>): Promise<boolean> {
    const running = this.verifier.start(reference.digest);
    for await (const chunk of stream) running.update(chunk);
    const found = running.end();
    return found.digest === reference.digest && found.size === reference.size;
  }

  /** The checked bytes, in an `ArrayBuffer` of exactly their size that may be transferred to another thread. */
  async read(reference: Reference, options: CallOptions = {}): Promise<OwnBytes> {
    const [bytes] = await this.readMany([reference], options);
    return bytes ?? new Uint8Array(0);
  }

  /**
   * Like `read`, in the order given. Those in one commit batch cost few requests together, and no object is fetched
   * twice. Rejects with the first fault.
   */
  async readMany(references: readonly Reference[], options: CallOptions = {}): Promise<OwnBytes[]> {
    for (const { digest } of references) this.verifier.hasherOf(digest);
    const results = new Array<OwnBytes>(references.length);
    const work = [...groupByObject(references)].map(async ([object, indexes]) => {
      const wanted = indexes.map((i) => references[i] as Reference);
      const bytes = object.startsWith('at ')
        ? await this.located.read(wanted, options)
        : await this.semaphore.pass(() => this.readOwn(wanted, options), options);
      for (const [i, index] of indexes.entries()) results[index] = bytes[i] as OwnBytes;
    });
    await Promise.all(work);
    return results;
  }

  /**
   * Like `read`, without waiting: from a store that offers `getSync`. Throws `VARVE_ASYNC_STORE` for any other store, and
   * `VARVE_MISSING_ARTIFACT` or `VARVE_CORRUPT_ARTIFACT`; a damaged object stays where it is.
   */
  readSync(reference: Reference): OwnBytes {
    const bytes = readSync(this.options.store, reference);
    const found = this.verifier.mismatch(reference, bytes);
    if (found) throw corruptArtifact(reference, reference.at?.object ?? blobKey(reference.digest), found);
    return bytes;
  }

  /** Streams the bytes. The stream fails before its end when they do not match the reference. */
  async *open(reference: Reference, options: CallOptions = {}): AsyncGenerator<Uint8Array> {
    if (reference.at) yield await this.read(reference, options);
    else yield* this.blobs.open(reference, options);
  }

  private async readOwn(wanted: readonly Reference[], options: CallOptions): Promise<OwnBytes[]> {
    const [first, ...others] = wanted;
    if (!first) return [];
    const bytes = await this.blobs.read(first, options);
    return [bytes, ...others.map((reference) => this.again(reference, bytes))];
  }

  /** The same digest once more: with memory of its own, because each may be transferred. */
  private again(reference: Reference, bytes: OwnBytes): OwnBytes {
    if (reference.size === bytes.byteLength) return bytes.slice();
    throw corruptArtifact(reference, reference.digest, { digest: reference.digest, size: bytes.byteLength });
  }
}

/** The bytes as they are stored, in memory of their own. */
function readSync(store: Datastore, reference: Reference): OwnBytes {
  const { at } = reference;
  const key = at?.object ?? blobKey(reference.digest);
  if (!store.getSync) throw asyncStore(store);
  const range = at && store.capabilities.rangeRead ? { start: at.offset, end: at.offset + at.length } : undefined;
  try {
    const bytes = store.getSync(key, { size: reference.size, ...(range && { range }) });
    return at && !range ? bytes.slice(at.offset, at.offset + at.length) : new Uint8Array(bytes);
  } catch (error) {
    throw StoreError.is(error, 'not-found') ? missingArtifact(reference, key, store.name) : error;
  }
}

function asyncStore(store: Datastore): VarveError {
  return new VarveError(
    'VARVE_ASYNC_STORE',
    `${store.name} cannot be read without waiting, and this thread cannot wait`,
    {
      hint: 'Run tasks in worker threads (runner: "threads"), or name the stack by its file: createVarve({ stack: import.meta.resolve("./varve.config.ts") }).',
    },
  );
}

function groupByObject(references: readonly Reference[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const [index, reference] of references.entries()) {
    const object = reference.at ? `at ${reference.at.object}` : `own ${reference.digest}`;
    const group = groups.get(object);
    if (group) group.push(index);
    else groups.set(object, [index]);
  }
  return groups;
}
