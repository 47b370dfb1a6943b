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
  /** Ms for attempts and pauses of one call, after which it fails. Default 60,000: a network may be gone for a while. */
  readonly forMs?: number;
  /** Attempts that are made even if they take longer than `forMs`. Default 5. */
  readonly leastAttempts?: number;
  /** Most attempts in all. Default no limit but the time. */
  readonly attempts?: number;
  /** Called once for a call that has failed for some seconds and is still repeated. */
  readonly onWait?: (error: StoreError) => void;
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
    put: (key, body, o) => retry.call(() => store.put(key, body, o), o),
    get: async (key, o = {}) => {
      const first = await retry.call(() => store.get(key, o), o);
      return resumeStream(store, retry, key, first, o);
    },
    stat: (key, o) => retry.call(() => store.stat(key, o), o),
    list: (prefix, o) => resumeList(store, retry, prefix, o),
    delete: (key, o) => retry.call(() => store.delete(key, o), o),
    copy: (from, to, o) => retry.call(() => copy(from, to, o), o),
  });
}

/** Ms. One attempt counts for no more: the machine may have slept. */
const ATTEMPT_MAX_MS = 30_000;
/** Ms of trouble before anybody is told. */
const QUIET_MS = 2_000;

class Retry {
  constructor(private readonly options: StoreRetryOptions) {}

  async call<T>(action: () => Promise<T>, { signal, beforeAttempt }: CallOptions = {}): Promise<T> {
    const trouble = this.begin();
    for (;;) {
      beforeAttempt?.();
      try {
        return await action();
      } catch (error) {
        await trouble.pause(error, signal);
      }
    }
  }

  /** Begins to count the failures of a call. */
  begin(): Trouble {
    return new Trouble(this.options);
  }
}

/** The failures of one call since it last made progress. */
class Trouble {
  private failures = 0;
  private spentMs = 0;
  private isTold = false;
  private attemptAt: number;

  constructor(private readonly options: StoreRetryOptions) {
    this.attemptAt = options.clock.now();
  }

  /** The call has made progress. */
  over(): void {
    this.failures = 0;
    this.spentMs = 0;
    this.attemptAt = this.options.clock.now();
  }

  /** Waits before the next attempt; throws the error when no attempt may follow. */
  async pause(error: unknown, signal?: AbortSignal): Promise<void> {
    const { clock, forMs = 60_000, leastAttempts = 5, attempts = Number.POSITIVE_INFINITY } = this.options;
    signal?.throwIfAborted();
    if (!StoreError.is(error) || !error.retryable) throw error;
    this.failures += 1;
    this.spentMs += Math.min(ATTEMPT_MAX_MS, Math.max(0, clock.now() - this.attemptAt));
    const isLate = this.spentMs >= forMs;
    if (this.failures >= attempts || (isLate && this.failures >= leastAttempts)) throw error;
    this.tell(error);
    const ms = isLate ? this.nextMs() : Math.min(this.nextMs(), forMs - this.spentMs);
    this.spentMs += ms;
    await clock.sleep(ms, signal);
    signal?.throwIfAborted();
    this.attemptAt = clock.now();
  }

  private tell(error: StoreError): void {
    if (this.isTold || this.spentMs < QUIET_MS) return;
    this.isTold = true;
    this.options.onWait?.(error);
  }

  private nextMs(): number {
    const { baseMs = 100, maxMs = 10_000, random = Math.random } = this.options;
    return Math.min(maxMs, baseMs * 2 ** (this.failures - 1)) * (0.5 + random() / 2);
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
  const trouble = retry.begin();
  for (;;) {
    try {
      for await (const chunk of stream) {
        received += chunk.byteLength;
        yield chunk;
        trouble.over();
      }
      return;
    } catch (error) {
      await trouble.pause(error, options.signal);
      const from = received;
      stream = await retry.call(() => openFrom(store, key, from, options), options);
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
  const trouble = retry.begin();
  for (;;) {
    try {
      for await (const info of store.list(prefix, options)) {
        if (listed.has(info.key)) continue;
        listed.add(info.key);
        yield info;
        trouble.over();
      }
      return;
    } catch (error) {
      await trouble.pause(error, options?.signal);
    }
  }
}
