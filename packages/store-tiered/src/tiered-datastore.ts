import {
  type Body,
  type CallOptions,
  type Datastore,
  type DatastoreCapabilities,
  type DeleteOptions,
  type GetOptions,
  type ObjectInfo,
  type PutOptions,
  type StatOptions,
  StoreError,
} from '@varve/core/contract';
import type { Blob, BlobKeys } from './blob.ts';
import type { Copies } from './copies.ts';
import type { Draft } from './draft.ts';
import type { Faults } from './faults.ts';
import { Restorer } from './restorer.ts';
import { SharedFetches } from './shared-fetch.ts';

/**
 * A remote store with copies of its blobs at hand. Only what is named by its content is copied. The remote store alone says
 * what exists: when it says of a blob that is here as a copy that it has none, the blob is put back.
 */
export class TieredDatastore implements Datastore {
  /** In one synchronous call, where the remote store can do that: a miss cannot wait either. */
  readonly getSync?: NonNullable<Datastore['getSync']>;
  readonly copy?: NonNullable<Datastore['copy']>;
  readonly inspect?: NonNullable<Datastore['inspect']>;
  readonly folders: readonly string[];
  readonly #fetches: SharedFetches;
  readonly #restorer: Restorer;
  /** Copies that are written beside a synchronous read. */
  readonly #writing = new Set<Promise<void>>();
  #closing: Promise<void> | undefined;

  constructor(
    private readonly remote: Datastore,
    private readonly copies: Copies,
    private readonly blobs: BlobKeys,
    faults: Faults,
  ) {
    this.#fetches = new SharedFetches(remote, copies);
    this.#restorer = new Restorer(remote, copies, faults);
    const { getSync, copy, inspect } = remote;
    this.folders = [...(remote.folders ?? []), ...copies.folders];
    if (getSync) this.getSync = (key, options) => this.#getSync(getSync.bind(remote), key, options);
    if (copy) this.copy = copy.bind(remote);
    if (inspect) this.inspect = inspect.bind(remote);
  }

  get name(): string {
    return this.remote.name;
  }

  get capabilities(): DatastoreCapabilities {
    return this.remote.capabilities;
  }

  async put(key: string, body: Body, options: PutOptions = {}): Promise<void> {
    const blob = this.blobs.parse(key);
    if (blob === undefined) return this.remote.put(key, body, options);
    if (body.bytes) await this.#putBytes(blob, body.bytes, () => this.remote.put(key, body, options));
    else await this.#putStream(blob, body, options);
  }

  async get(key: string, options: GetOptions = {}): Promise<AsyncIterable<Uint8Array>> {
    options.signal?.throwIfAborted();
    const blob = this.blobs.parse(key);
    if (blob === undefined) return this.remote.get(key, options);
    if (options.uncached) return this.#getUncached(blob, options);
    const copy = await this.copies.read(blob, options);
    if (copy) return copy;
    // A part cannot be checked, so it is no copy.
    return options.range ? this.remote.get(key, options) : this.#fetches.open(blob, options);
  }

  /** A copy must not hide that the remote store has lost the object: whoever asks is about to rely on it. */
  async stat(key: string, options?: StatOptions): Promise<ObjectInfo | undefined> {
    const info = await this.remote.stat(key, options);
    const lost = info === undefined ? this.blobs.parse(key) : undefined;
    if (lost === undefined || !(await this.#restorer.putBack(lost, options))) return info;
    return this.remote.stat(key, options);
  }

  list(prefix: string, options?: CallOptions): AsyncIterable<ObjectInfo> {
    return this.remote.list(prefix, options);
  }

  /** The copy of a damaged object stays: it is checked before it is read, and may take its place. */
  async delete(key: string, options: DeleteOptions = {}): Promise<void> {
    await this.remote.delete(key, options);
    const blob = options.uncached ? undefined : this.blobs.holder(key);
    if (blob) await this.copies.remove(blob);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#fetches.close();
    await Promise.all([...this.#writing, this.#restorer.idle()]);
    const ends = await Promise.allSettled([this.copies.close(), this.remote.close?.()]);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  async #getUncached(blob: Blob, options: GetOptions): Promise<AsyncIterable<Uint8Array>> {
    this.copies.doubt(blob);
    try {
      return await this.remote.get(blob.key, options);
    } catch (error) {
      if (!StoreError.is(error, 'not-found') || !(await this.#restorer.putBack(blob, options))) throw error;
      return this.remote.get(blob.key, options);
    }
  }

  /** Remote first: a copy of what the remote store has refused would be of no use. What it has already is worth one too. */
  async #putBytes(blob: Blob, bytes: Uint8Array, put: () => Promise<void>): Promise<void> {
    try {
      await put();
    } catch (error) {
      if (StoreError.is(error, 'already-exists')) await this.#keep(blob, bytes);
      throw error;
    }
    await this.#keep(blob, bytes);
  }

  async #putStream(blob: Blob, body: Body, options: PutOptions): Promise<void> {
    const tee = new Tee(body, () => this.copies.draft(blob));
    try {
      await this.remote.put(blob.key, tee, options);
      await tee.keep();
    } catch (error) {
      if (StoreError.is(error, 'already-exists')) await tee.keep();
      throw error;
    } finally {
      tee.close();
    }
  }

  #getSync(
    getRemote: NonNullable<Datastore['getSync']>,
    key: string,
    options: Pick<GetOptions, 'range'> = {},
  ): Uint8Array {
    const blob = this.blobs.parse(key);
    const copy = blob && this.copies.readSync(blob, options.range);
    if (copy) return copy;
    const bytes = getRemote(key, options);
    if (blob && !options.range) {
      const writing = this.#keep(blob, bytes).finally(() => this.#writing.delete(writing));
      this.#writing.add(writing);
    }
    return bytes;
  }

  async #keep(blob: Blob, bytes: Uint8Array): Promise<void> {
    if (this.copies.has(blob, bytes.length)) return;
    const draft = this.copies.draft(blob);
    draft?.append(bytes);
    await draft?.finish();
    draft?.close();
  }
}

/** A body that is copied while the remote store reads it. A retry opens it anew, and begins the copy anew. */
class Tee implements Body {
  readonly size: number;
  #draft: Draft | undefined;

  constructor(
    private readonly body: Body,
    private readonly begin: () => Draft | undefined,
  ) {
    this.size = body.size;
  }

  async *open(): AsyncGenerator<Uint8Array> {
    this.close();
    const draft = this.begin();
    this.#draft = draft;
    let size = 0;
    try {
      for await (const chunk of this.body.open()) {
        draft?.append(chunk);
        size += chunk.length;
        yield chunk;
      }
    } finally {
      // A store that has all bytes may not ask whether there are more.
      if (size !== this.size) draft?.discard();
    }
  }

  async keep(): Promise<void> {
    await this.#draft?.finish();
  }

  /** Leaves nothing of a copy that was not kept. */
  close(): void {
    this.#draft?.discard();
  }
}
