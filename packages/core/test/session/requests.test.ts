import { bytesOf, ManualClock, MemoryStore, runRecord } from '@varve/test-support';
import { describe, expect, it, vi } from 'vitest';
import { readEnvKey } from '../../src/cache/step-key.ts';
import type { RunEvent, Serializer } from '../../src/contract/index.ts';
import { type BeginRun, Session } from '../../src/session/index.ts';
import { ArtifactStore } from '../../src/store/artifacts/artifact-store.ts';
import { acquireLease } from '../../src/store/coordination/lease.ts';
import { DatastoreJournal } from '../../src/store/journal/journal-store.ts';
import { blobKey } from '../../src/store/objects/keys.ts';

const files = ['a.ts', 'b.ts'].map((path) => ({
  path,
  contents: bytesOf(`export const ${path[0]} = 1;`),
  imports: [],
}));
const large = { path: 'large.ts', contents: bytesOf(`// ${'x'.repeat(20_000)}`), imports: [] };
const code = { entry: 'a.ts', emit: 'esm', files: [...files, large] } as unknown as NonNullable<BeginRun['code']>;

function open(store: MemoryStore, clock = new ManualClock()): Session {
  return new Session(async () => ({
    ...{ store, clock, artifacts: new ArtifactStore({ store }), metadata: undefined },
    ...{ stateDir: '/none', serializer: undefined as unknown as Serializer, close: async () => {} },
  }));
}

const cached = (task: string): RunEvent => ({
  ...{ type: 'task-succeeded', at: 1, task, attempt: 1, via: 'cached', writes: {}, ms: 1, from: 'Flow/1/work' },
});

const callsOf = (store: MemoryStore, prefix: string) =>
  store.calls.filter(({ key }) => key.startsWith(prefix)).map(({ call }) => call);

/** A run from its start to its end, with one event. Returns its calls. */
async function runOnce(store: MemoryStore, id: string, ask?: (session: Session) => Promise<void>): Promise<void> {
  store.calls.length = 0;
  const session = open(store);
  const { number: _, ...record } = runRecord({ id });
  await session.begin({ record, code });
  const reference = { digest: `sha256:${'ab'.repeat(32)}`, size: 3, codec: 'json/1' };
  const event: RunEvent = {
    ...{
      type: 'task-succeeded',
      at: 1,
      task: 'work',
      attempt: 1,
      writes: { x: reference },
      ms: 1,
      reads: [],
      deletes: [],
      via: 'executed',
    },
  } as RunEvent;
  session.append(event, new Map([[reference.digest, bytesOf('[1]')]]));
  await ask?.(session);
  await session.end({ status: 'succeeded', endedAt: 1, counts: {} });
  await session.close();
}

describe('requests of a run', () => {
  it('whose code is stored already look up its list and each large file, and offer none', async () => {
    const store = new MemoryStore();
    await runOnce(store, '01j9zq0000000000000000000a');
    expect(callsOf(store, 'cas/').sort()).toEqual(['put', 'put', 'stat']);
    await runOnce(store, '01j9zq0000000000000000000b');
    expect(callsOf(store, 'cas/')).toEqual(['stat', 'stat']);
  });

  it('store a file of its code again that was lost, or is not whole', async () => {
    for (const damage of ['lost', 'cut'] as const) {
      const store = new MemoryStore();
      await runOnce(store, '01j9zq0000000000000000000a');
      const key = blobKey(new ArtifactStore({ store }).refer([large.contents], 'source/1').digest);
      if (damage === 'lost') store.objects.delete(key);
      else store.objects.set(key, { bytes: bytesOf('exp'), modifiedAt: 0 });
      await runOnce(store, '01j9zq0000000000000000000b');
      expect(store.bytes(key)).toEqual(large.contents);
    }
  });

  it('write what is left and its end as one batch', async () => {
    const store = new MemoryStore();
    await runOnce(store, '01j9zq0000000000000000000a');
    expect(store.keys().filter((key) => key.includes('/batch/'))).toHaveLength(1);
    const events: string[] = [];
    const journal = new DatastoreJournal(store);
    for await (const { type } of journal.events(runRecord({ id: '01j9zq0000000000000000000a' }))) events.push(type);
    expect(events).toEqual(['task-succeeded', 'run-ended']);
  });

  it('write what was taken from the cache as one batch, a second later or with the end', async () => {
    const store = new MemoryStore();
    const clock = new ManualClock();
    const session = open(store, clock);
    const { number: _, ...record } = runRecord({ id: '01j9zq0000000000000000000a' });
    await session.begin({ record });
    const durable: number[] = [];
    session.onFlushed((sequence) => durable.push(sequence));
    for (let i = 0; i < 1000; i++) session.append(cached(`work/${i}`));
    await clock.advance(900);
    expect(durable).toEqual([]);
    await clock.advance(200);
    await vi.waitFor(() => expect(durable).toEqual([1000]));
    session.append(cached('sum'));
    session.append({ ...cached('more'), via: 'executed' } as RunEvent);
    await clock.advance(300);
    await vi.waitFor(() => expect(durable).toEqual([1000, 1002]));
    await session.close();
  });

  it('do not look for what it has written itself', async () => {
    const store = new MemoryStore();
    await runOnce(store, '01j9zq0000000000000000000a', async (session) => {
      const own = { digest: `sha256:${'ab'.repeat(32)}`, size: 3, codec: 'json/1' };
      const gone = { ...own, digest: `sha256:${'cd'.repeat(32)}`, size: 99_999 };
      expect(await session.missing([own, gone])).toEqual([gone.digest]);
      await session.flush();
      expect(await session.missing([own])).toEqual([]);
    });
    expect(callsOf(store, 'runs/').filter((call) => call === 'stat')).toEqual([]);
  });

  it('make the key of variables in two', async () => {
    const store = new MemoryStore();
    const key = await readEnvKey(store);
    expect(callsOf(store, 'cache/')).toEqual(['get', 'put']);
    expect(await readEnvKey(store)).toBe(key);
  });

  it('take a lease that is probably free in two, and one that is not all the same', async () => {
    const store = new MemoryStore();
    const owner = (pid: number) => ({ host: 'lab', pid, takenAt: 1 });
    const first = await acquireLease(store, 'task', owner(1), { isAlive: () => true, isLikelyFree: true });
    expect(first).toMatchObject({ held: true, lease: { generation: 0, isOnly: true } });
    expect(callsOf(store, 'leases/')).toEqual(['put', 'list']);
    const second = await acquireLease(store, 'task', owner(2), { isAlive: () => true, isLikelyFree: true });
    expect(second).toMatchObject({ held: false, owner: { pid: 1 } });
    const third = await acquireLease(store, 'task', owner(3), {
      isAlive: ({ owner: { pid } }) => pid !== 1,
      isLikelyFree: true,
    });
    expect(third).toMatchObject({ held: true, lease: { generation: 1 } });
    expect(await acquireLease(store, 'task', owner(4), { isAlive: ({ owner: { pid } }) => pid !== 1 })).toMatchObject({
      held: false,
      owner: { pid: 3 },
    });
  });

  it('list earlier runs without themselves', async () => {
    const store = new MemoryStore();
    for (const letter of 'abcde') await runOnce(store, `01j9zq0000000000000000000${letter}`);
    store.calls.length = 0;
    const journal = new DatastoreJournal(store);
    const query = { flow: runRecord().flow, except: '01j9zq0000000000000000000e', ahead: 1 };
    for await (const { record } of journal.runs(query)) {
      expect(record.id).toBe('01j9zq0000000000000000000d');
      break;
    }
    expect(callsOf(store, '').filter((call) => call === 'get').length).toBeLessThanOrEqual(4);
  });
});
