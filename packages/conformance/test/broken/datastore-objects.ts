import { type Datastore, StoreError } from '@varve/core/contract';
import { checkKey } from '../reference/memory-datastore.ts';
import { type Broken, broken, collect, only, putUnchecked, whole } from './broken.ts';

export const brokenObjects: Broken<Datastore>[] = [
  broken('keeps only the last chunk of a stream', ['reads back the bytes of a streamed body'], (_, good) => ({
    async put(key, body, options) {
      if (body.bytes !== undefined || body.size > 300_000) return good.put(key, body, options);
      let last = new Uint8Array();
      for await (const chunk of body.open()) last = Uint8Array.from(chunk);
      return good.put(key, whole(last), options);
    },
  })),
  broken('decodes bytes in memory as text', ['reads back the bytes of a body that is in memory'], (_, good) => ({
    put: (key, body, options) =>
      good.put(
        key,
        body.bytes?.length === body.size ? whole(Buffer.from(Buffer.from(body.bytes).toString())) : body,
        options,
      ),
  })),
  broken(
    'ignores the range of a synchronous read',
    ['serves in one synchronous call, where it can, what it streams'],
    (_, good) => ({ getSync: (key) => good.getSync?.(key) ?? new Uint8Array() }),
  ),
  broken('takes an empty object for an absent one', ['keeps an empty object'], (_, good) => ({
    async stat(key, options) {
      const info = await good.stat(key, options);
      return info?.size === 0 ? undefined : info;
    },
  })),
  broken('gives an empty chunk at the end', ['reads back a large object, in chunks that are not empty'], (_, good) => ({
    async get(key, options) {
      const bytes = await collect(await good.get(key, options));
      return bytes.length > 10_000_000 ? only(bytes, new Uint8Array()) : only(...(bytes.length > 0 ? [bytes] : []));
    },
  })),
  broken(
    'writes over the old bytes in place',
    ['replaces an object by a shorter one without a rest of the old'],
    (_, good) => ({
      async put(key, body, options) {
        const old = body.bytes && (await good.stat(key)) ? await collect(await good.get(key)) : new Uint8Array();
        if (body.bytes === undefined || options?.ifAbsent === true || old.length <= body.size)
          return good.put(key, body, options);
        old.set(body.bytes);
        return good.put(key, whole(old), options);
      },
    }),
  ),
  broken(
    'looks whether ifAbsent is given, not what it says',
    ['replaces an object when ifAbsent is false'],
    (_, good) => ({
      put: (key, body, options) =>
        good.put(key, body, options !== undefined && 'ifAbsent' in options ? { ...options, ifAbsent: true } : options),
    }),
  ),
  broken(
    'keeps and gives out the very buffer it was given',
    ['keeps its own copy of the bytes it is given and gives out'],
    (store, good) => ({
      async put(key, body, options) {
        await good.put(key, body, options);
        if (body.bytes !== undefined) putUnchecked(store.place, key, body.bytes);
      },
    }),
  ),
  broken(
    'says not-found only when the stream is read',
    ['rejects a get of a free key with not-found, before the first byte'],
    (_, good) => ({
      async get(key, options) {
        checkKey(key);
        options?.signal?.throwIfAborted();
        return (async function* () {
          yield* await good.get(key, options);
        })();
      },
    }),
  ),
  broken('throws from stat when the key is free', ['answers a stat of a free key with undefined'], (_, good) => ({
    async stat(key, options) {
      const info = await good.stat(key, options);
      if (info === undefined) throw new StoreError('not-found', `there is no "${key}"`, { key });
      return info;
    },
  })),
  broken('tells the size in KiB', ['answers a stat of an object with its key and size'], (_, good) => ({
    async stat(key, options) {
      const info = await good.stat(key, options);
      return info && { ...info, size: info.size > 1024 ? Math.ceil(info.size / 1024) : info.size };
    },
  })),
  broken('deletes every key that starts with the deleted one', ['deletes one object and no other'], (store, good) => ({
    async delete(key, options) {
      await good.delete(key, options);
      for (const other of [...store.place.objects.keys()]) if (other.startsWith(key)) store.place.objects.delete(other);
    },
  })),
  broken(
    'deletes a folder with what is in it',
    ['keeps the objects beneath a key that is itself deleted or looked up'],
    (store, good) => ({
      async delete(key, options) {
        await good.delete(key, options);
        for (const other of [...store.place.objects.keys()])
          if (other.startsWith(`${key}/`)) store.place.objects.delete(other);
      },
    }),
  ),
  broken('throws when there is nothing to delete', ['deletes what is not there without an error'], (_, good) => ({
    async delete(key, options) {
      if ((await good.stat(key, options)) === undefined)
        throw new StoreError('not-found', `there is no "${key}"`, { key });
      return good.delete(key, options);
    },
  })),
  broken('throws ENOTDIR beneath an object', ['answers beneath an object that nothing is there'], (store, good) => ({
    async stat(key, options) {
      checkKey(key);
      const parents = key.split('/').map((_, index, parts) => parts.slice(0, index).join('/'));
      if (parents.some((parent) => store.place.objects.has(parent)))
        throw new StoreError('unexpected', 'ENOTDIR', { key });
      return good.stat(key, options);
    },
  })),
  broken(
    'leaves a folder behind that blocks its own name',
    ['takes a key whose name was a folder until its objects were deleted'],
    (_store, good) => {
      const folders = new Set<string>();
      return {
        async put(key, body, options) {
          if (folders.has(key)) throw new StoreError('unexpected', 'EISDIR', { key });
          await good.put(key, body, options);
          for (let end = key.lastIndexOf('/'); end > 0; end = key.lastIndexOf('/', end - 1))
            folders.add(key.slice(0, end));
        },
      };
    },
  ),
  broken('copies by making a second name', ['copies an object, and replaces what was there'], (_store, good) => {
    const aliases = new Map<string, string>();
    return {
      async copy(from, to) {
        await good.copy(from, to);
        aliases.set(to, from);
      },
      get: (key, options) => good.get(aliases.get(key) ?? key, options),
    };
  }),
  broken('copies nothing when the source is missing', ['rejects a copy of a free key with not-found'], (_, good) => ({
    async copy(from, to) {
      if ((await good.stat(from)) !== undefined) await good.copy(from, to);
    },
  })),
];
