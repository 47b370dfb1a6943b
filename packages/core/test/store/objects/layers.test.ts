import { bytesOf, collect, ManualClock, MemoryStore, settle } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import { type Datastore, type GetOptions, StoreError } from '../../../src/contract/index.ts';
import { bodyOf, readObject } from '../../../src/store/objects/body.ts';
import { withLimit } from '../../../src/store/objects/layers/with-limit.ts';
import { withRetry } from '../../../src/store/objects/layers/with-retry.ts';

const busy = () => ({ error: new StoreError('unavailable', 'busy') });

/** A clock on which every pause ends at once. */
class HastyClock extends ManualClock {
  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.slept.push(ms);
    return signal?.aborted ? Promise.reject(signal.reason) : Promise.resolve();
  }
}

function setUp() {
  const store = new MemoryStore();
  const clock = new HastyClock();
  return {
    store,
    clock,
    retrying: withRetry(store, { clock, attempts: 4, baseMs: 100, maxMs: 250, random: () => 0.5 }),
  };
}

describe('withRetry', () => {
  it('repeats a put from its first byte, with growing pauses', async () => {
    const { store, clock, retrying } = setUp();
    store.fault = (_, n) => (n <= 3 ? { ...busy(), after: true } : undefined);
    await retrying.put('a/b', bodyOf([bytesOf('hello')]));
    expect(Buffer.from(store.bytes('a/b')).toString()).toBe('hello');
    expect(clock.slept).toEqual([75, 150, 187.5]);
  });

  it('gives up after the configured number of attempts', async () => {
    const { store, retrying } = setUp();
    store.fault = busy;
    await expect(retrying.stat('a')).rejects.toMatchObject({ code: 'unavailable' });
    expect(store.calls).toHaveLength(4);
  });

  it('outlives a network that is gone for half a minute, and says so once', async () => {
    const { store, clock } = setUp();
    const told: unknown[] = [];
    const gone = busy().error;
    store.fault = () => (clock.slept.reduce((sum, ms) => sum + ms, 0) < 30_000 ? { error: gone } : undefined);
    const retrying = withRetry(store, { clock, onWait: (error) => told.push(error) });
    expect(await retrying.stat('a')).toBeUndefined();
    expect(told).toEqual([gone]);
  });

  it.each([60_000, 6_000])('ends after %i ms when it lasts, by the pauses alone', async (forMs) => {
    const { store, clock } = setUp();
    store.fault = busy;
    await expect(withRetry(store, { clock, forMs }).stat('a')).rejects.toMatchObject({ code: 'unavailable' });
    expect(clock.slept.reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(forMs);
    expect(Math.max(...clock.slept)).toBeLessThanOrEqual(10_000);
    expect(store.calls.length).toBeLessThan(25);
  });

  it('tries five times also when each attempt takes long, and lets a night of sleep count for one', async () => {
    const { store, clock } = setUp();
    const slow: Datastore = Object.create(store, {
      stat: {
        value: async (key: string) => {
          await clock.advance(store.count('stat') === 0 ? 8 * 3_600_000 : 30_000);
          return store.stat(key);
        },
      },
    });
    store.fault = (_, n) => (n < 5 ? busy() : undefined);
    expect(await withRetry(slow, { clock }).stat('a')).toBeUndefined();
    store.fault = busy;
    const before = store.count('stat');
    await expect(withRetry(slow, { clock }).stat('a')).rejects.toMatchObject({ code: 'unavailable' });
    expect(store.count('stat') - before).toBe(5);
  });

  it.each([new StoreError('permission-denied', 'no'), new StoreError('not-found', 'no'), new Error('a bug')])(
    'does not repeat a call after: %s',
    async (error) => {
      const { store, retrying } = setUp();
      store.fault = () => ({ error });
      await expect(retrying.get('a')).rejects.toBe(error);
      await expect(collect(retrying.list('a'))).rejects.toBe(error);
      expect(store.calls).toHaveLength(2);
    },
  );

  it.each([true, false])('continues where a stream broke (ranges: %s)', async (rangeRead) => {
    const { store, clock } = setUp();
    store.capabilities = { ...store.capabilities, rangeRead };
    store.chunkBytes = 3;
    store.objects.set('a', { bytes: bytesOf('0123456789'), modifiedAt: 0 });
    const broken: Datastore = Object.create(store, {
      get: {
        value: async (key: string, options: object) =>
          breakAfter(await store.get(key, options), store.count('get') < 3 ? 1 : 99),
      },
    });
    const retrying = withRetry(broken, { clock });
    expect(Buffer.from((await readObject(retrying, 'a')) ?? []).toString()).toBe('0123456789');
    expect(store.count('get')).toBe(3);
    if (rangeRead) {
      const cut = await readObject(retrying, 'a', { range: { start: 2, end: 5 } });
      expect(Buffer.from(cut ?? []).toString()).toBe('234');
    }
  });

  it('goes on with the size that the caller expects, so that the rest may come in parts too', async () => {
    const { store, clock } = setUp();
    store.chunkBytes = 3;
    store.objects.set('a', { bytes: bytesOf('0123456789'), modifiedAt: 0 });
    const asked: GetOptions[] = [];
    const broken: Datastore = Object.create(store, {
      get: {
        value: async (key: string, options: GetOptions) => {
          asked.push(options);
          return breakAfter(await store.get(key, options), asked.length === 1 ? 2 : 99);
        },
      },
    });
    const layered = withLimit(withRetry(broken, { clock }), 2);
    expect(Buffer.concat(await collect(await layered.get('a', { size: 10 }))).toString()).toBe('0123456789');
    expect(asked).toEqual([{ size: 10 }, { size: 10, range: { start: 6, end: Number.MAX_SAFE_INTEGER } }]);
  });

  it('lists each key once when a listing broke', async () => {
    const { store, clock } = setUp();
    for (const key of ['a/1', 'a/2', 'a/3']) store.objects.set(key, { bytes: bytesOf(key), modifiedAt: 0 });
    let lists = 0;
    const broken: Datastore = Object.create(store, {
      list: { value: (prefix: string) => breakAfter(store.list(prefix), ++lists === 1 ? 2 : 99) },
    });
    const keys = (await collect(withRetry(broken, { clock }).list('a/'))).map((info) => info.key);
    expect(keys.sort()).toEqual(['a/1', 'a/2', 'a/3']);
  });

  it('stops waiting when the call is aborted', async () => {
    const store = new MemoryStore();
    const clock = new ManualClock();
    store.fault = busy;
    const abort = new AbortController();
    const call = withRetry(store, { clock }).stat('a', { signal: abort.signal });
    await settle();
    abort.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
  });

  it('offers copy and close only if the store has them', async () => {
    const { store, retrying } = setUp();
    expect(retrying.copy).toBeUndefined();
    await retrying.close?.();
    expect(store.closed).toBe(1);
  });
});

describe('withLimit', () => {
  it('limits the calls under way, and completes all of them', async () => {
    const store = new MemoryStore();
    store.latencyMs = 1;
    const limited = withLimit(store, 3);
    await Promise.all(Array.from({ length: 20 }, (_, i) => limited.put(`a/${i}`, bodyOf([bytesOf('x')]))));
    await Promise.all(Array.from({ length: 20 }, (_, i) => readObject(limited, `a/${i}`)));
    expect(store.mostUnderWay).toBe(3);
    expect(await collect(limited.list('a/'))).toHaveLength(20);
  });

  it('does not block when a body is read from the same store, nor on streams that are not read', async () => {
    const store = new MemoryStore();
    const limited = withLimit(store, 1);
    await limited.put('a', bodyOf([bytesOf('hello')]));
    await limited.get('a');
    await limited.put('b', { size: 5, open: () => again(limited, 'a') });
    for await (const { key } of limited.list('')) expect(await limited.stat(key)).toBeDefined();
    expect(Buffer.from(store.bytes('b')).toString()).toBe('hello');
  });

  it('frees the place of a failed call', async () => {
    const store = new MemoryStore();
    const limited = withLimit(store, 1);
    await expect(limited.get('nothing')).rejects.toMatchObject({ code: 'not-found' });
    await expect(limited.get('nothing')).rejects.toMatchObject({ code: 'not-found' });
    expect(await limited.stat('nothing')).toBeUndefined();
  });
});

async function* breakAfter<T>(items: AsyncIterable<T>, count: number): AsyncGenerator<T> {
  let left = count;
  for await (const item of items) {
    if (left-- === 0) throw new StoreError('unavailable', 'connection reset');
    yield item;
  }
}

async function* again(store: Datastore, key: string): AsyncGenerator<Uint8Array> {
  yield* await store.get(key);
}
