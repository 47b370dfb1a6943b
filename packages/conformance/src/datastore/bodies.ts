import assert from 'node:assert/strict';
import type { Body, PutOptions } from '@varve/core/contract';
import { pattern, scripted, streamed, text, whole } from '../bytes.ts';
import type { Case } from '../case.ts';
import { rejection, rejectsAs, rejectsWith, sameBytes } from '../expect.ts';
import { type DatastoreSubject, listKeys, read } from './subject.ts';

const CHUNK = pattern(100_000, 11);

/** Yields two chunks, then fails as `fail` does. */
function failing(fail: () => void): Body {
  return scripted(CHUNK.length * 4, async function* () {
    yield CHUNK;
    yield CHUNK;
    fail();
    yield CHUNK;
    yield CHUNK;
  });
}

/** Runs a put that must fail, on a free key and over an object: the key must stay free, the object unchanged. */
async function leavesNothing(subject: DatastoreSubject, failPut: (key: string) => Promise<void>): Promise<void> {
  const { store, prefix } = subject;
  const old = pattern(1000, 12);
  await store.put(`${prefix}/taken`, whole(old));
  await failPut(`${prefix}/free`);
  await failPut(`${prefix}/taken`);
  assert.equal(await store.stat(`${prefix}/free`), undefined, 'stat after the put failed');
  await rejectsWith('not-found', 'get after the put failed', () => store.get(`${prefix}/free`));
  sameBytes(await read(store, `${prefix}/taken`), old, 'the old object after the put over it failed');
  assert.deepEqual(await listKeys(store, `${prefix}/`), [`${prefix}/taken`], 'the list after the puts failed');
}

function wrongLength(name: string, bodies: readonly Body[], options: PutOptions = {}): Case<DatastoreSubject> {
  return {
    name,
    run: (subject) =>
      leavesNothing(subject, async (key) => {
        for (const body of bodies) {
          await rejectsWith('corrupt', `put of a body of ${body.size} bytes`, () =>
            subject.store.put(key, body, options),
          );
        }
      }),
  };
}

/** Cases about bodies that fail, lie about their length, or are aborted. */
export const bodyCases: readonly Case<DatastoreSubject>[] = [
  {
    name: 'leaves nothing of a body that fails',
    run: (subject) =>
      leavesNothing(subject, async (key) => {
        const fail = (): void => {
          throw new Error('the disk of the body broke');
        };
        await rejection('put of a body that fails', () => subject.store.put(key, failing(fail)));
      }),
  },
  {
    name: 'leaves nothing of a body that cannot be opened',
    run: (subject) =>
      leavesNothing(subject, async (key) => {
        const body = scripted(3, () => {
          throw new Error('no such source');
        });
        await rejection('put of a body that cannot be opened', () => subject.store.put(key, body));
      }),
  },
  wrongLength('refuses a body shorter than it says with corrupt', [
    { ...streamed(CHUNK), size: CHUNK.length + 1 },
    { ...streamed(new Uint8Array()), size: 1 },
  ]),
  wrongLength('refuses a body longer than it says with corrupt', [
    { ...streamed(CHUNK), size: CHUNK.length - 1 },
    { ...streamed(CHUNK), size: 0 },
  ]),
  wrongLength('refuses bytes in memory of another length than the body says with corrupt', [
    { ...whole(CHUNK), size: CHUNK.length + 1 },
    { ...whole(CHUNK), size: CHUNK.length - 1 },
  ]),
  {
    name: 'leaves the key free when the body of a conditional create fails',
    needs: ['conditionalPut'],
    async run({ store, prefix }) {
      const key = `${prefix}/a`;
      const short = { ...streamed(CHUNK), size: CHUNK.length + 1 };
      await rejectsWith('corrupt', 'conditional put of a short body', () => store.put(key, short, { ifAbsent: true }));
      await store.put(key, text('second try'), { ifAbsent: true });
      assert.equal((await store.stat(key))?.size, 10);
    },
  },
  {
    name: 'rejects a put that was aborted before with the reason, and leaves nothing',
    run: (subject) =>
      leavesNothing(subject, async (key) => {
        const reason = new Error('not wanted any more');
        const options = { signal: AbortSignal.abort(reason) };
        await rejectsAs(reason, 'an aborted put', () => subject.store.put(key, streamed(CHUNK), options));
      }),
  },
  {
    name: 'rejects a put that is aborted while its body streams with the reason, and leaves nothing',
    run: (subject) =>
      leavesNothing(subject, async (key) => {
        const reason = new Error('changed my mind');
        const controller = new AbortController();
        const body = failing(() => controller.abort(reason));
        await rejectsAs(reason, 'a put aborted on the way', () =>
          subject.store.put(key, body, { signal: controller.signal }),
        );
      }),
  },
  {
    name: 'rejects every call that was aborted before with the reason',
    async run({ store, prefix }) {
      const reason = new Error('too late');
      const options = { signal: AbortSignal.abort(reason) };
      await store.put(`${prefix}/a`, text('x'));
      await rejectsAs(reason, 'an aborted get', () => store.get(`${prefix}/a`, options));
      await rejectsAs(reason, 'an aborted stat', () => store.stat(`${prefix}/a`, options));
      await rejectsAs(reason, 'an aborted delete', () => store.delete(`${prefix}/a`, options));
      await rejectsAs(reason, 'an aborted list', async () => {
        for await (const info of store.list(`${prefix}/`, options)) assert.ok(info);
      });
      assert.equal((await store.stat(`${prefix}/a`))?.size, 1, 'the object after an aborted delete');
    },
  },
  {
    name: 'rejects a read that is aborted on the way with the reason',
    heavy: true,
    async run({ store, prefix }) {
      const bytes = pattern(16 * 1024 * 1024, 13);
      await store.put(`${prefix}/a`, streamed(bytes));
      const reason = new Error('seen enough');
      const controller = new AbortController();
      await rejectsAs(reason, 'a read aborted after its first chunk', async () => {
        for await (const chunk of await store.get(`${prefix}/a`, { signal: controller.signal })) {
          assert.ok(chunk.length < bytes.length, 'the store gave all of a large object as one chunk');
          controller.abort(reason);
        }
      });
    },
  },
];
