import type { CallOptions, Datastore, GetOptions, ObjectInfo } from '../../../contract/index.ts';
import { Retry, type StoreRetryOptions } from './retry.ts';
import { copyOf, wrapStore } from './wrap.ts';

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
