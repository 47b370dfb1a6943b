import type { Datastore, GetOptions } from '@varve/core/contract';
import { type S3Double, s3Refusal } from '@varve/test-servers/s3';
import {
  expectBytes,
  type FaultMatch,
  MIB,
  noise,
  PART,
  PART_FAULTS,
  partHeaders,
  partsBy,
  readAll,
  readWhile,
  SIZES,
  until,
} from '@varve/test-servers/wire';
import { describe, expect, it } from 'vitest';
import { bodyOf, bytesAt, fail, IDLE_MS, operationsOf, reasonOf, refusal, streamOf, useStores } from './support.ts';

const { start, openOn } = useStores();
const impatient = { idleTimeoutMs: IDLE_MS };
/** Five parts, the last of them short. */
const LARGE = noise(4 * PART + 3);
const HINT = { size: LARGE.length };

async function startWith(bytes = LARGE, options = {}): Promise<{ double: S3Double; store: Datastore }> {
  const started = await start({}, options);
  await started.store.put('a', streamOf(bytes));
  return started;
}

async function expectLarge(store: Datastore, options: GetOptions = HINT, wanted = LARGE): Promise<void> {
  expectBytes(await readAll(await store.get('a', options)), wanted);
}

const getsOf = (double: S3Double) => double.requests.filter(({ operation }) => operation === 'GetObject');
const rangesOf = (double: S3Double) => getsOf(double).map(({ headers }) => headers.range);
const partAt = partsBy('GetObject');

/** Reads until a failure that is worth a retry, and tells what came before it. */
async function readUntilFailure(stream: AsyncIterable<Uint8Array>, onFirst?: () => Promise<unknown>) {
  const { error, bytes } = await readWhile(stream, onFirst);
  return { error: await refusal(Promise.reject(error), 'unavailable'), bytes };
}

describe('a large object whose size is known', () => {
  it('is read in ranges of one version, whose bytes come in their order', async () => {
    const { double, store } = await startWith();
    // The parts that are asked for first are answered last.
    for (const [at, ms] of [400, 300, 200, 100].entries()) {
      double.faults.add({ on: partAt(at * PART), fault: { kind: 'delay', ms } });
    }
    await expectLarge(store);
    const gets = getsOf(double);
    expect(rangesOf(double).sort()).toEqual(partHeaders(LARGE.length).sort());
    const versions = gets.map(({ headers }) => headers['if-match']);
    expect(versions[0]).toBeUndefined();
    expect(new Set(versions.slice(1)).size).toBe(1);
    expect(versions[1]).toMatch(/^".+"$/);
  });

  it('is fetched four parts at a time', async () => {
    const { double, store } = await startWith();
    let running = 0;
    let most = 0;
    const count: FaultMatch = ({ operation }) => {
      if (operation !== 'GetObject') return false;
      running += 1;
      most = Math.max(most, running);
      setTimeout(() => (running -= 1), 300);
      return true;
    };
    double.faults.add({ on: count, fault: { kind: 'delay', ms: 300 }, times: 99 });
    await expectLarge(store);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(4);
  });

  it('is held no further than four parts ahead of its reader', async () => {
    const { double, store } = await startWith();
    const reader = (await store.get('a', HINT))[Symbol.asyncIterator]();
    await reader.next();
    await until(() => getsOf(double).length === 4);
    await until(() => double.openAnswers === 0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(getsOf(double)).toHaveLength(4);
    await reader.return?.();
  });

  it('is one request as long as it has no more than two parts, or nobody says its size', async () => {
    const { double, store } = await startWith(LARGE.subarray(0, 2 * PART));
    await expectLarge(store, { size: 2 * PART }, LARGE.subarray(0, 2 * PART));
    await store.put('a', streamOf(LARGE));
    await expectLarge(store, {});
    expect(rangesOf(double)).toEqual([undefined, undefined]);
  });

  it('may be read by a reader that takes its time', async () => {
    const { store } = await startWith(LARGE, { idleTimeoutMs: 1000 });
    let count = 0;
    const chunks: Uint8Array[] = [];
    for await (const chunk of await store.get('a', HINT)) {
      chunks.push(chunk);
      if (count++ === 1) await new Promise((resolve) => setTimeout(resolve, 2000));
    }
    expectBytes(Buffer.concat(chunks), LARGE);
  });

  it('is read from the middle in the same way, as after a break', async () => {
    const { double, store } = await startWith();
    const range = { start: PART + 5, end: Number.MAX_SAFE_INTEGER };
    await expectLarge(store, { ...HINT, range }, LARGE.subarray(range.start));
    await expectLarge(store, { ...HINT, range: { start: 3, end: 3 * PART } }, LARGE.subarray(3, 3 * PART));
    expect(getsOf(double).length).toBe(3 + 3);
  });
});

describe('a part that fails is an error after the bytes before it, and worth a retry', () => {
  for (const [how, fault] of PART_FAULTS) {
    it(`when it ${how}`, async () => {
      const { double, store } = await startWith(LARGE, impatient);
      double.faults.add({ on: partAt(2 * PART), fault });
      const { error, bytes } = await readUntilFailure(await store.get('a', HINT));
      expect(error).toMatchObject({ retryable: true, key: 'a' });
      expect(['throttled', 'broken-connection', 'stalled']).toContain(reasonOf(error));
      expect(bytes.length).toBeGreaterThanOrEqual(2 * PART);
      expect(bytes.length).toBeLessThan(3 * PART);
      expectBytes(bytes, LARGE.subarray(0, bytes.length));
      await until(() => double.openAnswers === 0);
      const range = { start: bytes.length, end: Number.MAX_SAFE_INTEGER };
      await expectLarge(store, { ...HINT, range }, LARGE.subarray(bytes.length));
    });
  }

  it('when it is the first', async () => {
    const { double, store } = await startWith(LARGE, impatient);
    double.faults.add({ on: partAt(0), fault: { kind: 'cut', by: 'rst', after: MIB } });
    const { error, bytes } = await readUntilFailure(await store.get('a', HINT));
    expect(reasonOf(error)).toBe('broken-connection');
    expect(bytes.length).toBeLessThanOrEqual(MIB);
    double.faults.add({ on: partAt(0), fault: { kind: 'answer', reply: s3Refusal(503, 'SlowDown') } });
    await refusal(store.get('a', HINT), 'unavailable');
    await until(() => double.openAnswers === 0);
  });
});

describe('an object that is replaced while its parts are read', () => {
  it('gives bytes of the old one only, then an error that says so', async () => {
    const { double, store } = await startWith();
    const replace = async () => {
      await until(() => getsOf(double).length === 4);
      await openOn(double).put('a', bodyOf('other'));
    };
    const { error, bytes } = await readUntilFailure(await store.get('a', HINT), replace);
    expect(reasonOf(error)).toBe('replaced');
    expect(error.retryable).toBe(true);
    expect(error.message).toContain('Cannot read "a" in s3://varve. It was replaced while it was read.');
    expect(bytes.length).toBe(4 * PART);
    expectBytes(bytes, LARGE.subarray(0, bytes.length));
    await expectLarge(store, HINT, Buffer.from('other'));
  });

  for (const [what, headers] of [
    ['another version', { etag: '"other"', 'content-range': `bytes ${PART}-${2 * PART - 1}/${LARGE.length}` }],
    ['another length', { etag: undefined, 'content-range': `bytes ${PART}-${2 * PART - 2}/${LARGE.length - 1}` }],
  ] as const) {
    it(`is noticed when the server ignores the condition and answers with ${what}`, async () => {
      const { double, store } = await startWith();
      const etag = headers.etag ?? (await etagOf(double, store));
      const body = Buffer.alloc(PART);
      const reply = { status: 206, headers: { ...headers, etag, 'content-length': `${body.length}` }, body };
      double.faults.add({ on: partAt(PART), fault: { kind: 'answer', reply } });
      const { error, bytes } = await readUntilFailure(await store.get('a', HINT));
      expect(reasonOf(error)).toBe('replaced');
      expectBytes(bytes, LARGE.subarray(0, PART));
    });
  }

  it('is missing when it is deleted instead', async () => {
    const { double, store } = await startWith();
    const stream = await store.get('a', HINT);
    const read = async () => {
      let count = 0;
      for await (const chunk of stream) {
        expect(chunk.length).toBeGreaterThan(0);
        if (count++ > 0) continue;
        await until(() => getsOf(double).length === 4);
        await openOn(double).delete('a');
      }
    };
    await refusal(read(), 'not-found');
  });
});

/** The version that a whole read asks its later parts for. */
async function etagOf(double: S3Double, store: Datastore): Promise<string> {
  await expectLarge(store);
  return getsOf(double).at(-1)?.headers['if-match'] ?? '';
}

describe('a wrong size changes nothing of what is read', () => {
  for (const [what, size] of Object.entries(SIZES)) {
    it(`of an object of ${what}`, async () => {
      const bytes = LARGE.subarray(0, size);
      const { store } = await startWith(bytes);
      for (const wrong of [17 * MIB, 100 * MIB, 0]) {
        await expectLarge(store, { size: wrong }, bytes);
        const range = { start: 3, end: 20 * MIB };
        await expectLarge(store, { size: wrong, range }, bytes.subarray(3, range.end));
      }
    });
  }

  it('of an object that is not there', async () => {
    const { store } = await start();
    await refusal(store.get('a', HINT), 'not-found');
  });

  it('where the server knows no ranges', async () => {
    const { double, store } = await start();
    await store.put('a', bodyOf('other'));
    const reply = { status: 200, headers: { etag: '"x"' }, body: Buffer.from(LARGE) };
    fail(double, 'GetObject', { kind: 'answer', reply }, 2);
    await expectLarge(store);
    await until(() => double.openAnswers === 0);
  });
});

describe('nothing goes on', () => {
  it('after the reader has left', async () => {
    const { double, store } = await startWith();
    double.faults.add({ on: partAt(PART), fault: { kind: 'stall', after: MIB } });
    double.faults.add({ on: partAt(2 * PART), fault: { kind: 'stall' } });
    for await (const chunk of await store.get('a', HINT)) {
      expect(chunk.length).toBeGreaterThan(0);
      await until(() => getsOf(double).length === 4);
      break;
    }
    await until(() => double.openAnswers === 0);
    expect(operationsOf(double).filter((name) => name === 'GetObject')).toHaveLength(4);
    expect((await bytesAt(store, 'a', { start: 0, end: 3 })).length).toBe(3);
  });

  for (const [when, at, fault] of [
    ['while a part has no answer', PART, { kind: 'stall' }],
    ['in the middle of a part', PART, { kind: 'stall', after: MIB }],
    ['in the middle of the first part', 0, { kind: 'stall', after: MIB }],
  ] as const) {
    it(`after an abort ${when}, which rejects with its reason`, async () => {
      const { double, store } = await startWith();
      double.faults.add({ on: partAt(at), fault });
      const controller = new AbortController();
      const reason = new Error('not wanted any more');
      const read = async () => {
        for await (const chunk of await store.get('a', { ...HINT, signal: controller.signal })) {
          expect(chunk.length).toBeGreaterThan(0);
          setTimeout(() => controller.abort(reason), 200);
        }
      };
      await expect(read()).rejects.toBe(reason);
      await until(() => double.openAnswers === 0);
    });
  }
});
