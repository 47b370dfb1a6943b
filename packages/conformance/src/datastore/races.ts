import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { type Datastore, StoreError } from '@varve/core/contract';
import { collect, pattern, scripted, sha256, streamed, text } from '../bytes.ts';
import type { Case } from '../case.ts';
import { rejectsWith, sameBytes } from '../expect.ts';
import { type DatastoreSubject, listKeys, read, withAnother } from './subject.ts';

const RACERS = 20;
const MIB = 1024 * 1024;

/** Lets every racer write at once: exactly one must win, and its bytes must be the object. */
async function race(stores: readonly Datastore[], key: string): Promise<void> {
  const outcomes = await Promise.allSettled(
    Array.from({ length: RACERS }, async (_, racer) => {
      const store = stores[racer % stores.length];
      const bytes = pattern(3000 + racer, racer);
      await store?.put(key, racer % 2 === 0 ? streamed(bytes, 1000) : { ...streamed(bytes), bytes }, {
        ifAbsent: true,
      });
      return racer;
    }),
  );
  const winners = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  assert.equal(winners.length, 1, `of ${RACERS} conditional creates of one key, ${winners.length} succeeded`);
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled') continue;
    const code = StoreError.is(outcome.reason) ? outcome.reason.code : String(outcome.reason);
    assert.equal(code, 'already-exists', `a loser was rejected with ${code}`);
  }
  const [winner = -1] = winners;
  for (const store of stores) sameBytes(await read(store, key), pattern(3000 + winner, winner), "the winner's object");
}

/** Cases about many concurrent writers and readers. */
export const raceCases: readonly Case<DatastoreSubject>[] = [
  {
    name: 'lets exactly one of 20 conditional creates win',
    needs: ['conditionalPut'],
    async run({ store, prefix }) {
      for (const round of [1, 2, 3]) await race([store], `${prefix}/round/${round}`);
    },
  },
  {
    name: 'lets exactly one of 20 conditional creates win between two handles',
    needs: ['conditionalPut', 'reopen'],
    run: (subject) =>
      withAnother(subject, async (other) => {
        for (const round of [1, 2, 3]) await race([subject.store, other], `${subject.prefix}/round/${round}`);
      }),
  },
  {
    name: 'refuses a conditional create of a taken key, and keeps the object',
    needs: ['conditionalPut'],
    async run({ store, prefix }) {
      const key = `${prefix}/a`;
      await store.put(key, text('first'));
      const error = await rejectsWith('already-exists', 'conditional put', () =>
        store.put(key, text('second'), { ifAbsent: true }),
      );
      assert.equal(error.key, key, 'the key that the error names');
      assert.equal(error.retryable, false, 'whether the error says that it can be retried');
      assert.equal(Buffer.from(await read(store, key)).toString(), 'first');
      await store.delete(key);
      await store.put(key, text('third'), { ifAbsent: true });
      assert.equal(Buffer.from(await read(store, key)).toString(), 'third', 'a conditional create after a delete');
    },
  },
  {
    name: 'shows nothing of an object while it is written',
    async run({ store, prefix }) {
      const key = `${prefix}/a`;
      const bytes = pattern(600_000, 21);
      const body = scripted(bytes.length, async function* () {
        for (let start = 0; start < bytes.length; start += 200_000) {
          yield bytes.subarray(start, start + 200_000);
          assert.equal(await store.stat(key), undefined, 'stat of an object that is being written');
          await rejectsWith('not-found', 'get of an object that is being written', () => store.get(key));
          assert.deepEqual(await listKeys(store, `${prefix}/`), [], 'list of an object that is being written');
        }
      });
      await store.put(key, body);
      sameBytes(await read(store, key), bytes, 'the object once it is written');
    },
  },
  {
    name: 'gives readers all of the old or all of the new object while it is replaced',
    async run({ store, prefix }) {
      const key = `${prefix}/a`;
      const versions = [pattern(600_000, 22), pattern(400_000, 23)] as const;
      const known = new Set(versions.map(sha256));
      await store.put(key, streamed(versions[0]));
      let writing = true;
      const reader = async (): Promise<void> => {
        while (writing) {
          const found = sha256(await read(store, key));
          assert.ok(known.has(found), 'a reader got neither the old nor the new object');
          await setImmediate();
        }
      };
      const writer = async (): Promise<void> => {
        for (let turn = 1; turn <= 10; turn++) await store.put(key, slow(versions[turn % 2 === 0 ? 0 : 1]));
      };
      await Promise.all([writer().finally(() => (writing = false)), reader(), reader()]);
    },
  },
  {
    name: 'gives a slow reader no mixture of two objects',
    heavy: true,
    async run({ store, prefix }) {
      const key = `${prefix}/a`;
      const [old, fresh] = [pattern(8 * MIB, 24), pattern(8 * MIB, 25)];
      await store.put(key, streamed(old, MIB));
      const stream = (await store.get(key))[Symbol.asyncIterator]();
      const first = await stream.next();
      await store.put(key, streamed(fresh, MIB));
      const chunks: Uint8Array[] = first.done === true ? [] : [first.value];
      try {
        for (let next = await stream.next(); next.done !== true; next = await stream.next()) chunks.push(next.value);
      } catch {
        return; // Refusing to go on is an answer; a mixture is not.
      }
      const found = sha256(Buffer.concat(chunks));
      assert.ok([sha256(old), sha256(fresh)].includes(found), 'a reader got a mixture of two objects');
    },
  },
  {
    name: 'serves readers of one object independently',
    async run({ store, prefix }) {
      const bytes = pattern(3 * MIB, 26);
      await store.put(`${prefix}/a`, streamed(bytes));
      const streams = await Promise.all([store.get(`${prefix}/a`), store.get(`${prefix}/a`)]);
      const read = await Promise.all(streams.map(collect));
      for (const found of read) sameBytes(found, bytes, 'what one of two readers got');
    },
  },
  {
    name: 'takes many puts at once',
    async run({ store, prefix }) {
      const keys = Array.from({ length: 50 }, (_, index) => `${prefix}/${index % 5}/${index}`);
      await Promise.all(keys.map((key, index) => store.put(key, streamed(pattern(500 + index, index), 100))));
      for (const [index, key] of keys.entries()) sameBytes(await read(store, key), pattern(500 + index, index), key);
    },
  },
];

function slow(bytes: Uint8Array): ReturnType<typeof scripted> {
  return scripted(bytes.length, async function* () {
    for (let start = 0; start < bytes.length; start += 100_000) {
      yield bytes.subarray(start, start + 100_000);
      await setImmediate();
    }
  });
}
