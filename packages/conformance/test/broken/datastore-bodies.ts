import type { Datastore, GetOptions } from '@varve/core/contract';
import { checkKey } from '../reference/memory-datastore.ts';
import { type Broken, broken, collect, putUnchecked, whole } from './broken.ts';

export const brokenBodies: Broken<Datastore>[] = [
  broken(
    'keeps what came before a body failed',
    [
      'leaves nothing of a body that fails',
      'rejects a put that is aborted while its body streams with the reason, and leaves nothing',
    ],
    (_, good) => ({
      async put(key, body, options) {
        const chunks: Uint8Array[] = [];
        try {
          for await (const chunk of body.open()) {
            chunks.push(Uint8Array.from(chunk));
            options?.signal?.throwIfAborted();
          }
        } catch (error) {
          if (chunks.length > 0) await good.put(key, whole(Buffer.concat(chunks)));
          throw error;
        }
        return good.put(key, body, options);
      },
    }),
  ),
  broken(
    'removes the old object before it opens the body',
    ['leaves nothing of a body that cannot be opened'],
    (store, good) => ({
      async put(key, body, options) {
        const old = store.place.objects.get(key);
        let opened = false;
        try {
          for await (const chunk of body.open()) opened ||= chunk !== undefined;
        } catch (error) {
          if (!opened) store.place.objects.delete(key);
          else if (old !== undefined) store.place.objects.set(key, old);
          throw error;
        }
        return good.put(key, body, options);
      },
    }),
  ),
  broken(
    'takes what a stream gives, whatever its length',
    [
      'refuses a body shorter than it says with corrupt',
      'leaves the key free when the body of a conditional create fails',
    ],
    (_, good) => ({
      put: async (key, body, options) =>
        good.put(
          key,
          body.bytes === undefined && body.size < 1_000_000 ? whole(await collect(body.open())) : body,
          options,
        ),
    }),
  ),
  broken(
    'stops reading at the length the body says',
    ['refuses a body longer than it says with corrupt'],
    (_, good) => ({
      async put(key, body, options) {
        if (body.bytes !== undefined || body.size > 300_000) return good.put(key, body, options);
        const bytes = await collect(body.open());
        return good.put(key, bytes.length > body.size ? whole(bytes.slice(0, body.size)) : body, options);
      },
    }),
  ),
  broken(
    'trusts the bytes in memory over the size',
    ['refuses bytes in memory of another length than the body says with corrupt'],
    (_, good) => ({
      put: (key, body, options) => good.put(key, body.bytes ? whole(body.bytes) : body, options),
    }),
  ),
  broken(
    'takes the key before it reads the body',
    [
      'leaves the key free when the body of a conditional create fails',
      'shows nothing of an object while it is written',
    ],
    (store, good) => ({
      async put(key, body, options) {
        checkKey(key);
        options?.signal?.throwIfAborted();
        if (store.place.objects.has(key)) return good.put(key, body, options);
        putUnchecked(store.place, key, new Uint8Array());
        return good.put(key, body, { ...options, ifAbsent: false });
      },
    }),
  ),
  broken(
    'never looks at the signal of a put',
    [
      'rejects a put that was aborted before with the reason, and leaves nothing',
      'rejects a put that is aborted while its body streams with the reason, and leaves nothing',
    ],
    (_, good) => ({
      put: (key, body, options) => good.put(key, body, { ifAbsent: options?.ifAbsent === true }),
    }),
  ),
  broken(
    'never looks at the signal of a delete',
    ['rejects every call that was aborted before with the reason'],
    (_, good) => ({
      delete: (key) => good.delete(key),
    }),
  ),
  broken(
    'never looks at the signal of a read once it goes',
    ['rejects a read that is aborted on the way with the reason'],
    (_, good) => ({
      async get(key, options: GetOptions = {}) {
        options.signal?.throwIfAborted();
        return good.get(key, options.range === undefined ? {} : { range: options.range });
      },
    }),
  ),
];
