import { StoreError } from '@varve/core/contract';
import { s3Refusal } from '@varve/test-servers/s3';
import { type Fault, type FaultMatch, MIB, noise } from '@varve/test-servers/wire';
import { describe, expect, it } from 'vitest';
import { bodyOf, bytesAt, fail, IDLE_MS, listKeys, operationsOf, reasonOf, refusal, useStores } from './support.ts';

const { start, openOn } = useStores();
const impatient = { idleTimeoutMs: IDLE_MS };

const LOST: readonly (readonly [string, Fault])[] = [
  ['the connection ends', { kind: 'lost-ack', by: 'fin' }],
  ['the connection is reset', { kind: 'lost-ack', by: 'rst' }],
  ['no answer comes', { kind: 'stall' }],
];

describe('a conditional put whose answer is lost', () => {
  for (const [how, fault] of LOST) {
    it(`is known as its own when it is repeated: ${how}`, async () => {
      const { double, store } = await start({}, impatient);
      const body = bodyOf('mine');
      fail(double, 'PutObject', fault);
      const error = await refusal(store.put('a', body, { ifAbsent: true }), 'unavailable');
      expect(error.retryable).toBe(true);
      await store.put('a', body, { ifAbsent: true });
      expect((await bytesAt(store, 'a')).toString()).toBe('mine');
    });
  }

  it('is a lost race all the same when a rival wrote first, even the same bytes', async () => {
    const { double, store } = await start();
    const rival = openOn(double);
    const body = bodyOf('the same');
    fail(double, 'PutObject', { kind: 'drop' });
    await refusal(store.put('a', body, { ifAbsent: true }), 'unavailable');
    await rival.put('a', bodyOf('the same'), { ifAbsent: true });
    await refusal(store.put('a', body, { ifAbsent: true }), 'already-exists');
  });

  it('is open when the object that was in the way is gone again', async () => {
    const { double, store } = await start();
    const body = bodyOf('mine');
    fail(double, 'PutObject', { kind: 'lost-ack', by: 'rst' });
    await refusal(store.put('a', body, { ifAbsent: true }), 'unavailable');
    fail(double, 'HeadObject', { kind: 'answer', reply: { status: 404 } });
    expect((await refusal(store.put('a', body, { ifAbsent: true }), 'unavailable')).retryable).toBe(true);
  });

  it('is not taken for the success of another body', async () => {
    const { double, store } = await start();
    fail(double, 'PutObject', { kind: 'lost-ack', by: 'rst' });
    await refusal(store.put('a', bodyOf('first'), { ifAbsent: true }), 'unavailable');
    await refusal(store.put('a', bodyOf('second'), { ifAbsent: true }), 'already-exists');
    expect((await bytesAt(store, 'a')).toString()).toBe('first');
  });

  it('succeeds when it is repeated although nothing had arrived', async () => {
    const { double, store } = await start();
    const body = bodyOf('mine');
    fail(double, 'PutObject', { kind: 'drop' });
    await refusal(store.put('a', body, { ifAbsent: true }), 'unavailable');
    await store.put('a', body, { ifAbsent: true });
    expect((await bytesAt(store, 'a')).toString()).toBe('mine');
  });

  it('stays open, not lost, while the owner cannot be looked up', async () => {
    const { double, store } = await start();
    const body = bodyOf('mine');
    fail(double, 'PutObject', { kind: 'lost-ack', by: 'rst' });
    await refusal(store.put('a', body, { ifAbsent: true }), 'unavailable');
    fail(double, 'HeadObject', { kind: 'answer', reply: s3Refusal(503, 'SlowDown') });
    await refusal(store.put('a', body, { ifAbsent: true }), 'unavailable');
    await store.put('a', body, { ifAbsent: true });
  });

  it('may have been answered by a failure of the server', async () => {
    const { double, store } = await start();
    const body = bodyOf('mine');
    const keep: Fault = { kind: 'lost-ack', by: 'rst' };
    fail(double, 'PutObject', keep);
    await refusal(store.put('a', body, { ifAbsent: true }), 'unavailable');
    fail(double, 'PutObject', { kind: 'answer', reply: s3Refusal(500, 'InternalError') });
    await refusal(store.put('a', body, { ifAbsent: true }), 'unavailable');
    await store.put('a', body, { ifAbsent: true });
  });
});

it('a lost race costs one request: nobody is asked who won', async () => {
  const { double, store } = await start();
  await openOn(double).put('a', bodyOf('theirs'), { ifAbsent: true });
  const before = operationsOf(double).length;
  await refusal(store.put('a', bodyOf('mine'), { ifAbsent: true }), 'already-exists');
  expect(operationsOf(double).slice(before)).toEqual(['PutObject']);
});

describe('a read', () => {
  const small = noise(5000);
  const large = noise(3 * MIB);
  const cuts: readonly (readonly [string, Fault])[] = [
    ['ends early', { kind: 'cut', by: 'fin', after: 1000 }],
    ['is reset', { kind: 'cut', by: 'rst', after: 1000 }],
    ['stalls in its body', { kind: 'stall', after: 1000 }],
    ['gets no answer', { kind: 'stall' }],
    ['is reset before the answer', { kind: 'drop' }],
  ];
  for (const [size, bytes] of [
    ['small', small],
    ['large', large],
  ] as const) {
    for (const [how, fault] of cuts) {
      it(`of a ${size} object that ${how} is an error worth a retry, never a shorter object`, async () => {
        const { double, store } = await start({}, impatient);
        await store.put('a', bodyOf(bytes));
        fail(double, 'GetObject', fault);
        const error = await refusal(bytesAt(store, 'a'), 'unavailable');
        expect(error.retryable).toBe(true);
        expect(['broken-connection', 'stalled']).toContain(reasonOf(error));
        expect(Buffer.compare(await bytesAt(store, 'a'), bytes)).toBe(0);
      });
    }
  }

  it('that a reader takes its time for is not broken off', async () => {
    const { store } = await start({}, impatient);
    const bytes = noise(4 * MIB);
    await store.put('a', bodyOf(bytes));
    const chunks: Uint8Array[] = [];
    for await (const chunk of await store.get('a')) {
      chunks.push(chunk);
      // Far longer than the server may be silent for.
      if (chunks.length === 2) await new Promise((resolve) => setTimeout(resolve, 2 * IDLE_MS));
    }
    expect(Buffer.compare(Buffer.concat(chunks), bytes)).toBe(0);
  });

  for (const mode of ['WHEN_REQUIRED', 'WHEN_SUPPORTED'] as const) {
    it(`whose connection breaks before anybody reads is an error for its reader, not for the process: checks ${mode}`, async () => {
      const checks = { requestChecksumCalculation: mode, responseChecksumValidation: mode };
      const { double, store } = await start({}, checks);
      await store.put('a', bodyOf(large));
      fail(double, 'GetObject', { kind: 'cut', by: 'rst', after: 2 * MIB });
      const chunks = await store.get('a');
      await double.close();
      await new Promise((resolve) => setTimeout(resolve, 100));
      const read = async () => {
        for await (const chunk of chunks) expect(chunk.length).toBeGreaterThan(0);
      };
      expect(reasonOf(await refusal(read(), 'unavailable'))).toBe('broken-connection');
    });
  }

  for (const [when, fault] of [
    ['before it answers', { kind: 'stall' }],
    ['in the middle of an object', { kind: 'stall', after: 2 * MIB }],
  ] as const) {
    it(`rejects with the reason of an abort while the server is silent ${when}`, async () => {
      const { double, store } = await start();
      await store.put('a', bodyOf(large));
      const controller = new AbortController();
      const reason = new Error('not wanted any more');
      fail(double, 'GetObject', fault);
      const read = async () => {
        for await (const chunk of await store.get('a', { signal: controller.signal })) expect(chunk).toBeDefined();
      };
      setTimeout(() => controller.abort(reason), 200);
      await expect(read()).rejects.toBe(reason);
    });
  }
});

describe('a failure that passes', () => {
  const passing: readonly (readonly [string, Fault])[] = [
    ['429', { kind: 'answer', reply: s3Refusal(429, 'TooManyRequests') }],
    ['500', { kind: 'answer', reply: s3Refusal(500, 'InternalError') }],
    ['503', { kind: 'answer', reply: s3Refusal(503, 'SlowDown') }],
    ['a broken connection', { kind: 'drop' }],
    ['silence', { kind: 'stall' }],
  ];
  for (const [what, fault] of passing) {
    it(`is reported once and not retried by the store itself: ${what}`, async () => {
      const { double, store } = await start({}, impatient);
      await store.put('a', bodyOf('x'));
      for (const [operation, call] of [
        ['PutObject', () => store.put('a', bodyOf('x'))],
        ['GetObject', () => bytesAt(store, 'a')],
        ['HeadObject', () => store.stat('a')],
        ['ListObjectsV2', () => listKeys(store)],
        ['DeleteObject', () => store.delete('a')],
      ] as const) {
        const before = operationsOf(double).length;
        fail(double, operation, fault);
        expect((await refusal(call(), 'unavailable')).retryable, operation).toBe(true);
        expect(operationsOf(double).slice(before)).toEqual([operation]);
        await call();
      }
    });
  }

  it('is not seen at all when the answer is only late', async () => {
    const { double, store } = await start({}, impatient);
    fail(double, 'PutObject', { kind: 'delay', ms: 100 });
    await store.put('a', bodyOf('x'));
    expect(await listKeys(store)).toEqual(['a']);
  });
});

it('a list that breaks between two pages says so, rather than ending', async () => {
  const { double, store } = await start();
  const names = Array.from({ length: 1005 }, (_, index) => `k${String(index).padStart(4, '0')}`);
  await Promise.all(names.map((name) => store.put(name, bodyOf(name))));
  expect(await listKeys(store)).toEqual(names);
  const found: string[] = [];
  await refusal(
    (async () => {
      for await (const { key } of store.list('')) {
        if (found.length === 0) fail(double, 'ListObjectsV2', { kind: 'cut', by: 'rst', after: 100 });
        found.push(key);
      }
    })(),
    'unavailable',
  );
  expect(found).toHaveLength(1000);
});

it('a store that was closed says so, and asks for no retry', async () => {
  const { store } = await start();
  await store.close?.();
  const error = await refusal(store.stat('a'), 'unavailable');
  expect(error.retryable).toBe(false);
  expect(error).toBeInstanceOf(StoreError);
});

it('of many calls only so many are under way at once that none waits for a connection', async () => {
  const { double, store } = await start();
  let running = 0;
  let most = 0;
  const count: FaultMatch = ({ operation }) => {
    if (operation !== 'PutObject') return false;
    running += 1;
    most = Math.max(most, running);
    setTimeout(() => (running -= 1), 20);
    return true;
  };
  double.faults.add({ on: count, fault: { kind: 'delay', ms: 20 }, times: 400 });
  const keys = Array.from({ length: 400 }, (_, index) => `k/${String(index).padStart(3, '0')}`);
  await Promise.all(keys.map((key) => store.put(key, bodyOf(key))));
  expect(await listKeys(store)).toEqual(keys);
  expect(most).toBeLessThanOrEqual(64);
});
