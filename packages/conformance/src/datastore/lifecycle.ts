import assert from 'node:assert/strict';
import { scripted, text } from '../bytes.ts';
import type { Case } from '../case.ts';
import { rejectsWith } from '../expect.ts';
import { type DatastoreSubject, list, listKeys, read, withAnother } from './subject.ts';

/** Ms that a case waits for the clock of a store to advance: some count in seconds. */
const CLOCK_STEP = 5000;
const YEAR_2020 = Date.UTC(2020);
const YEAR_2100 = Date.UTC(2100);

/** Cases about handles, clocks and limits. */
export const lifecycleCases: readonly Case<DatastoreSubject>[] = [
  {
    name: 'has a name to show',
    async run({ store }) {
      assert.ok(store.name.trim().length > 0, 'the name is empty');
      assert.ok(!/[\r\n]/.test(store.name), 'the name has more than one line');
    },
  },
  {
    name: 'shows another handle at once what it wrote, replaced and deleted',
    needs: ['reopen'],
    run: (subject) =>
      withAnother(subject, async (other) => {
        const { store, prefix } = subject;
        assert.equal(await other.stat(`${prefix}/a`), undefined, 'stat before the put');
        await store.put(`${prefix}/a`, text('first'));
        assert.equal((await other.stat(`${prefix}/a`))?.size, 5, 'stat after the put');
        assert.equal(Buffer.from(await read(other, `${prefix}/a`)).toString(), 'first');
        assert.deepEqual(await listKeys(other, `${prefix}/`), [`${prefix}/a`]);
        await store.put(`${prefix}/a`, text('second'));
        assert.equal((await other.stat(`${prefix}/a`))?.size, 6, 'stat after the object was replaced');
        assert.equal(Buffer.from(await read(other, `${prefix}/a`)).toString(), 'second');
        await store.delete(`${prefix}/a`);
        assert.equal(await other.stat(`${prefix}/a`), undefined, 'stat after the delete');
        assert.deepEqual(await listKeys(other, `${prefix}/`), [], 'list after the delete');
      }),
  },
  {
    name: 'keeps what was written after the handle is closed',
    needs: ['reopen'],
    async run(subject) {
      await withAnother(subject, (other) => other.put(`${subject.prefix}/a`, text('kept')));
      assert.equal(Buffer.from(await read(subject.store, `${subject.prefix}/a`)).toString(), 'kept');
    },
  },
  {
    name: 'can be closed twice, and other handles go on',
    needs: ['reopen'],
    run: (subject) =>
      withAnother(subject, async (other) => {
        await other.put(`${subject.prefix}/a`, text('x'));
        await other.close?.();
        await other.close?.();
        assert.equal(
          (await subject.store.stat(`${subject.prefix}/a`))?.size,
          1,
          'a second handle after the first was closed',
        );
      }),
  },
  {
    name: 'gives the time of a write in ms since 1970',
    async run({ store, prefix }) {
      await store.put(`${prefix}/a`, text('x'));
      const at = (await store.stat(`${prefix}/a`))?.modifiedAt ?? Number.NaN;
      assert.ok(at > YEAR_2020 && at < YEAR_2100, `modifiedAt is ${at}`);
      assert.equal((await list(store, `${prefix}/a`))[0]?.modifiedAt, at, 'modifiedAt in the list');
    },
  },
  {
    name: 'moves the time of a write on when the object is replaced, and at no other time',
    async run({ store, prefix }) {
      const key = `${prefix}/a`;
      const modifiedAt = async () => (await store.stat(key))?.modifiedAt ?? Number.NaN;
      await store.put(key, text('x'));
      const first = await modifiedAt();
      const end = performance.now() + CLOCK_STEP;
      let replaced = first;
      while (replaced <= first && performance.now() < end) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        await read(store, key);
        assert.equal(await modifiedAt(), replaced, 'modifiedAt changed by reading');
        await store.put(key, text('y'));
        const next = await modifiedAt();
        assert.ok(next >= replaced, `modifiedAt went back from ${replaced} to ${next}`);
        replaced = next;
      }
      assert.ok(replaced > first, `modifiedAt stayed at ${first} when the object was replaced`);
    },
  },
  {
    name: 'refuses an object over its limit with too-large, before it reads the body',
    needs: ['maxObjectBytes'],
    async run({ store, prefix }) {
      const body = scripted(store.capabilities.maxObjectBytes + 1, () => {
        throw new Error('the body was opened');
      });
      await rejectsWith('too-large', 'put of an object over the limit', () => store.put(`${prefix}/a`, body));
    },
  },
];
