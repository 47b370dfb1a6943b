import { s3Refusal } from '@varve/test-servers/s3';
import { type Fault, MIB, noise } from '@varve/test-servers/wire';
import { describe, expect, it } from 'vitest';
import { partSizeFor } from '../src/objects/upload.ts';
import { bytesAt, fail, IDLE_MS, listKeys, operationsOf, refusal, streamOf, useStores } from './support.ts';

const { start } = useStores();
/** Four parts, the last of them short. */
const LARGE = noise(25 * MIB + 3);

describe('a large object', () => {
  it('is written in parts and read back', async () => {
    const { double, store } = await start();
    await store.put('a', streamOf(LARGE));
    expect(operationsOf(double).filter((name) => name === 'UploadPart')).toHaveLength(4);
    expect(Buffer.compare(await bytesAt(store, 'a'), LARGE)).toBe(0);
    expect((await store.stat('a'))?.size).toBe(LARGE.length);
  });

  it('is written with the checksums that AWS wants of each part', async () => {
    const { store } = await start({}, { requestChecksumCalculation: 'WHEN_SUPPORTED' });
    await store.put('a', streamOf(LARGE));
    expect(Buffer.compare(await bytesAt(store, 'a'), LARGE)).toBe(0);
  });

  it('is sent several parts at a time', async () => {
    const { double, store } = await start();
    let most = 0;
    let running = 0;
    const slow: Fault = { kind: 'delay', ms: 300 };
    double.faults.add({
      on: ({ operation }) => {
        if (operation !== 'UploadPart') return false;
        running += 1;
        most = Math.max(most, running);
        setTimeout(() => (running -= 1), 300);
        return true;
      },
      fault: slow,
      times: 4,
    });
    await store.put('a', streamOf(LARGE));
    expect(most).toBeGreaterThan(1);
  });

  it('costs one more attempt, not a new upload, when one part fails', async () => {
    const { double, store } = await start({}, { idleTimeoutMs: IDLE_MS });
    fail(double, 'UploadPart', { kind: 'answer', reply: s3Refusal(503, 'SlowDown') });
    fail(double, 'UploadPart', { kind: 'drop' });
    await store.put('a', streamOf(LARGE));
    expect(operationsOf(double).filter((name) => name === 'CreateMultipartUpload')).toHaveLength(1);
    expect(Buffer.compare(await bytesAt(store, 'a'), LARGE)).toBe(0);
  });
});

describe('an upload leaves nothing behind', () => {
  const failures: readonly (readonly [string, string, Fault, number])[] = [
    ['a part is refused', 'UploadPart', { kind: 'answer', reply: s3Refusal(403, 'AccessDenied') }, 1],
    ['a part fails again and again', 'UploadPart', { kind: 'answer', reply: s3Refusal(503, 'SlowDown') }, 99],
    ['parts stall', 'UploadPart', { kind: 'stall' }, 99],
    ['it cannot be completed', 'CompleteMultipartUpload', { kind: 'answer', reply: s3Refusal(503, 'SlowDown') }, 99],
    ['it cannot begin', 'CreateMultipartUpload', { kind: 'answer', reply: s3Refusal(500, 'InternalError') }, 1],
  ];
  for (const [when, operation, fault, times] of failures) {
    it(`when ${when}`, async () => {
      const { double, store } = await start({}, { idleTimeoutMs: IDLE_MS });
      fail(double, operation, fault, times);
      await expect(store.put('a', streamOf(LARGE))).rejects.toMatchObject({ name: 'StoreError' });
      expect(double.openUploads()).toBe(0);
      expect(await store.stat('a')).toBeUndefined();
      expect(await listKeys(store)).toEqual([]);
    });
  }

  it('when the request that aborts it is lost once', async () => {
    const { double, store } = await start({}, { idleTimeoutMs: IDLE_MS });
    fail(double, 'UploadPart', { kind: 'answer', reply: s3Refusal(403, 'AccessDenied') });
    fail(double, 'AbortMultipartUpload', { kind: 'drop' });
    await expect(store.put('a', streamOf(LARGE))).rejects.toMatchObject({ name: 'StoreError' });
    expect(double.openUploads()).toBe(0);
  });

  it('when its body fails, ends early or has no end', async () => {
    const { double, store } = await start();
    const broken = {
      size: LARGE.length,
      async *open() {
        yield LARGE.subarray(0, 12 * MIB);
        throw new Error('the disk of the body broke');
      },
    };
    await expect(store.put('a', broken)).rejects.toThrow('the disk of the body broke');
    for (const size of [LARGE.length + 1, LARGE.length - 1]) {
      await refusal(store.put('a', { ...streamOf(LARGE), size }), 'corrupt');
    }
    expect(double.openUploads()).toBe(0);
    expect(await store.stat('a')).toBeUndefined();
  });

  it('when a part is refused while its body hangs', async () => {
    const { double, store } = await start();
    fail(double, 'UploadPart', { kind: 'answer', reply: s3Refusal(403, 'AccessDenied') });
    const hanging = {
      size: LARGE.length,
      async *open() {
        yield LARGE.subarray(0, 12 * MIB);
        await new Promise(() => undefined);
      },
    };
    await refusal(store.put('a', hanging), 'permission-denied');
    expect(double.openUploads()).toBe(0);
  });

  it('when it is aborted, at once and with the reason, even while its body hangs', async () => {
    const { double, store } = await start();
    const controller = new AbortController();
    const reason = new Error('not wanted any more');
    const hanging = {
      size: LARGE.length,
      async *open() {
        yield LARGE.subarray(0, 12 * MIB);
        setTimeout(() => controller.abort(reason), 50);
        await new Promise(() => undefined);
      },
    };
    await expect(store.put('a', hanging, { signal: controller.signal })).rejects.toBe(reason);
    expect(double.openUploads()).toBe(0);
  });
});

describe('the completion of an upload whose answer is lost', () => {
  for (const by of ['fin', 'rst'] as const) {
    it(`counts when the object is there: ${by}`, async () => {
      const { double, store } = await start();
      fail(double, 'CompleteMultipartUpload', { kind: 'lost-ack', by });
      await store.put('a', streamOf(LARGE));
      expect(operationsOf(double).filter((name) => name === 'CompleteMultipartUpload')).toHaveLength(1);
      expect(Buffer.compare(await bytesAt(store, 'a'), LARGE)).toBe(0);
    });
  }

  it('is asked for again when the object is not there, or is an older one', async () => {
    const { double, store } = await start();
    await store.put('a', streamOf(noise(9 * MIB)));
    fail(double, 'CompleteMultipartUpload', { kind: 'drop' });
    await store.put('a', streamOf(LARGE));
    expect(Buffer.compare(await bytesAt(store, 'a'), LARGE)).toBe(0);
  });
});

describe('an object that is too large for one copy', () => {
  it('is copied in parts', async () => {
    const { double, store } = await start({ copyMaxBytes: 6 * MIB });
    await store.put('a', streamOf(LARGE));
    await store.copy?.('a', 'b');
    expect(Buffer.compare(await bytesAt(store, 'b'), LARGE)).toBe(0);
    expect(operationsOf(double).filter((name) => name === 'UploadPartCopy')).toHaveLength(4);
  });
});

describe('a conditional put of a large object', () => {
  it('is one request, whose condition every server keeps', async () => {
    const { double, store } = await start();
    await store.put('a', streamOf(LARGE), { ifAbsent: true });
    await refusal(store.put('a', streamOf(LARGE), { ifAbsent: true }), 'already-exists');
    expect(operationsOf(double).filter((name) => name !== 'PutObject')).toEqual([]);
  });

  it('is refused on servers other than AWS once it would take several requests', async () => {
    const { store } = await start();
    const body = { size: 64 * MIB + 1, open: () => streamOf(new Uint8Array(1)).open() };
    const error = await refusal(store.put('a', body, { ifAbsent: true }), 'unsupported');
    expect(error.message).toContain('upload in parts');
  });
});

it('parts grow with the object, so that there are never more than S3 takes', () => {
  expect(partSizeFor(1)).toBe(8 * MIB);
  expect(partSizeFor(80_000 * MIB)).toBe(8 * MIB);
  const terabytes = 5 * 1024 ** 4;
  expect(Math.ceil(terabytes / partSizeFor(terabytes))).toBeLessThanOrEqual(10_000);
});
