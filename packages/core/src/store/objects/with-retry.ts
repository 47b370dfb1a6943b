import {
  type CallOptions,
  type Clock,
  type Datastore,
  type GetOptions,
  type ObjectInfo,
  StoreError,
} from '../../contract/index.ts';
import { copyOf, wrapStore } from './wrap.ts';

export interface StoreRetryOptions {
  readonly clock: Clock;
  /** Most attempts in all. Default 5. */
  readonly attempts?: number;
  /** Ms. Upper bound of the first pause; each following one doubles. Default 100. */
  readonly baseMs?: number;
  /** Ms. No pause is longer. Default 10,000. */
  readonly maxMs?: number;
  /** From 0 to below 1. Spreads the pauses of many clients that failed together. Default `Math.random`. */
  readonly random?: () => number;
}

/**
 * Repeats calls that failed with a retryable `StoreError`, and no others. A body is opened anew for each attempt; a
 * stream that breaks continues where it broke. A conditional put whose answer was lost may reject with `already-exists`
 * although it wrote: its caller compares the stored bytes.
 */
export function withRetry(store: Datastore, options: StoreRetryOptions): Datastore {
  const retry = new Retry(options);
  const copy = copyOf(store);
  return wrapStore(store, {
    put: (key, body, o) => retry.call(() => store.put(key, body, o), o?.signal),
    get: async (key, o = {}) => {
      const first = await retry.call(() => store.get(key, o), o.signal);
      return resumeStream(store, retry, key, first, o);
    },
    stat: (key, o) => retry.call(() => store.stat(key, o), o?.signal),
    list: (prefix, o) => resumeList(store, retry, prefix, o),
    delete: (key, o) => retry.call(() => store.delete(key, o), o?.signal),
    copy: (from, to, o) => retry.call(() => copy(from, to, o), o?.signal),
  });
}

class Retry {
  private readonly attempts: number;
  private readonly baseMs: number;
  private readonly maxMs: number;
  private readonly random: () => number;

  constructor(private readonly options: StoreRetryOptions) {
    this.attempts = options.attempts ?? 5;
    this.baseMs = options.baseMs ?? 100;
    this.maxMs = options.maxMs ?? 10_000;
    this.random = options.random ?? Math.random;
  }

  async call<T>(action: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    for (let failures = 0; ; ) {
      try {
        return await action();
      } catch (error) {
        await this.pause(++failures, error, signal);
      }
    }
  }

  /** Waits before the next attempt; throws the error when no attempt may follow. */
  async pause(failures: number, error: unknown, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (!StoreError.is(error) || !error.retryable || failures >= this.attempts) throw error;
    const bound = Math.min(this.maxMs, this.baseMs * 2 ** (failures - 1));
    await this.options.clock.sleep(bound * (0.5 + this.random() / 2), signal);
  }
}

async function* resumeStream(
  store: Datastore,
  retry: Retry,
  key: string,
  first: AsyncIterable<Uint8Array>,
  options: GetOptions,
): AsyncGenerator<Uint8Array> {
  let stream = first;
  let received = 0;
  for (let failures = 0; ; ) {
    try {
      for await (const chunk of stream) {
        received += chunk.byteLength;
        failures = 0;
        yield chunk;
      }
      return;
    } catch (error) {
      await retry.pause(++failures, error, options.signal);
      const from = received;
      stream = await retry.call(() => openFrom(store, key, from, options), options.signal);
    }
  }
}

/** The rest of an object after `offset` bytes. A store that serves no ranges sends all of it again. */
async function openFrom(
  store: Datastore,
  key: string,
  offset: number,
  options: GetOptions,
): Promise<AsyncIterable<Uint8Array>> {
  if (!store.capabilities.rangeRead) return skipBytes(await store.get(key, options), offset);
  const start = (options.range?.start ?? 0) + offset;
  const end = options.range?.end ?? Number.MAX_SAFE_INTEGER;
  return store.get(key, { ...options, range: { start, end: Math.max(start, end) } });
}

async function* skipBytes(stream: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array> {
  let left = count;
  for await (const chunk of stream) {
    if (left < chunk.byteLength) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.byteLength);
  }
}

async function* resumeList(
  store: Datastore,
  retry: Retry,
  prefix: string,
  options?: CallOptions,
): AsyncGenerator<ObjectInfo> {
  const listed = new Set<string>();
  for (let failures = 0; ; ) {
    try {
      for await (const info of store.list(prefix, options)) {
        if (listed.has(info.key)) continue;
        listed.add(info.key);
        failures = 0;
        yield info;
      }
      return;
    } catch (error) {
      await retry.pause(++failures, error, options?.signal);
    }
  }
}
