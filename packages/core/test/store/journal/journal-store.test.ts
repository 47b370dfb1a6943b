import { collect, MemoryStore, runRecord, succeeded } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import type { RunEvent, RunRecord } from '../../../src/contract/index.ts';
import { allocateRunNumber, createRunIds, findRunId, highestNumber } from '../../../src/store/coordination/numbers.ts';
import { DatastoreJournal } from '../../../src/store/journal/journal-store.ts';
import { batchKey, recordKey, summaryKey } from '../../../src/store/objects/keys.ts';

const started = (task: string): RunEvent => ({ type: 'task-started', at: 1, task, attempt: 1 });

async function manyRuns(journal: DatastoreJournal, count: number, flow = 'Penguins'): Promise<RunRecord[]> {
  const nextId = createRunIds(() => 1_700_000_000_000);
  const runs: RunRecord[] = [];
  for (let i = 0; i < count; i++) {
    const run = runRecord({ id: nextId(), flow, number: i + 1 });
    runs.push(run);
    await journal.createRun(run);
    if (i % 2 === 0) await journal.finishRun(run, { status: 'succeeded', endedAt: i, counts: { succeeded: 3 } });
  }
  return runs;
}

describe('DatastoreJournal', () => {
  it('returns a run as it was recorded', async () => {
    const journal = new DatastoreJournal(new MemoryStore());
    const run = runRecord({
      tags: ['nightly'],
      origin: 'x',
      parameters: { ['__proto__']: 'own' },
      graph: [{ name: 'a', after: [], foreach: 'm' }],
    });
    await journal.createRun(run);
    const found = (await journal.run('Penguins', run.id))?.record;
    expect(JSON.stringify(found)).toBe(JSON.stringify(run));
    expect(found && Object.getPrototypeOf(found.parameters)).toBeNull();
    expect(await journal.run('Penguins', 'another')).toBeUndefined();
    expect(await collect(journal.events(run))).toEqual([]);
  });

  it('refuses an id that is taken', async () => {
    const store = new MemoryStore();
    await new DatastoreJournal(store).createRun(runRecord());
    await expect(new DatastoreJournal(store).createRun(runRecord())).rejects.toMatchObject({ code: 'already-exists' });
  });

  it('appends in order, with one object for each call', async () => {
    const store = new MemoryStore();
    const journal = new DatastoreJournal(store);
    const run = runRecord();
    await journal.createRun(run);
    await journal.append(run, [started('a'), started('b')], { expectedLength: 0 });
    await journal.append(run, [], { expectedLength: 2 });
    await journal.append(run, [started('c')], { expectedLength: 2 });
    await new DatastoreJournal(store).append(run, [started('d')], { expectedLength: 3 });
    const events = await collect(journal.events(run));
    expect(events.map((event) => 'task' in event && event.task)).toEqual(['a', 'b', 'c', 'd']);
    expect(store.keys('runs/')).toHaveLength(3);
  });

  it.each([0, 1, 3, 99])('refuses to append when it holds 2 events and %i were expected', async (expectedLength) => {
    const store = new MemoryStore();
    const run = runRecord();
    const journal = new DatastoreJournal(store);
    await journal.createRun(run);
    await journal.append(run, [started('a'), started('b')], { expectedLength: 0 });
    for (const one of [journal, new DatastoreJournal(store)]) {
      await expect(one.append(run, [started('x')], { expectedLength })).rejects.toMatchObject({
        code: 'already-exists',
      });
    }
    expect(await collect(journal.events(run))).toHaveLength(2);
  });

  it('lets one of four writers win that append at the same time', async () => {
    const store = new MemoryStore();
    const run = runRecord();
    await new DatastoreJournal(store).createRun(run);
    const appends = ['a', 'b', 'c', 'd'].map((task) =>
      new DatastoreJournal(store).append(run, [started(task)], { expectedLength: 0 }),
    );
    const results = await Promise.allSettled(appends);
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    expect(await collect(new DatastoreJournal(store).events(run))).toHaveLength(1);
  });

  it('does not append to an unknown run', async () => {
    const journal = new DatastoreJournal(new MemoryStore());
    await expect(journal.append(runRecord(), [started('a')], { expectedLength: 0 })).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('keeps the first summary', async () => {
    const journal = new DatastoreJournal(new MemoryStore());
    const run = runRecord();
    await journal.createRun(run);
    await journal.finishRun(run, {
      status: 'failed',
      endedAt: 1,
      counts: { failed: 1 },
      failure: 'train: Error: no',
      metrics: { ms: 2 },
    });
    await journal.finishRun(run, { status: 'succeeded', endedAt: 2, counts: {} });
    expect((await journal.run('Penguins', run.id))?.summary).toEqual({
      status: 'failed',
      endedAt: 1,
      counts: { failed: 1 },
      failure: 'train: Error: no',
      metrics: { ms: 2 },
    });
  });

  it('lists runs newest first with their summaries, of one flow or of all', async () => {
    const journal = new DatastoreJournal(new MemoryStore());
    const penguins = await manyRuns(journal, 5);
    const long = await manyRuns(journal, 2, 'x'.repeat(300));
    const listed = await collect(journal.runs({ flow: 'Penguins' }));
    expect(listed.map((run) => run.record.number)).toEqual([5, 4, 3, 2, 1]);
    expect(listed.map((run) => run.summary?.endedAt)).toEqual([4, undefined, 2, undefined, 0]);
    const all = await collect(journal.runs({}));
    expect(all).toHaveLength(penguins.length + long.length);
    expect(all.map((run) => run.record.id)).toEqual(
      all
        .map((run) => run.record.id)
        .sort()
        .reverse(),
    );
    expect(await collect(journal.runs({ flow: 'Penguin' }))).toEqual([]);
  });

  it('lists the newest 20 of many runs with one listing and about two reads each', async () => {
    const store = new MemoryStore();
    const journal = new DatastoreJournal(store);
    await manyRuns(journal, 100);
    store.calls.length = 0;
    let shown = 0;
    for await (const { record } of journal.runs({ flow: 'Penguins' })) {
      expect(record.number).toBe(100 - shown);
      if (++shown === 20) break;
    }
    expect(store.count('list')).toBe(1);
    expect(store.count('get')).toBeLessThanOrEqual(2 * 40);
  });

  it('reads a long journal without the artifacts in it', async () => {
    const store = new MemoryStore();
    const journal = new DatastoreJournal(store);
    const run = runRecord();
    await journal.createRun(run);
    const labels = Array.from({ length: 50_000 }, (_, i) => `element ${i}`);
    await journal.append(run, [{ type: 'foreach-expanded', at: 1, step: 'train', parent: 'clean', labels }], {
      expectedLength: 0,
    });
    store.calls.length = 0;
    expect(await collect(journal.events(run))).toMatchObject([{ labels }]);
    expect(store.calls.every((call) => call.call !== 'get' || call.range !== undefined)).toBe(true);
  });

  it('reads a journal that grows while it is listed', async () => {
    const store = new MemoryStore();
    const journal = new DatastoreJournal(store);
    const run = runRecord();
    await journal.createRun(run);
    for (let i = 0; i < 3; i++) await journal.append(run, [started(`t${i}`)], { expectedLength: i });
    const list = store.list.bind(store);
    store.list = async function* (prefix: string) {
      for await (const info of list(prefix)) if (!info.key.endsWith('1')) yield info;
    };
    expect((await collect(journal.events(run))).map((event) => 'task' in event && event.task)).toEqual([
      't0',
      't1',
      't2',
    ]);
  });

  it('reports a journal with a gap, and damage in records and summaries', async () => {
    const store = new MemoryStore();
    const journal = new DatastoreJournal(store);
    const run = runRecord();
    await journal.createRun(run);
    await journal.finishRun(run, { status: 'failed', endedAt: 1, counts: {} });
    for (let i = 0; i < 3; i++) await journal.append(run, [started(`t${i}`)], { expectedLength: i });
    store.objects.delete(batchKey('Penguins', run.id, 1));
    await expect(collect(journal.events(run))).rejects.toMatchObject({
      code: 'VARVE_CORRUPT_JOURNAL',
      message: expect.stringContaining('batch/00000001'),
    });
    for (const key of [recordKey('Penguins', run.id), summaryKey('Penguins', run.id)]) {
      for (let byte = 0; byte < store.bytes(key).byteLength; byte++) {
        store.flip(key, byte, byte % 8);
        await expect(journal.run('Penguins', run.id)).rejects.toMatchObject({
          code: expect.stringMatching(/^VARVE_(CORRUPT_JOURNAL|FORMAT_VERSION)$/),
        });
        store.flip(key, byte, byte % 8);
      }
    }
    expect(await journal.run('Penguins', run.id)).toBeDefined();
  });

  it('accepts names that are not valid keys', async () => {
    const store = new MemoryStore();
    const journal = new DatastoreJournal(store);
    const run = runRecord({ flow: '../../etc', id: 'A/B' });
    await journal.createRun(run);
    await journal.append(run, [succeeded('a', {}).event], { expectedLength: 0 });
    expect(store.keys()).toEqual([
      'records/.2e.2e.2f.2e.2e.2fetc/_a.2f_b',
      'runs/.2e.2e.2f.2e.2e.2fetc/_a.2f_b/batch/00000000',
    ]);
    expect(await collect(journal.runs({}))).toEqual(
      [{ record: run }].map((one) =>
        expect.objectContaining({ record: expect.objectContaining({ id: one.record.id }) }),
      ),
    );
  });
});

describe('run numbers', () => {
  it('are all different and without gaps for 20 runs at once', async () => {
    const store = new MemoryStore();
    const numbers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => allocateRunNumber(store, 'Penguins', `run${i}`)),
    );
    expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    for (const [i, number] of numbers.entries()) expect(await findRunId(store, 'Penguins', number)).toBe(`run${i}`);
  });

  it('continue after the highest, per flow', async () => {
    const store = new MemoryStore();
    expect(await allocateRunNumber(store, 'Penguins', 'a')).toBe(1);
    expect(await allocateRunNumber(store, 'Penguins', 'b')).toBe(2);
    expect(await allocateRunNumber(store, 'Hello', 'c')).toBe(1);
    expect(await highestNumber(store, 'Penguins')).toBe(2);
    expect(await findRunId(store, 'Penguins', 3)).toBeUndefined();
  });

  it('are given once to a run whose put was repeated after a lost answer', async () => {
    const store = new MemoryStore();
    const real = store.put.bind(store);
    store.put = async (key, body, options) => {
      await real(key, body, options);
      if (store.count('put') === 1) return real(key, body, options);
    };
    expect(await allocateRunNumber(store, 'Penguins', 'a')).toBe(1);
    expect(store.keys('numbers/')).toHaveLength(1);
  });
});

describe('run ids', () => {
  it('are lower case, different, and sort by time, also within one millisecond', () => {
    let now = 1_700_000_000_000;
    const nextId = createRunIds(() => now);
    const ids = Array.from({ length: 1_000 }, (_, i) => {
      if (i % 100 === 0) now++;
      return nextId();
    });
    expect(ids.every((id) => /^[0-9a-z]{26}$/.test(id))).toBe(true);
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(1_000);
  });
});
