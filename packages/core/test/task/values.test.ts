import { noise, testSerializer } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import type { Reference } from '../../src/contract/index.ts';
import { sha256Hasher } from '../../src/store/objects/digest.ts';
import { TaskReads } from '../../src/task/attempt/task-reads.ts';
import { LruCache, Values } from '../../src/task/values/values.ts';
import { type FakeBlobs, setUpValues, specWith } from './fake-blobs.ts';

function manyInputs(blobs: FakeBlobs, count: number): Record<string, Reference> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`value${i}`, blobs.add({ i })]));
}

describe('many small artifacts', () => {
  it('are read in a handful of round trips when there are a thousand', () => {
    const { blobs, values } = setUpValues();
    const reads = new TaskReads(specWith(manyInputs(blobs, 1000)), values, false);
    for (let i = 0; i < 1000; i++) expect(reads.field(`value${i}`)).toEqual({ i });
    expect(blobs.reads.length).toBeLessThanOrEqual(6);
    const fetched = blobs.reads.flat();
    expect(new Set(fetched).size).toBe(fetched.length);
  });

  it('are not fetched along with the first one that is read', () => {
    const { blobs, values } = setUpValues();
    const reads = new TaskReads(specWith(manyInputs(blobs, 1000)), values, false);
    reads.field('value500');
    expect(blobs.reads.map((one) => one.length)).toEqual([1]);
  });

  it('do not bring a large one along before it is read', () => {
    const { blobs, values } = setUpValues();
    const inputs = manyInputs(blobs, 20);
    const large = blobs.add('x'.repeat(70_000));
    const reads = new TaskReads(specWith({ ...inputs, large }), values, false);
    for (let i = 0; i < 20; i++) reads.field(`value${i}`);
    expect(blobs.reads.flat()).not.toContain(large.digest);
  });

  it('of all tasks of a join are read in windows of bounded size', () => {
    const { blobs, values } = setUpValues();
    const references = Array.from({ length: 600 }, (_, i) => blobs.add(`${i}`.padEnd(40_000, '.')));
    const reads = new TaskReads(specWith({}), values, false);
    reads.prefetch(references);
    for (const [i, reference] of references.entries()) {
      expect((reads.viewedField(`[${i}].text`, reference) as string).startsWith(`${i}.`)).toBe(true);
    }
    expect(blobs.reads.length).toBeLessThanOrEqual(4);
    for (const trip of blobs.reads) expect(trip.length * 40_000).toBeLessThanOrEqual(8.1 * 1024 * 1024);
  });

  it('are fetched once when many tasks wrote the same value', () => {
    const { blobs, values } = setUpValues();
    const same = blobs.add('same');
    const other = blobs.add('other');
    const reads = new TaskReads(specWith({}), values, false);
    reads.prefetch([same, other, same, same]);
    expect([same, other, same].map((one, i) => reads.viewedField(`[${i}].x`, one))).toEqual(['same', 'other', 'same']);
    expect(blobs.reads).toEqual([[same.digest, other.digest]]);
  });

  it('are decoded once for all tasks of a worker', () => {
    const { blobs, values } = setUpValues();
    const reference = blobs.add({ rows: [1, 2] });
    expect(values.read(reference).value).toBe(values.read(reference).value);
    expect(blobs.reads.length).toBe(1);
  });
});

describe('binary inputs at the end of a step', () => {
  it('are checked for changes by hashing their memory, without a copy', async () => {
    const { blobs } = setUpValues();
    const hashed: Uint8Array[] = [];
    const hash = (parts: readonly Uint8Array[]) => {
      hashed.push(...parts);
      return sha256Hasher.hash(parts);
    };
    const hasher = { ...sha256Hasher, hash };
    const values = new Values(blobs, testSerializer, hasher);
    const { reference } = await values.write(noise(100_000));
    const reads = new TaskReads(specWith({ data: reference }), values, false);
    const data = reads.field('data') as Uint8Array;
    hashed.length = 0;
    reads.refuseChanges();
    expect(hashed.map((part) => part.buffer)).toEqual([data.buffer]);
    data[7] = (data[7] ?? 0) ^ 1;
    expect(() => reads.refuseChanges()).toThrow(expect.objectContaining({ code: 'VARVE_FROZEN_INPUT' }));
  });
});

describe('LruCache', () => {
  it('drops the value used longest ago when the bytes are too many', () => {
    const cache = new LruCache<string>(100);
    cache.set('a', 'A', 40);
    cache.set('b', 'B', 40);
    cache.get('a');
    cache.set('c', 'C', 40);
    expect([cache.has('a'), cache.has('b'), cache.has('c')]).toEqual([true, false, true]);
    expect(cache.bytes).toBe(80);
  });

  it('keeps a newest value that is larger than its limit, alone', () => {
    const cache = new LruCache<string>(100);
    cache.set('a', 'A', 40);
    cache.set('huge', 'H', 1000);
    expect([cache.has('a'), cache.has('huge'), cache.bytes]).toEqual([false, true, 1000]);
    cache.set('b', 'B', 10);
    expect([cache.has('huge'), cache.bytes]).toEqual([false, 10]);
  });

  it('counts a value that is set again once', () => {
    const cache = new LruCache<string>(100);
    cache.set('a', 'A', 40);
    cache.set('a', 'A', 50);
    expect(cache.bytes).toBe(50);
  });
});
