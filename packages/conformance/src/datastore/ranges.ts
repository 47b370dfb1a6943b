import assert from 'node:assert/strict';
import { type Datastore, StoreError } from '@varve/core/contract';
import { collect, pattern, streamed, whole } from '../bytes.ts';
import type { Case } from '../case.ts';
import { rejectsWith, sameBytes } from '../expect.ts';
import type { DatastoreSubject } from './subject.ts';

const MIB = 1024 * 1024;

async function readRange(store: Datastore, key: string, start: number, end: number): Promise<Uint8Array> {
  return collect(await store.get(key, { range: { start, end } }));
}

/** Cases about half-open ranges. */
export const rangeCases: readonly Case<DatastoreSubject>[] = [
  {
    name: 'serves the bytes from start up to, not including, end',
    needs: ['rangeRead'],
    async run({ store, prefix }) {
      const bytes = pattern(1000, 31);
      await store.put(`${prefix}/a`, whole(bytes));
      for (const [start, end] of [
        [0, 1],
        [0, 1000],
        [1, 2],
        [500, 700],
        [999, 1000],
      ] as const) {
        const found = await readRange(store, `${prefix}/a`, start, end);
        sameBytes(found, bytes.subarray(start, end), `bytes ${start} to ${end} of 1000`);
      }
    },
  },
  {
    name: 'cuts a range past the end at the end',
    needs: ['rangeRead'],
    async run({ store, prefix }) {
      const bytes = pattern(100, 32);
      await store.put(`${prefix}/a`, whole(bytes));
      sameBytes(await readRange(store, `${prefix}/a`, 90, 1000), bytes.subarray(90), 'bytes 90 to 1000 of 100');
      sameBytes(await readRange(store, `${prefix}/a`, 0, 101), bytes, 'bytes 0 to 101 of 100');
    },
  },
  {
    name: 'serves a range that starts at or past the end as nothing',
    needs: ['rangeRead'],
    async run({ store, prefix }) {
      await store.put(`${prefix}/a`, whole(pattern(100, 33)));
      await store.put(`${prefix}/empty`, whole(new Uint8Array()));
      assert.equal((await readRange(store, `${prefix}/a`, 100, 200)).length, 0, 'bytes 100 to 200 of 100');
      assert.equal((await readRange(store, `${prefix}/a`, 500, 600)).length, 0, 'bytes 500 to 600 of 100');
      assert.equal((await readRange(store, `${prefix}/empty`, 0, 10)).length, 0, 'bytes 0 to 10 of 0');
    },
  },
  {
    name: 'serves an empty range as nothing',
    needs: ['rangeRead'],
    async run({ store, prefix }) {
      await store.put(`${prefix}/a`, whole(pattern(100, 34)));
      assert.equal((await readRange(store, `${prefix}/a`, 0, 0)).length, 0, 'bytes 0 to 0');
      assert.equal((await readRange(store, `${prefix}/a`, 50, 50)).length, 0, 'bytes 50 to 50');
    },
  },
  {
    name: 'serves a range of a large object',
    needs: ['rangeRead'],
    heavy: true,
    async run({ store, prefix }) {
      const bytes = pattern(10 * MIB, 35);
      await store.put(`${prefix}/a`, streamed(bytes, MIB));
      for (const [start, end] of [
        [MIB - 3, 5 * MIB + 3],
        [9 * MIB, 10 * MIB],
        [8 * MIB + 1, 8 * MIB + 9],
      ] as const) {
        const found = await readRange(store, `${prefix}/a`, start, end);
        sameBytes(found, bytes.subarray(start, end), `bytes ${start} to ${end}`);
      }
    },
  },
  {
    name: 'rejects a range of a free key with not-found',
    needs: ['rangeRead'],
    async run({ store, prefix }) {
      const get = () => store.get(`${prefix}/free`, { range: { start: 0, end: 0 } });
      await rejectsWith('not-found', 'get of an empty range of a free key', get);
    },
  },
  {
    name: 'serves in one synchronous call, where it can, what it streams',
    needs: ['getSync'],
    async run({ store, prefix }) {
      const bytes = pattern(3 * MIB + 5, 36);
      await store.put(`${prefix}/a`, whole(bytes));
      const getSync = store.getSync?.bind(store);
      assert.ok(getSync, 'the store has getSync');
      sameBytes(getSync(`${prefix}/a`), bytes, 'all bytes');
      assert.throws(
        () => getSync(`${prefix}/none`),
        (error) => StoreError.is(error, 'not-found'),
      );
      if (!store.capabilities.rangeRead) return;
      sameBytes(getSync(`${prefix}/a`, { range: { start: 7, end: 9 } }), bytes.subarray(7, 9), 'bytes 7 to 9');
      sameBytes(
        getSync(`${prefix}/a`, { range: { start: MIB, end: 9 * MIB } }),
        bytes.subarray(MIB),
        'a range past the end',
      );
    },
  },
];
