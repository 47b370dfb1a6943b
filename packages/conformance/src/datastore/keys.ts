import assert from 'node:assert/strict';
import { text } from '../bytes.ts';
import type { Case } from '../case.ts';
import { rejectsWith, sameNames } from '../expect.ts';
import { type DatastoreSubject, listKeys, read } from './subject.ts';

const MAX_KEY = 512;
const ODD = [
  '0',
  '-',
  '_',
  '...',
  '.hidden',
  '..x',
  'x.',
  'x..',
  '-rf',
  '--help',
  '_.-',
  'a.b',
  'a_b',
  'a-b',
  'a--b',
  '2d2d',
  'tmp',
  'a.tmp',
  'index.html',
  '.tmp/a',
  '.git/config',
  'meta.json',
  '__proto__',
  'constructor',
  'x/.../y',
  'x/.a/-b/_c',
  'latest',
];
const OUTSIDE = [
  'A',
  'aB',
  'ä',
  'a b',
  ' a',
  'a\\b',
  'a%2fb',
  'a+b',
  'a:b',
  'a~b',
  'a\u0000b',
  'a\nb',
  'a*',
  '//',
  'a//b',
  '/a',
  'a/',
  '/',
  '.',
  '..',
  './a',
  '../a',
  'a/./b',
  'a/../b',
  'a/..',
  '',
];

/** Fills up `prefix` to exactly `length` bytes with segments that any file system takes. */
function longKey(prefix: string, length: number): string {
  let key = prefix;
  while (key.length < length) {
    const rest = length - key.length - 1;
    // A single byte must not be left for the next round: it would have to be a slash.
    const take = rest > 200 && rest - 200 < 2 ? 150 : Math.min(200, rest);
    key += `/${'k'.repeat(take)}`;
  }
  return key;
}

/** Cases about the grammar of keys: all of it is accepted, nothing else is. */
export const keyCases: readonly Case<DatastoreSubject>[] = [
  {
    name: 'takes every key of the grammar as it is',
    async run({ store, prefix }) {
      for (const name of ODD) await store.put(`${prefix}/${name}`, text(`this is ${name}`));
      for (const name of ODD) {
        assert.equal(
          Buffer.from(await read(store, `${prefix}/${name}`)).toString(),
          `this is ${name}`,
          `object "${name}"`,
        );
        assert.equal((await store.stat(`${prefix}/${name}`))?.key, `${prefix}/${name}`, `stat of "${name}"`);
      }
      sameNames(
        await listKeys(store, `${prefix}/`),
        ODD.map((name) => `${prefix}/${name}`),
        'the list of odd keys',
      );
    },
  },
  {
    name: `takes a key of ${MAX_KEY} bytes`,
    async run({ store, prefix }) {
      const key = longKey(prefix, MAX_KEY);
      assert.equal(key.length, MAX_KEY);
      await store.put(key, text('long'));
      assert.equal(Buffer.from(await read(store, key)).toString(), 'long');
      assert.deepEqual(await listKeys(store, key.slice(0, -1)), [key], 'the list of the longest key');
      await store.delete(key);
      assert.equal(await store.stat(key), undefined, 'the longest key once it is deleted');
    },
  },
  {
    name: `refuses a key of ${MAX_KEY + 1} bytes with unsupported`,
    async run({ store, prefix }) {
      const key = longKey(prefix, MAX_KEY + 1);
      await rejectsWith('unsupported', 'put of a key that is too long', () => store.put(key, text('x')));
    },
  },
  {
    name: 'refuses to write a key outside the grammar with unsupported',
    async run({ store, prefix }) {
      for (const name of OUTSIDE) {
        const key = `${prefix}/${name}`;
        await rejectsWith('unsupported', `put of ${JSON.stringify(key)}`, () => store.put(key, text('x')));
      }
      for (const key of ['', '/', `/${prefix}`, '.', '..']) {
        await rejectsWith('unsupported', `put of ${JSON.stringify(key)}`, () => store.put(key, text('x')));
      }
    },
  },
  {
    name: 'refuses to read, look up or delete a key outside the grammar with unsupported',
    async run({ store, prefix }) {
      for (const name of OUTSIDE) {
        const key = `${prefix}/${name}`;
        await rejectsWith('unsupported', `get of ${JSON.stringify(key)}`, () => store.get(key));
        await rejectsWith('unsupported', `stat of ${JSON.stringify(key)}`, () => store.stat(key));
        await rejectsWith('unsupported', `delete of ${JSON.stringify(key)}`, () => store.delete(key));
      }
    },
  },
];
