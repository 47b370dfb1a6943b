import { type CallOptions, type Datastore, type ObjectInfo, StoreError } from '@varve/core/contract';
import type { MemoryDatastore } from '../reference/memory-datastore.ts';
import { type Broken, broken, collectList } from './broken.ts';

function listing(
  mistake: string,
  failing: readonly string[],
  list: (good: MemoryDatastore, prefix: string, options: CallOptions) => AsyncIterable<ObjectInfo>,
): Broken<Datastore> {
  return broken(mistake, failing, (_, good) => ({ list: (prefix, options = {}) => list(good, prefix, options) }));
}

export const brokenLists: Broken<Datastore>[] = [
  listing(
    'leaves the size of a listed object at 0',
    ['lists each object once with what stat says of it'],
    async function* (good, prefix, options) {
      for await (const info of good.list(prefix, options)) yield { ...info, size: 0 };
    },
  ),
  listing(
    'takes a prefix for a folder',
    [
      'takes a prefix as the start of a string, not as a folder or a pattern',
      'lists an object by its whole key as prefix',
      'lists the objects at a prefix that ends in the middle of a folder name',
    ],
    async function* (good, prefix, options) {
      for await (const info of good.list(prefix.replace(/\/$/, ''), options))
        if (info.key.startsWith(`${prefix.replace(/\/$/, '')}/`)) yield info;
    },
  ),
  listing(
    'takes a prefix for a regular expression',
    [
      'takes a prefix as the start of a string, not as a folder or a pattern',
      'lists nothing for a prefix that no key can have',
    ],
    async function* (good, prefix, options) {
      const wanted = new RegExp(`^${prefix}`);
      for await (const info of good.list('', options)) if (wanted.test(info.key)) yield info;
    },
  ),
  listing(
    'throws where a folder is missing',
    ['lists nothing, without an error, where no key starts with the prefix'],
    async function* (good, prefix, options) {
      let found = false;
      for await (const info of good.list(prefix, options)) {
        found = true;
        yield info;
      }
      if (!found) throw new StoreError('not-found', 'ENOENT');
    },
  ),
  listing(
    'walks up a prefix with dots',
    ['lists nothing for a prefix that no key can have'],
    async function* (good, prefix, options) {
      yield* good.list(prefix.replace(/[^/]+\/\.\.\//, ''), options);
    },
  ),
  listing(
    'lists the first page only',
    [`lists ${(10_000).toLocaleString('en')} objects, each once`],
    async function* (good, prefix, options) {
      yield* (await collectList(good.list(prefix, options))).slice(0, 1000);
    },
  ),
  listing(
    'lists the last object of a page again on the next',
    [`lists ${(10_000).toLocaleString('en')} objects, each once`],
    async function* (good, prefix, options) {
      for (const [index, info] of (await collectList(good.list(prefix, options))).entries()) {
        if (index > 0 && index % 1000 === 0) yield info;
        yield info;
      }
    },
  ),
  broken(
    'keeps a lock when a list is left early',
    ['lets a reader leave the list early, and start again'],
    (_, good) => {
      let busy = false;
      return {
        async *list(prefix, options) {
          if (busy) throw new StoreError('unavailable', 'a list is going on');
          busy = true;
          for await (const info of good.list(prefix, options)) yield info;
          busy = false;
        },
      };
    },
  ),
  broken(
    'pages by position while objects come and go',
    ['lists every object that stays while others come and go'],
    (store) => ({
      async *list(prefix, options) {
        for (let index = 0; ; index++) {
          options?.signal?.throwIfAborted();
          const entry = [...store.place.objects]
            .filter(([key]) => key.startsWith(prefix))
            .sort(([a], [b]) => (a < b ? -1 : 1))[index];
          if (entry === undefined) return;
          yield { key: entry[0], size: entry[1].bytes.length, modifiedAt: entry[1].modifiedAt };
          if (index > 400) return;
        }
      },
    }),
  ),
  listing(
    'looks at the signal of a list at the start only',
    ['rejects a list that is aborted on the way with the reason'],
    async function* (good, prefix, options) {
      options.signal?.throwIfAborted();
      yield* good.list(prefix);
    },
  ),
];
