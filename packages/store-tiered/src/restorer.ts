import { type Body, type CallOptions, type Datastore, StoreError } from '@varve/core/contract';
import type { Blob } from './blob.ts';
import type { Copies } from './copies.ts';
import type { Faults } from './faults.ts';
import { unlessAborted } from './unless-aborted.ts';

/**
 * Puts blobs back that the remote store has lost while a copy is at hand. Only bytes that match the digest get there, and
 * nothing there is replaced.
 */
export class Restorer {
  readonly #going = new Map<string, Promise<boolean>>();
  /** Set once the remote store has refused a write that it would refuse again. */
  #isRefused = false;

  constructor(
    private readonly remote: Datastore,
    private readonly copies: Copies,
    private readonly faults: Faults,
  ) {}

  /**
   * To be called when the remote store has said that it lacks this blob. True when it has it again. Rejects when the signal
   * aborts, and with an error of the remote store that may pass.
   */
  putBack(blob: Blob, { signal }: CallOptions = {}): Promise<boolean> {
    if (this.#isRefused) return Promise.resolve(false);
    let going = this.#going.get(blob.key);
    if (going === undefined) {
      going = this.#try(blob).finally(() => this.#going.delete(blob.key));
      this.#going.set(blob.key, going);
    }
    return unlessAborted(going, signal);
  }

  /** Waits for what is going on. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#going.values());
  }

  async #try(blob: Blob): Promise<boolean> {
    const size = await this.copies.size(blob);
    if (size === undefined) return false;
    const body: Body = { size, open: () => this.#bytes(blob, size) };
    try {
      await this.remote.put(blob.key, body, this.remote.capabilities.conditionalPut ? { ifAbsent: true } : {});
    } catch (error) {
      // Another process has the same copy, or has made the result again.
      if (StoreError.is(error, 'already-exists')) return true;
      return this.#failed(blob, error);
    }
    this.faults.restored(blob.key);
    return true;
  }

  #failed(blob: Blob, error: unknown): false {
    if (StoreError.is(error) && error.retryable) throw error;
    this.#isRefused = StoreError.is(error, 'permission-denied');
    this.faults.notRestored(blob.key, error);
    return false;
  }

  /** Holds the last chunk back until the digest is known, so that wrong bytes are never complete. */
  async *#bytes(blob: Blob, size: number): AsyncGenerator<Uint8Array> {
    const { key } = blob;
    const stream = await this.copies.read(blob, {});
    if (stream === undefined) throw new StoreError('corrupt', `The copy of "${key}" is damaged or gone.`, { key });
    const hash = blob.hash();
    let held: Uint8Array | undefined;
    let count = 0;
    for await (const chunk of stream) {
      if (held) yield held;
      hash.update(chunk);
      count += chunk.length;
      held = chunk;
    }
    if (count !== size || hash.digest() !== blob.hex)
      throw new StoreError('corrupt', `The copy of "${key}" changed while it was read.`, { key });
    if (held) yield held;
  }
}
