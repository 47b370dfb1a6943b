import assert from 'node:assert/strict';
import { pattern, text, whole } from '../bytes.ts';
import type { Case } from '../case.ts';
import { rejectsAs, sameNames } from '../expect.ts';
import { type DatastoreSubject, inParallel, list, listKeys } from './subject.ts';

const MANY = 10_000;
/** Concurrent puts while a case fills the store. */
const WIDTH = 32;

async function fill({ store, prefix }: DatastoreSubject, names: readonly string[]): Promise<void> {
  await inParallel(names.length, WIDTH, async (index) => {
    const name = names[index] ?? '';
    await store.put(`${prefix}/${name}`, text(name));
  });
}

/** Names that start alike, and near misses of each. */
const TRAPS = [
  'run',
  'run-2',
  'run.x',
  'run_x',
  'runx',
  'runs/1',
  'runs/10',
  'runs/1a/z',
  'runs-old/1',
  'ru',
  'b/run/1',
];
const TRAP_PREFIXES = [
  'run',
  'run-',
  'run.',
  'run_',
  'runs',
  'runs/',
  'runs/1',
  'runs/10',
  'runs/1a',
  'runs/1a/',
  'b/run',
  'ru',
];

/** Cases about lists by prefix. */
export const listCases: readonly Case<DatastoreSubject>[] = [
  {
    name: 'lists each object once with what stat says of it',
    async run(subject) {
      const { store, prefix } = subject;
      const sizes = { a: 0, 'b/c': 1, 'b/d/e': 5000, 'b.c': 70_000 };
      for (const [name, size] of Object.entries(sizes)) await store.put(`${prefix}/${name}`, whole(pattern(size)));
      const found = await list(store, `${prefix}/`);
      sameNames(
        found.map((info) => info.key),
        Object.keys(sizes).map((name) => `${prefix}/${name}`),
        'the list',
      );
      for (const info of found)
        assert.deepEqual({ ...info }, { ...(await store.stat(info.key)) }, `what the list says of ${info.key}`);
    },
  },
  {
    name: 'takes a prefix as the start of a string, not as a folder or a pattern',
    async run(subject) {
      const { store, prefix } = subject;
      await fill(subject, TRAPS);
      for (const start of TRAP_PREFIXES) {
        const wanted = TRAPS.filter((name) => name.startsWith(start)).map((name) => `${prefix}/${name}`);
        sameNames(await listKeys(store, `${prefix}/${start}`), wanted, `the list of "${start}"`);
      }
    },
  },
  {
    name: 'lists an object by its whole key as prefix',
    async run(subject) {
      const { store, prefix } = subject;
      await fill(subject, ['a/b', 'a/b2']);
      sameNames(await listKeys(store, `${prefix}/a/b2`), [`${prefix}/a/b2`], 'the list of a whole key');
      sameNames(await listKeys(store, `${prefix}/a/b2/`), [], 'the list of a whole key and a slash');
    },
  },
  {
    name: 'lists the objects at a prefix that ends in the middle of a folder name',
    async run(subject) {
      const { store, prefix } = subject;
      await fill(subject, ['folder/a', 'folder/b/c', 'fold', 'older/a']);
      const wanted = ['folder/a', 'folder/b/c', 'fold'].map((name) => `${prefix}/${name}`);
      sameNames(await listKeys(store, `${prefix}/fol`), wanted, 'the list');
    },
  },
  {
    name: 'lists nothing, without an error, where no key starts with the prefix',
    async run(subject) {
      const { store, prefix } = subject;
      await fill(subject, ['a/b']);
      for (const start of ['c', 'a/c', 'a/b/c', 'no/such/folder/', 'aa']) {
        assert.deepEqual(await listKeys(store, `${prefix}/${start}`), [], `the list of "${start}"`);
      }
    },
  },
  {
    name: 'lists nothing for a prefix that no key can have',
    async run(subject) {
      const { store, prefix } = subject;
      await fill(subject, ['a/b', 'c']);
      for (const start of ['../', './', 'a/../', 'A', 'a//', '%', '*', 'a/?', '[a-c]']) {
        assert.deepEqual(await listKeys(store, `${prefix}/${start}`), [], `the list of "${start}"`);
      }
    },
  },
  {
    name: `lists ${MANY.toLocaleString('en')} objects, each once`,
    heavy: true,
    async run(subject) {
      const names = Array.from({ length: MANY }, (_, index) => `${index % 7 === 0 ? 'sub/' : ''}${index}`);
      await fill(subject, names);
      const keys = names.map((name) => `${subject.prefix}/${name}`);
      sameNames(await listKeys(subject.store, `${subject.prefix}/`), keys, `the list of ${MANY}`);
    },
  },
  {
    name: 'lets a reader leave the list early, and start again',
    async run(subject) {
      const { store, prefix } = subject;
      await fill(subject, ['a', 'b', 'c/d', 'c/e']);
      for (let round = 0; round < 3; round++) {
        for await (const info of store.list(`${prefix}/`)) {
          assert.ok(info.key.startsWith(prefix));
          break;
        }
      }
      assert.equal((await listKeys(store, `${prefix}/`)).length, 4, 'objects listed after lists were left early');
    },
  },
  {
    name: 'lists every object that stays while others come and go',
    async run(subject) {
      const { store, prefix } = subject;
      const staying = Array.from({ length: 100 }, (_, index) => `stay/${index}`);
      const going = Array.from({ length: 100 }, (_, index) => `go/${index}/x`);
      await fill(subject, [...staying, ...going]);
      const found: string[] = [];
      let turn = 0;
      for await (const info of store.list(`${prefix}/`)) {
        found.push(info.key);
        if (turn < going.length) {
          await store.delete(`${prefix}/${going[turn]}`);
          await store.put(`${prefix}/come/${turn}`, text('new'));
        }
        turn += 1;
      }
      const stayed = found.filter((key) => key.startsWith(`${prefix}/stay/`));
      sameNames(
        stayed,
        staying.map((name) => `${prefix}/${name}`),
        'the objects that stayed',
      );
      assert.equal(new Set(found).size, found.length, 'an object was listed twice');
    },
  },
  {
    name: 'rejects a list that is aborted on the way with the reason',
    async run(subject) {
      await fill(
        subject,
        Array.from({ length: 20 }, (_, index) => `${index}`),
      );
      const reason = new Error('seen enough');
      const controller = new AbortController();
      await rejectsAs(reason, 'a list aborted at its first object', async () => {
        for await (const info of subject.store.list(`${subject.prefix}/`, { signal: controller.signal })) {
          assert.ok(info.key);
          controller.abort(reason);
        }
      });
    },
  },
];
