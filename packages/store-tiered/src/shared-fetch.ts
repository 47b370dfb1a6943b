import { type Datastore, type GetOptions, StoreError } from '@varve/core/contract';
import type { Blob } from './blob.ts';
import type { Copies } from './copies.ts';
import type { Draft } from './draft.ts';
import { unlessAborted } from './unless-aborted.ts';

/** Bytes read back at once by a reader that is behind. */
const PIECE = 1024 * 1024;

/** Reads blobs from the remote store, each once at a time however many readers it has, and copies them on the way. */
export class SharedFetches {
  readonly #going = new Map<string, Fetch>();

  constructor(
    private readonly remote: Datastore,
    private readonly copies: Copies,
  ) {}

  /** Joins the fetch of this blob that is going on, or begins one. */
  open(blob: Blob, { signal, size }: Pick<GetOptions, 'signal' | 'size'>): Promise<AsyncIterable<Uint8Array>> {
    let fetch = this.#going.get(blob.key);
    if (fetch === undefined) {
      const begun = new Fetch(blob, size, this.remote, this.copies, () => {
        if (this.#going.get(blob.key) === begun) this.#going.delete(blob.key);
      });
      fetch = begun;
      this.#going.set(blob.key, fetch);
    }
    return fetch.join(signal);
  }

  /** Breaks off what goes on. */
  close(): void {
    for (const [key, fetch] of [...this.#going]) {
      const message = `"${key}" was being read when ${this.remote.name} was closed.`;
      fetch.cancel(new StoreError('unavailable', message, { key, retryable: false }));
    }
  }
}

/** One stream from the remote store. Its foremost reader pulls it; those behind read what the copy has already. */
class Fetch {
  readonly #controller = new AbortController();
  readonly #begun: Promise<void>;
  #source: AsyncIterator<Uint8Array> | undefined;
  #draft: Draft | undefined;
  #readers = 0;
  /** Bytes that have come. */
  #size = 0;
  #pulling: Promise<Uint8Array | 'end'> | undefined;
  /** Set once no more bytes come. */
  #end: { readonly fault?: unknown } | undefined;

  constructor(
    private readonly blob: Blob,
    /** What its first reader expects. */
    private readonly expected: number | undefined,
    private readonly remote: Datastore,
    private readonly copies: Copies,
    private readonly onEnd: () => void,
  ) {
    this.#begun = this.#begin();
    // A reader that has left meanwhile does not hear of it.
    this.#begun.catch(() => {});
  }

  async join(signal: AbortSignal | undefined): Promise<AsyncIterable<Uint8Array>> {
    this.#readers += 1;
    try {
      await unlessAborted(this.#begun, signal);
    } catch (error) {
      this.#leave();
      throw error;
    }
    return this.#read(signal);
  }

  /** Ends it for all its readers. */
  cancel(fault: unknown): void {
    if (this.#end) return;
    this.#end = { fault };
    this.onEnd();
    this.#controller.abort(fault);
    this.#release();
  }

  #release(): void {
    this.#draft?.discard();
    // Not awaited: a store that hangs would hold up the reader that has left.
    Promise.resolve(this.#source?.return?.()).catch(() => {});
  }

  async #begin(): Promise<void> {
    try {
      const { signal } = this.#controller;
      const stream = await this.remote.get(this.blob.key, { signal, ...this.#hint() });
      this.#source = stream[Symbol.asyncIterator]();
    } catch (error) {
      this.cancel(error);
      throw error;
    }
    if (this.#end) this.#release();
    else this.#draft = this.copies.draft(this.blob);
  }

  async *#read(signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    try {
      for (let at = 0; ; ) {
        signal?.throwIfAborted();
        const next = at < this.#size ? this.#behind(at) : await unlessAborted(this.#pull(), signal);
        if (next === 'end') return;
        if (next === 'again') continue;
        if (next === 'gone') return yield* this.#rest(at, signal);
        at += next.length;
        yield next;
      }
    } finally {
      this.#leave();
    }
  }

  #behind(start: number): Uint8Array | 'gone' {
    return this.#draft?.read(start, Math.min(PIECE, this.#size - start)) ?? 'gone';
  }

  /** The next chunk for the first who asks; those who ask meanwhile read it from the copy, so that all own their bytes. */
  async #pull(): Promise<Uint8Array | 'end' | 'again'> {
    if (this.#pulling === undefined) {
      this.#pulling = this.#advance().finally(() => {
        this.#pulling = undefined;
      });
      return this.#pulling;
    }
    return (await this.#pulling) === 'end' ? 'end' : 'again';
  }

  async #advance(): Promise<Uint8Array | 'end'> {
    if (this.#end && 'fault' in this.#end) throw this.#end.fault;
    if (this.#end) return 'end';
    try {
      const next = await this.#source?.next();
      if (next === undefined || next.done) return await this.#finish();
      this.#draft?.append(next.value);
      this.#size += next.value.length;
      return next.value;
    } catch (error) {
      this.cancel(error);
      throw error;
    }
  }

  async #finish(): Promise<'end'> {
    await this.#draft?.finish();
    this.#end ??= {};
    this.onEnd();
    return 'end';
  }

  /** Goes on alone, when the copy could not be kept. */
  async *#rest(start: number, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    const options = { ...(signal && { signal }), ...this.#hint() };
    if (this.remote.capabilities.rangeRead) {
      yield* await this.remote.get(this.blob.key, { ...options, range: { start, end: Number.MAX_SAFE_INTEGER } });
      return;
    }
    let left = start;
    for await (const chunk of await this.remote.get(this.blob.key, options)) {
      if (left < chunk.length) yield chunk.subarray(left);
      left = Math.max(0, left - chunk.length);
    }
  }

  #hint(): Pick<GetOptions, 'size'> {
    return this.expected === undefined ? {} : { size: this.expected };
  }

  #leave(): void {
    this.#readers -= 1;
    if (this.#readers > 0) return;
    this.cancel(new Error(`nobody reads "${this.blob.key}" any more`));
    this.#draft?.close();
  }
}
