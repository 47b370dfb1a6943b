import { setImmediate } from 'node:timers/promises';
import { type Datastore, type GetOptions, type PutOptions, StoreError } from '@varve/core/contract';
import { type Broken, broken, collect, only, putUnchecked, whole } from './broken.ts';

export const brokenRaces: Broken<Datastore>[] = [
  broken(
    'looks, then writes',
    [
      'lets exactly one of 20 conditional creates win',
      'lets exactly one of 20 conditional creates win between two handles',
    ],
    (_, good) => ({
      async put(key, body, options: PutOptions = {}) {
        if (options.ifAbsent === true && (await good.stat(key)) !== undefined)
          throw new StoreError('already-exists', 'taken', { key });
        await setImmediate();
        return good.put(key, body, { ...options, ifAbsent: false });
      },
    }),
  ),
  broken(
    'locks conditional creates within one handle only',
    ['lets exactly one of 20 conditional creates win between two handles'],
    (_, good) => {
      let last: Promise<unknown> = Promise.resolve();
      return {
        async put(key, body, options: PutOptions = {}) {
          if (options.ifAbsent !== true) return good.put(key, body, options);
          const turn = last.then(async () => {
            if ((await good.stat(key)) !== undefined) throw new StoreError('already-exists', 'taken', { key });
            await setImmediate();
            return good.put(key, body, { ...options, ifAbsent: false });
          });
          last = turn.catch(() => undefined);
          return turn;
        },
      };
    },
  ),
  broken(
    'says unavailable when the key is taken',
    ['refuses a conditional create of a taken key, and keeps the object'],
    (_, good) => ({
      put: (key, body, options) =>
        good.put(key, body, options).catch((error: unknown) => {
          throw StoreError.is(error, 'already-exists') ? new StoreError('unavailable', 'conflict', { key }) : error;
        }),
    }),
  ),
  broken(
    'publishes an object as it grows',
    [
      'shows nothing of an object while it is written',
      'gives readers all of the old or all of the new object while it is replaced',
    ],
    (store, good) => ({
      async put(key, body, options) {
        if (body.bytes !== undefined || body.size > 1_000_000 || body.size < 300_000)
          return good.put(key, body, options);
        let grown = new Uint8Array();
        for await (const chunk of body.open()) {
          grown = new Uint8Array(Buffer.concat([grown, chunk]));
          putUnchecked(store.place, key, grown);
        }
      },
    }),
  ),
  broken('looks the object up again for every chunk', ['gives a slow reader no mixture of two objects'], (_, good) => ({
    async get(key, options: GetOptions = {}) {
      const first = await collect(await good.get(key, options));
      const { start, end } = options.range ?? { start: 0, end: first.length };
      return (async function* () {
        for (let at = start; at < Math.min(end, start + first.length); at += 1_000_000) {
          yield* await good.get(key, { ...options, range: { start: at, end: Math.min(end, at + 1_000_000) } });
        }
      })();
    },
  })),
  broken('reads into one buffer for all readers', ['serves readers of one object independently'], (_, good) => {
    const shared = new Uint8Array(1_000_000);
    return {
      async get(key, options) {
        const stream = await good.get(key, options);
        return (async function* () {
          for await (const chunk of stream) {
            for (let start = 0; start < chunk.length; start += shared.length) {
              const piece = chunk.subarray(start, start + shared.length);
              shared.set(piece);
              yield shared.subarray(0, piece.length);
            }
          }
        })();
      },
    };
  }),
  broken('collects every body in one buffer', ['takes many puts at once'], (_, good) => {
    let shared: Uint8Array[] = [];
    return {
      async put(key, body, options) {
        if (body.bytes !== undefined || body.size > 1000 || body.size === 0) return good.put(key, body, options);
        shared = [];
        for await (const chunk of body.open()) shared.push(chunk);
        return good.put(key, whole(Buffer.concat(shared)), options);
      },
    };
  }),
];

export const brokenRanges: Broken<Datastore>[] = [
  broken(
    'counts the end of a range in, as HTTP does',
    ['serves the bytes from start up to, not including, end', 'serves an empty range as nothing'],
    (_, good) => ({
      get: (key, options) =>
        good.get(
          key,
          rangeOf(options, ({ start, end }) => ({ start, end: end + 1 })),
        ),
    }),
  ),
  broken('rejects a range past the end', ['cuts a range past the end at the end'], (_, good) => ({
    async get(key, options) {
      const size = (await good.stat(key))?.size ?? Infinity;
      if ((options?.range?.end ?? 0) > size) throw new StoreError('unexpected', '416', { key });
      return good.get(key, options);
    },
  })),
  broken(
    'rejects a range that starts at the end',
    ['serves a range that starts at or past the end as nothing'],
    (_, good) => ({
      async get(key, options) {
        const size = (await good.stat(key))?.size ?? Infinity;
        if ((options?.range?.start ?? 0) >= size) throw new StoreError('unexpected', '416', { key });
        return good.get(key, options);
      },
    }),
  ),
  broken('takes an end of 0 for no end', ['serves an empty range as nothing'], (_, good) => ({
    get: (key, options) =>
      good.get(
        key,
        rangeOf(options, ({ start, end }) => ({ start, end: end || Infinity })),
      ),
  })),
  broken('rounds a range to blocks of 1 MiB', ['serves a range of a large object'], (_, good) => ({
    get: (key, options) =>
      good.get(
        key,
        rangeOf(options, ({ start, end }) => ({ start: start > 1e6 ? start - (start % 1048576) : start, end })),
      ),
  })),
  broken('answers an empty range without a look', ['rejects a range of a free key with not-found'], (_, good) => ({
    get: async (key, options) =>
      options?.range !== undefined && options.range.start === options.range.end ? only() : good.get(key, options),
  })),
];

function rangeOf(
  options: GetOptions | undefined,
  change: (range: { start: number; end: number }) => { start: number; end: number },
): GetOptions {
  return options?.range === undefined ? { ...options } : { ...options, range: change(options.range) };
}
