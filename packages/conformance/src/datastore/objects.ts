import assert from 'node:assert/strict';
import { pattern, streamed, text, whole } from '../bytes.ts';
import type { Case } from '../case.ts';
import { rejectsWith, sameBytes } from '../expect.ts';
import { type DatastoreSubject, listKeys, read } from './subject.ts';

const MIB = 1024 * 1024;

/** Cases about writing, reading, looking up and deleting whole objects. */
export const objectCases: readonly Case<DatastoreSubject>[] = [
  {
    name: 'reads back the bytes of a streamed body',
    async run({ store, prefix }) {
      const bytes = pattern(200_000);
      await store.put(`${prefix}/a`, streamed(bytes, 7919));
      sameBytes(await read(store, `${prefix}/a`), bytes, 'what was read');
    },
  },
  {
    name: 'reads back the bytes of a body that is in memory',
    async run({ store, prefix }) {
      const bytes = pattern(300_000, 2);
      await store.put(`${prefix}/a`, whole(bytes));
      sameBytes(await read(store, `${prefix}/a`), bytes, 'what was read');
    },
  },
  {
    name: 'keeps an empty object',
    async run({ store, prefix }) {
      await store.put(`${prefix}/streamed`, streamed(new Uint8Array()));
      await store.put(`${prefix}/whole`, whole(new Uint8Array()));
      for (const key of [`${prefix}/streamed`, `${prefix}/whole`]) {
        assert.equal((await read(store, key)).length, 0, `${key} is not empty`);
        assert.equal((await store.stat(key))?.size, 0, `stat of the empty ${key}`);
      }
    },
  },
  {
    name: 'reads back a large object, in chunks that are not empty',
    heavy: true,
    async run({ store, prefix }) {
      const bytes = pattern(24 * MIB + 17, 3);
      await store.put(`${prefix}/large`, streamed(bytes, MIB));
      sameBytes(await read(store, `${prefix}/large`), bytes, 'the large object');
    },
  },
  {
    name: 'replaces an object by a shorter one without a rest of the old',
    async run({ store, prefix }) {
      await store.put(`${prefix}/a`, whole(pattern(50_000, 4)));
      const bytes = pattern(10, 5);
      await store.put(`${prefix}/a`, whole(bytes));
      sameBytes(await read(store, `${prefix}/a`), bytes, 'the object after it was replaced');
      assert.equal((await store.stat(`${prefix}/a`))?.size, 10, 'its size after it was replaced');
    },
  },
  {
    name: 'replaces an object when ifAbsent is false',
    async run({ store, prefix }) {
      await store.put(`${prefix}/a`, text('old'));
      await store.put(`${prefix}/a`, text('new'), { ifAbsent: false });
      assert.equal(Buffer.from(await read(store, `${prefix}/a`)).toString(), 'new');
    },
  },
  {
    name: 'keeps its own copy of the bytes it is given and gives out',
    async run({ store, prefix }) {
      const bytes = pattern(1000, 6);
      await store.put(`${prefix}/a`, whole(bytes));
      bytes.fill(0);
      for await (const chunk of await store.get(`${prefix}/a`)) chunk.fill(0);
      sameBytes(await read(store, `${prefix}/a`), pattern(1000, 6), 'the object after both buffers were overwritten');
    },
  },
  {
    name: 'rejects a get of a free key with not-found, before the first byte',
    async run({ store, prefix }) {
      const error = await rejectsWith('not-found', 'get of a free key', () => store.get(`${prefix}/free`));
      assert.equal(error.key, `${prefix}/free`, 'the key that the error names');
    },
  },
  {
    name: 'answers a stat of a free key with undefined',
    async run({ store, prefix }) {
      await store.put(`${prefix}/taken`, text('x'));
      assert.equal(await store.stat(`${prefix}/take`), undefined, 'stat of a free key');
      assert.equal(await store.stat(`${prefix}/taken2`), undefined, 'stat of a free key');
    },
  },
  {
    name: 'answers a stat of an object with its key and size',
    async run({ store, prefix }) {
      await store.put(`${prefix}/a`, streamed(pattern(70_001)));
      const info = await store.stat(`${prefix}/a`);
      assert.equal(info?.key, `${prefix}/a`);
      assert.equal(info?.size, 70_001);
    },
  },
  {
    name: 'deletes one object and no other',
    async run({ store, prefix }) {
      for (const name of ['a', 'ab', 'a.b', 'b/a', 'b/ab']) await store.put(`${prefix}/${name}`, text(name));
      await store.delete(`${prefix}/a`);
      await store.delete(`${prefix}/b/a`);
      assert.equal(await store.stat(`${prefix}/a`), undefined, 'stat of a deleted object');
      await rejectsWith('not-found', 'get of a deleted object', () => store.get(`${prefix}/b/a`));
      assert.deepEqual(
        (await listKeys(store, `${prefix}/`)).sort(),
        ['a.b', 'ab', 'b/ab'].map((name) => `${prefix}/${name}`),
        'what is left',
      );
    },
  },
  {
    name: 'deletes what is not there without an error',
    async run({ store, prefix }) {
      await store.delete(`${prefix}/never`);
      await store.delete(`${prefix}/never/ever`);
      await store.put(`${prefix}/a`, text('x'));
      await store.delete(`${prefix}/a`);
      await store.delete(`${prefix}/a`);
    },
  },
  {
    name: 'keeps the objects beneath a key that is itself deleted or looked up',
    async run({ store, prefix }) {
      await store.put(`${prefix}/a/b`, text('x'));
      assert.equal(await store.stat(`${prefix}/a`), undefined, 'stat of what is only the start of a key');
      await rejectsWith('not-found', 'get of what is only the start of a key', () => store.get(`${prefix}/a`));
      await store.delete(`${prefix}/a`);
      assert.equal((await store.stat(`${prefix}/a/b`))?.size, 1, 'the object beneath the deleted key');
    },
  },
  {
    name: 'answers beneath an object that nothing is there',
    async run({ store, prefix }) {
      await store.put(`${prefix}/a`, text('x'));
      assert.equal(await store.stat(`${prefix}/a/b`), undefined, 'stat beneath an object');
      await rejectsWith('not-found', 'get beneath an object', () => store.get(`${prefix}/a/b`));
      await store.delete(`${prefix}/a/b`);
      assert.deepEqual(await listKeys(store, `${prefix}/a/`), [], 'list beneath an object');
      assert.equal((await store.stat(`${prefix}/a`))?.size, 1, 'the object itself');
    },
  },
  {
    name: 'takes a key whose name was a folder until its objects were deleted',
    async run({ store, prefix }) {
      await store.put(`${prefix}/a/b/c`, text('x'));
      await store.delete(`${prefix}/a/b/c`);
      await store.put(`${prefix}/a`, text('now an object'));
      assert.equal((await store.stat(`${prefix}/a`))?.size, 13);
      await store.delete(`${prefix}/a`);
      await store.put(`${prefix}/a/b`, text('a folder again'));
      assert.equal((await store.stat(`${prefix}/a/b`))?.size, 14);
    },
  },
  {
    name: 'copies an object, and replaces what was there',
    needs: ['copy'],
    async run({ store, prefix }) {
      const bytes = pattern(90_000, 7);
      await store.put(`${prefix}/from`, whole(bytes));
      await store.put(`${prefix}/to`, text('old'));
      await store.copy?.(`${prefix}/from`, `${prefix}/to`);
      await store.copy?.(`${prefix}/from`, `${prefix}/new/place`);
      await store.put(`${prefix}/from`, text('changed later'));
      sameBytes(await read(store, `${prefix}/to`), bytes, 'the copy over an object');
      sameBytes(await read(store, `${prefix}/new/place`), bytes, 'the copy to a free key');
    },
  },
  {
    name: 'rejects a copy of a free key with not-found',
    needs: ['copy'],
    async run({ store, prefix }) {
      await rejectsWith('not-found', 'copy of a free key', async () => store.copy?.(`${prefix}/no`, `${prefix}/to`));
      assert.equal(await store.stat(`${prefix}/to`), undefined, 'the target of the failed copy');
    },
  },
];
