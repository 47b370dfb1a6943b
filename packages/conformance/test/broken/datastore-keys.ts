import { type Datastore, type ObjectInfo, StoreError } from '@varve/core/contract';
import { type Broken, broken, collect, putUnchecked } from './broken.ts';

function renaming(mistake: string, failing: readonly string[], rename: (key: string) => string): Broken<Datastore> {
  return broken(mistake, failing, (_, good) => ({
    put: (key, body, options) => good.put(rename(key), body, options),
    get: (key, options) => good.get(rename(key), options),
    async stat(key, options) {
      const info = await good.stat(rename(key), options);
      return info && { ...info, key };
    },
    delete: (key, options) => good.delete(rename(key), options),
  }));
}

export const brokenKeys: Broken<Datastore>[] = [
  renaming('drops the dot at the start of a name', ['takes every key of the grammar as it is'], (key) =>
    key.includes('/.h') ? key.replace('/.h', '/h') : key,
  ),
  renaming('cuts names at 200 bytes', ['takes a key of 512 bytes'], (key) =>
    key.length > 500 ? key.slice(0, 480) : key,
  ),
  broken('takes keys of any length', ['refuses a key of 513 bytes with unsupported'], (store, good) => ({
    async put(key, body, options) {
      if (key.length > 512) return putUnchecked(store.place, key, await collect(body.open()));
      return good.put(key, body, options);
    },
  })),
  broken(
    'takes any key for a write',
    ['refuses to write a key outside the grammar with unsupported'],
    (store, good) => ({
      async put(key, body, options) {
        if (body.size === 1) return putUnchecked(store.place, key, await collect(body.open()));
        return good.put(key, body, options);
      },
    }),
  ),
  renaming(
    'folds keys to lower case',
    [
      'refuses to write a key outside the grammar with unsupported',
      'refuses to read, look up or delete a key outside the grammar with unsupported',
    ],
    (key) => key.toLowerCase(),
  ),
  broken(
    'answers not-found for a key outside the grammar',
    ['refuses to read, look up or delete a key outside the grammar with unsupported'],
    (_, good) => ({
      get: (key, options) =>
        good.get(key, options).catch(() => {
          throw new StoreError('not-found', `there is no "${key}"`, { key });
        }),
    }),
  ),
];

export const brokenLifecycles: Broken<Datastore>[] = [
  broken('has no name', ['has a name to show'], () => ({ name: '' })),
  broken(
    'remembers what it has seen',
    ['shows another handle at once what it wrote, replaced and deleted'],
    (_, good) => {
      const seen = new Map<string, ObjectInfo | undefined>();
      return {
        async stat(key, options) {
          if (!seen.has(key)) seen.set(key, await good.stat(key, options));
          return seen.get(key);
        },
        async put(key, body, options) {
          seen.delete(key);
          return good.put(key, body, options);
        },
        async delete(key, options) {
          seen.delete(key);
          return good.delete(key, options);
        },
      };
    },
  ),
  broken('writes when it is closed, and forgets', ['keeps what was written after the handle is closed'], (_, good) => {
    const mine = new Set<string>();
    return {
      async put(key, body, options) {
        await good.put(key, body, options);
        mine.add(key);
      },
      async close() {
        for (const key of mine) await good.delete(key);
      },
    };
  }),
  broken('throws when it is closed again', ['can be closed twice, and other handles go on'], () => {
    let closed = false;
    return {
      async close() {
        if (closed) throw new Error('not open');
        closed = true;
      },
    };
  }),
  broken('gives times in seconds', ['gives the time of a write in ms since 1970'], (_, good) => ({
    async stat(key, options) {
      const info = await good.stat(key, options);
      return info && { ...info, modifiedAt: Math.floor(info.modifiedAt / 1000) };
    },
  })),
  broken(
    'gives the time of the look instead of the write',
    ['moves the time of a write on when the object is replaced, and at no other time'],
    (_, good) => {
      let looks = Date.now();
      return {
        async stat(key, options) {
          const info = await good.stat(key, options);
          looks += 1;
          return info && { ...info, modifiedAt: looks };
        },
      };
    },
  ),
  broken(
    'finds an object too large once it has come',
    ['refuses an object over its limit with too-large, before it reads the body'],
    (_, good) => ({
      async put(key, body, options) {
        if (body.size <= 64 * 1024 * 1024) return good.put(key, body, options);
        await collect(body.open());
        throw new StoreError('too-large', `"${key}" is too large`, { key });
      },
    }),
  ),
];
