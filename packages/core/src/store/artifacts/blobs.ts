import {
  type Body,
  type CallOptions,
  type Datastore,
  type Digest,
  type GetOptions,
  type ObjectInfo,
  type Reference,
  StoreError,
  VarveError,
} from '../../contract/index.ts';
import type { OwnBytes } from '../objects/body.ts';
import { blobKey, quarantineKey } from '../objects/keys.ts';
import { type ArtifactError, corruptArtifact, type Found, missingArtifact } from './artifact-error.ts';
import type { Verifier } from './verify.ts';

/** How an artifact is stored. */
export interface PutArtifactOptions extends CallOptions {
  /** The store is asked before the bytes are offered to it. */
  readonly isLikelyThere?: boolean;
}

/** Reads artifacts that are objects of their own. */
export class BlobReader {
  constructor(
    private readonly store: Datastore,
    private readonly verifier: Verifier,
    /** Called with every digest whose object turned out to be damaged or gone. */
    private readonly onLost: (digest: Digest) => void,
  ) {}

  async read(reference: Reference, options: CallOptions): Promise<OwnBytes> {
    const key = blobKey(reference.digest);
    const first = await this.collect(reference, key, options);
    if (first instanceof Uint8Array) return first;
    const proof = await this.inspect(reference, key, options);
    if (proof) throw proof;
    const second = await this.collect(reference, key, options);
    if (second instanceof Uint8Array) return second;
    throw corruptArtifact(reference, key, second);
  }

  async *open(reference: Reference, options: CallOptions): AsyncGenerator<Uint8Array> {
    const key = blobKey(reference.digest);
    const running = this.verifier.start(reference.digest);
    let size = 0;
    try {
      for await (const chunk of await this.get(reference, key, options)) {
        size += chunk.byteLength;
        if (size > reference.size) break;
        running.update(chunk);
        yield chunk;
      }
    } catch (error) {
      throw this.explained(reference, key, error);
    }
    const found = running.end();
    if (size === reference.size && found.digest === reference.digest) return;
    throw (await this.inspect(reference, key, options)) ?? corruptArtifact(reference, key, { ...found, size });
  }

  /**
   * Reads the whole object once more before it is quarantined: a fault of the transfer, of a copy or of the reference must
   * not remove a sound object. `undefined` when the object is sound.
   */
  private async inspect(reference: Reference, key: string, options: CallOptions): Promise<ArtifactError | undefined> {
    const running = this.verifier.start(reference.digest);
    try {
      for await (const chunk of await this.get(reference, key, { ...options, uncached: true })) running.update(chunk);
    } catch (error) {
      throw this.explained(reference, key, error);
    }
    const found: Found = running.end();
    if (found.digest !== reference.digest) {
      this.onLost(reference.digest);
      const moved = await moveToQuarantine(this.store, key, options);
      // A store with copies puts a sound one in its place when it is asked.
      if (moved !== undefined && (await this.store.stat(key, options))) return undefined;
      return corruptArtifact(reference, key, found, moved);
    }
    return found.size === reference.size ? undefined : corruptArtifact(reference, key, found);
  }

  private async collect(reference: Reference, key: string, options: CallOptions): Promise<OwnBytes | Found> {
    try {
      return await this.verifier.collect(reference, await this.get(reference, key, options));
    } catch (error) {
      throw this.explained(reference, key, error);
    }
  }

  private get(reference: Reference, key: string, options: GetOptions): Promise<AsyncIterable<Uint8Array>> {
    return this.store.get(key, { ...options, size: reference.size });
  }

  /** An object that is read in parts may be gone in the middle as well as at the start. */
  private explained(reference: Reference, key: string, error: unknown): unknown {
    if (!StoreError.is(error, 'not-found')) return error;
    this.onLost(reference.digest);
    return missingArtifact(reference, key, this.store.name);
  }
}

/** A body whose digest is known before it is written. */
export interface KnownBody extends Body {
  readonly digest: Digest;
}

/** Bytes. Up to this size a conditional put is cheaper than a `stat` first. */
const PUT_FIRST_MAX = 256 * 1024;

/** Writes artifacts that are objects of their own, each once. */
export class BlobWriter {
  /** Digests that this process wrote or found, so that the store is not asked again. */
  private readonly present = new Set<Digest>();
  private readonly writing = new Map<Digest, Promise<void>>();

  constructor(
    private readonly store: Datastore,
    private readonly verifier: Verifier,
  ) {}

  /** `trusted`: the digest was computed from these very bytes in memory. */
  async write(body: KnownBody, trusted: boolean, options: PutArtifactOptions): Promise<void> {
    // Another writer of the same bytes may fail for a reason of its own, e.g. because its source has ended.
    for (let other = this.writing.get(body.digest); other; other = this.writing.get(body.digest)) {
      await other.catch(() => {});
    }
    if (this.present.has(body.digest)) return;
    const work = this.ensure(trusted ? body : this.checked(body), options);
    this.writing.set(body.digest, work);
    try {
      await work;
      this.present.add(body.digest);
    } finally {
      this.writing.delete(body.digest);
    }
  }

  /** Called when an object was found damaged or gone: the next write has to write it. */
  forget(digest: Digest): void {
    this.present.delete(digest);
  }

  /** Remembers the answer when it is yes. */
  async isStored({ digest, size }: Pick<Reference, 'digest' | 'size'>, options: CallOptions): Promise<boolean> {
    if (this.present.has(digest)) return true;
    const key = blobKey(digest);
    const there = await this.store.stat(key, { ...options, size });
    // Another size under this name can only be damage. That of a compressed object says nothing.
    if (!there || (there.key === key && there.size !== size)) return false;
    this.present.add(digest);
    return true;
  }

  private async ensure(body: KnownBody, { isLikelyThere, ...options }: PutArtifactOptions): Promise<void> {
    const key = blobKey(body.digest);
    if (!isLikelyThere && body.size <= PUT_FIRST_MAX && this.store.capabilities.conditionalPut) {
      if (await this.offer(key, body, options)) return;
    }
    if (!(await this.isStored(body, options))) await this.store.put(key, body, options);
  }

  private async offer(key: string, body: Body, options: CallOptions): Promise<boolean> {
    try {
      await this.store.put(key, body, { ...options, ifAbsent: true });
      return true;
    } catch (error) {
      if (StoreError.is(error, 'already-exists')) return false;
      throw error;
    }
  }

  private checked(body: KnownBody): KnownBody {
    return { digest: body.digest, size: body.size, open: () => this.passChecked(body) };
  }

  /** Holds the last chunk back until the digest is known, so that wrong bytes are never complete. */
  private async *passChecked(body: KnownBody): AsyncGenerator<Uint8Array> {
    const running = this.verifier.start(body.digest);
    let held: Uint8Array | undefined;
    for await (const chunk of body.open()) {
      running.update(chunk);
      if (running.size > body.size) throw changedSource(body, `at least ${running.size} bytes`);
      if (held) yield held;
      held = chunk;
    }
    const found = running.end();
    if (found.digest !== body.digest) throw changedSource(body, `${found.digest}, ${found.size} bytes`);
    if (held) yield held;
  }
}

function changedSource(body: KnownBody, now: string): VarveError {
  const message = `What was to be stored changed while it was read.\n  before  ${body.digest}, ${body.size} bytes\n  now     ${now}`;
  return new VarveError('VARVE_CHANGED_SOURCE', message, {
    hint: 'Await everything that writes to the file or the buffer before the step ends.',
  });
}

/**
 * Moves a damaged object aside, so that its key is free for a good one and the bad one can be inspected. Returns its new
 * key; `undefined` when it could not be moved, e.g. in a read-only store.
 */
export async function moveToQuarantine(
  store: Datastore,
  key: string,
  options: CallOptions = {},
): Promise<string | undefined> {
  try {
    // A compressed blob lies beside the key that was asked for.
    const info = await store.stat(key, options);
    if (!info) return undefined;
    const to = quarantineKey(info.key);
    if (store.copy) await store.copy(info.key, to, options);
    else await store.put(to, { size: info.size, open: () => reopen(store, info, options) }, options);
    await store.delete(info.key, { ...options, uncached: true });
    return to;
  } catch (error) {
    options.signal?.throwIfAborted();
    if (StoreError.is(error)) return undefined;
    throw error;
  }
}

async function* reopen(store: Datastore, { key, size }: ObjectInfo, options: CallOptions): AsyncGenerator<Uint8Array> {
  yield* await store.get(key, { ...options, uncached: true, size });
}
