import {
  type Body,
  type CallOptions,
  type Datastore,
  type Digest,
  StoreError,
  VarveError,
} from '../../contract/index.ts';
import { blobKey } from '../objects/key.ts';
import type { Verifier } from './verify.ts';

/** A body whose digest is known before it is written. */
export interface KnownBody extends Body {
  readonly digest: Digest;
}

/** Bytes. Up to this size it is cheaper to offer the bytes than to ask first whether they are there. */
const ASK_FIRST = 256 * 1024;

/** Writes artifacts that are objects of their own, each once. */
export class BlobWriter {
  /** Written or found by this process, so that nobody asks again. */
  private readonly present = new Set<Digest>();
  private readonly writing = new Map<Digest, Promise<void>>();

  constructor(
    private readonly store: Datastore,
    private readonly verifier: Verifier,
  ) {}

  /** `trusted`: the digest was computed from these very bytes in memory. */
  async write(body: KnownBody, trusted: boolean, options: CallOptions): Promise<void> {
    // Whoever else writes the same may fail for a reason of its own, e.g. because its source has ended.
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

  /** It was found damaged or gone: the next write has to write. */
  forget(digest: Digest): void {
    this.present.delete(digest);
  }

  private async ensure(body: KnownBody, options: CallOptions): Promise<void> {
    const key = blobKey(body.digest);
    if (body.size <= ASK_FIRST && this.store.capabilities.conditionalPut) {
      if (await this.offer(key, body, options)) return;
    }
    const there = await this.store.stat(key, options);
    // Another size under this name can only be damage: the bytes at hand are the right ones.
    if (there?.size !== body.size) await this.store.put(key, body, options);
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

  /** The last chunk is held back until the digest is known, so that wrong bytes are never complete. */
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
