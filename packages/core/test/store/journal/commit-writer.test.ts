import {
  bytesOf,
  collect,
  digestOf,
  ManualClock,
  MemoryStore,
  runRecord,
  settle,
  succeeded,
} from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import { type RunEvent, StoreError, VarveError } from '../../../src/contract/index.ts';
import { ArtifactStore } from '../../../src/store/artifacts/artifact-store.ts';
import { writeCancel } from '../../../src/store/coordination/heartbeat.ts';
import { readBatches } from '../../../src/store/journal/batch-reader.ts';
import { CommitWriter, type CommitWriterOptions } from '../../../src/store/journal/commit-writer.ts';
import { fenceRun } from '../../../src/store/journal/fence-run.ts';
import { DatastoreJournal } from '../../../src/store/journal/journal-store.ts';
import { batchKey, runPrefix } from '../../../src/store/objects/keys.ts';

const run = runRecord();
const started = (task: string): RunEvent => ({ type: 'task-started', at: 1, task, attempt: 1 });
const tasksIn = (events: readonly RunEvent[]) =>
  events.map((event) => ('task' in event ? `${event.type} ${event.task}` : event.type));

function setUp(options: Partial<CommitWriterOptions> = {}, store = new MemoryStore()) {
  const clock = new ManualClock();
  const told: (number | string)[] = [];
  const errors: unknown[] = [];
  const writer = new CommitWriter({
    store,
    run,
    clock,
    onFlushed: (sequence) => told.push(sequence),
    onStop: (reason) => told.push(reason),
    onError: (error) => errors.push(error),
    ...options,
  });
  const journal = options.metadata ?? new DatastoreJournal(store);
  const events = () => collect(journal.events(run));
  return { store, clock, writer, told, errors, events };
}

const failPuts = (store: MemoryStore, after = false) => {
  store.fault = ({ call, key }) =>
    call === 'put' && key.includes('/batch/') ? { error: new StoreError('no-space', 'disk full'), after } : undefined;
};

describe('CommitWriter', () => {
  it('goes on when the look for a fence fails after a write that succeeded, and looks again', async () => {
    const { store, clock, writer, told, errors } = setUp();
    await writer.begin();
    await clock.advance(2_000);
    store.fault = ({ call }) => (call === 'stat' ? { error: new StoreError('unavailable', 'gone') } : undefined);
    writer.append(started('clean'));
    await writer.flush();
    expect(told).toEqual([1]);
    expect(errors).toEqual([]);
    store.fault = undefined;
    await writeCancel(store, run, 'somebody');
    writer.append(started('load'));
    await writer.flush();
    expect(told).toEqual([1, 'cancelled', 2]);
    writer.close();
  });

  it('publishes the events of some milliseconds as one object, in order', async () => {
    const { store, clock, writer, told, events } = setUp();
    await writer.begin();
    expect(writer.append(started('clean'))).toBe(1);
    const { event, bytes } = succeeded('load', { rows: '[1,2]' });
    expect(writer.append(event, bytes)).toBe(2);
    expect(store.keys('runs/_penguins').filter((key) => key.includes('batch'))).toEqual([]);
    expect(Buffer.from(writer.bytesOf(digestOf('[1,2]')) ?? []).toString()).toBe('[1,2]');
    await clock.advance(40);
    expect(store.keys('runs/').filter((key) => key.includes('batch'))).toEqual([batchKey('Penguins', run.id, 0)]);
    expect(told).toEqual([2]);
    expect(tasksIn(await events())).toEqual(['task-started clean', 'task-succeeded load']);
  });

  it('records the place of the bytes of an event, and they can be read there', async () => {
    const { store, writer, events } = setUp();
    await writer.begin();
    const { event, bytes } = succeeded('load', { rows: '[1,2]', __proto__x: '"x"', ['__proto__']: '"own"' });
    writer.append(event, bytes);
    await writer.flush();
    const [read] = await events();
    if (read?.type !== 'task-succeeded') throw new Error('no event');
    expect(Object.keys(read.writes)).toEqual(['rows', '__proto__x', '__proto__']);
    expect(({} as Record<string, unknown>).own).toBeUndefined();
    const rows = read.writes.rows;
    if (!rows) throw new Error('no rows');
    expect(rows.at).toEqual(writer.locate(rows.digest));
    const artifacts = new ArtifactStore({ store });
    expect(Buffer.from(await artifacts.read(rows)).toString()).toBe('[1,2]');
  });

  it('drops the start of a task that ends in the same batch, and keeps it otherwise', async () => {
    const { writer, events } = setUp();
    await writer.begin();
    writer.append(started('a'));
    writer.append(succeeded('a', {}).event);
    writer.append(started('b'));
    await writer.flush();
    writer.append(succeeded('b', {}).event);
    await writer.flush();
    expect(tasksIn(await events())).toEqual(['task-succeeded a', 'task-started b', 'task-succeeded b']);
  });

  it('stores the same bytes once in a run, and every event names them', async () => {
    const { store, writer, events } = setUp();
    await writer.begin();
    const text = JSON.stringify('x'.repeat(500));
    for (const task of ['a', 'b'])
      writer.append(succeeded(task, { same: text }).event, succeeded(task, { same: text }).bytes);
    await writer.flush();
    const first = store.bytes(batchKey('Penguins', run.id, 0)).byteLength;
    writer.append(succeeded('c', { same: text }).event, succeeded('c', { same: text }).bytes);
    await writer.flush();
    const stored = await collect(readBatches(store, 'Penguins', run.id));
    expect(stored.map((batch) => batch.blobs.size)).toEqual([1, 0]);
    expect(first).toBeLessThan(2 * text.length + 800);
    const places = (await events()).map((event) => (event.type === 'task-succeeded' ? event.writes.same?.at : 0));
    expect(new Set(places.map((place) => JSON.stringify(place))).size).toBe(1);
    expect(places[0]).toMatchObject({ object: batchKey('Penguins', run.id, 0), length: text.length });
  });

  it('writes at once when a batch is full, and never more than fits into one', async () => {
    const { store, writer } = setUp({ maxEvents: 10 });
    await writer.begin();
    for (let i = 0; i < 35; i++)
      writer.append(succeeded(`a[${i}]`, { x: String(i) }).event, succeeded(`a[${i}]`, { x: String(i) }).bytes);
    await writer.flush();
    const putsAtOnce = store.mostUnderWay;
    const batches = await collect(readBatches(store, 'Penguins', run.id));
    expect(batches.map((batch) => [batch.first, batch.count])).toEqual([
      [0, 10],
      [10, 10],
      [20, 10],
      [30, 5],
    ]);
    expect(putsAtOnce).toBeLessThanOrEqual(2);
  });

  it('writes events that arrive during a flush without another call', async () => {
    const { store, clock, writer, told } = setUp();
    await writer.begin();
    let release = () => {};
    const put = store.put.bind(store);
    store.put = async (...call) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return put(...call);
    };
    writer.append(started('a'));
    const flush = writer.flush();
    await settle();
    store.put = put;
    writer.append(started('b'));
    await clock.advance(40);
    expect(told).toEqual([]);
    release();
    await flush;
    await clock.advance(120);
    expect(told).toEqual([1, 2]);
  });

  it('loses nothing when a write fails: it reports the failure once, and a later flush leaves no gap', async () => {
    const { store, clock, writer, told, errors, events } = setUp();
    await writer.begin();
    writer.append(succeeded('a', { x: '1' }).event, succeeded('a', { x: '1' }).bytes);
    failPuts(store);
    await clock.advance(40);
    writer.append(succeeded('b', { x: '2' }).event, succeeded('b', { x: '2' }).bytes);
    await clock.advance(400);
    await expect(writer.flush()).rejects.toMatchObject({ code: 'no-space' });
    expect(errors).toHaveLength(1);
    expect(told).toEqual([]);
    store.fault = undefined;
    await writer.flush();
    expect(told).toEqual([1, 2]);
    expect(tasksIn(await events())).toEqual(['task-succeeded a', 'task-succeeded b']);
  });

  it('recognises its own batch when only the answer of the store was lost', async () => {
    const { store, writer, told, events } = setUp();
    await writer.begin();
    writer.append(succeeded('a', { x: '1' }).event, succeeded('a', { x: '1' }).bytes);
    failPuts(store, true);
    await expect(writer.flush()).rejects.toMatchObject({ code: 'no-space' });
    store.fault = undefined;
    writer.append(succeeded('b', {}).event);
    await writer.flush();
    expect(told).toEqual([1, 2]);
    expect(tasksIn(await events())).toEqual(['task-succeeded a', 'task-succeeded b']);
  });

  it('fences the later of two writers of one run, also when both write the same events', async () => {
    const store = new MemoryStore();
    const one = setUp({}, store);
    const two = setUp({}, store);
    await one.writer.begin();
    await expect(two.writer.begin()).rejects.toMatchObject({ code: 'already-exists' });
    one.writer.append(started('a'));
    two.writer.append(started('a'));
    await one.writer.flush();
    await expect(two.writer.flush()).rejects.toMatchObject({ code: 'VARVE_FENCED' });
    expect(two.told).toEqual(['fenced']);
    expect(one.told).toEqual([1]);
    expect(tasksIn(await one.events())).toEqual(['task-started a']);
  });

  it('reports nothing as durable once it is fenced, and writes no more', async () => {
    const { store, writer, told } = setUp();
    await writer.begin();
    await fenceRun(store, runPrefix(run.flow, run.id), 'another run');
    writer.append(started('a'));
    await expect(writer.flush()).rejects.toSatisfy((error) => VarveError.is(error, 'VARVE_FENCED'));
    expect(told).toEqual(['fenced']);
    const before = store.calls.length;
    writer.append(started('b'));
    await expect(writer.flush()).rejects.toSatisfy((error) => VarveError.is(error, 'VARVE_FENCED'));
    expect(store.calls.length).toBe(before);
  });

  it('finds the place of its next batch taken by a fence, without asking the store for one', async () => {
    const { store, writer, events } = setUp();
    await writer.begin();
    for (const task of ['a', 'b']) {
      writer.append(started(task));
      await writer.flush();
    }
    expect(store.count('stat')).toBe(0);
    await fenceRun(store, runPrefix(run.flow, run.id), 'another run');
    writer.append(started('c'));
    await expect(writer.flush()).rejects.toMatchObject({ code: 'VARVE_FENCED' });
    expect(tasksIn(await events())).toEqual(['task-started a', 'task-started b']);
    await fenceRun(store, runPrefix(run.flow, run.id), 'a third run');
    expect(tasksIn(await events())).toEqual(['task-started a', 'task-started b']);
  });

  it('looks for a fence when it has slept, although the place of its next batch is free again', async () => {
    const { store, clock, writer, told } = setUp();
    await writer.begin();
    await fenceRun(store, runPrefix(run.flow, run.id), 'gc');
    await store.delete(batchKey('Penguins', run.id, 0));
    await clock.advance(1_000);
    writer.append(started('a'));
    await expect(writer.flush()).rejects.toMatchObject({ code: 'VARVE_FENCED' });
    expect(told).toEqual(['fenced']);
  });

  it('holds the bytes it wrote last, so that its own tasks need not ask the store', async () => {
    const { writer } = setUp();
    await writer.begin();
    const { event, bytes } = succeeded('load', { rows: '[1,2]' });
    writer.append(event, bytes);
    await writer.flush();
    expect(Buffer.from(writer.bytesOf(digestOf('[1,2]')) ?? []).toString()).toBe('[1,2]');
  });

  it('waits longer for further events when the store is slow', async () => {
    const { store, clock, writer } = setUp();
    await writer.begin();
    const put = store.put.bind(store);
    store.put = async (...args) => {
      await clock.sleep(60);
      return put(...args);
    };
    const batches = () => store.keys('runs/').filter((key) => key.includes('/batch/')).length;
    writer.append(started('a'));
    await clock.advance(40);
    await clock.advance(60);
    await settle();
    expect(batches()).toBe(1);
    writer.append(started('b'));
    await clock.advance(100);
    writer.append(started('c'));
    await clock.advance(79);
    expect(store.count('put', batchKey('Penguins', run.id, 1))).toBe(0);
    await clock.advance(1);
    await clock.advance(60);
    await settle();
    expect(batches()).toBe(2);
  });

  it('reports a cancel once and continues writing', async () => {
    const { store, clock, writer, told, events } = setUp();
    await writer.begin();
    expect(await writeCancel(store, { flow: run.flow, id: run.id }, 'ada')).toBe(true);
    expect(await writeCancel(store, { flow: run.flow, id: run.id }, 'bob')).toBe(false);
    await clock.advance(1_000);
    for (const task of ['a', 'b']) {
      writer.append(started(task));
      await writer.flush();
    }
    expect(told).toEqual(['cancelled', 1, 2]);
    expect(await events()).toHaveLength(2);
  });

  it('notices a cancel at a heartbeat, without any event', async () => {
    const { store, clock, writer, told } = setUp();
    await writer.begin();
    await writeCancel(store, { flow: run.flow, id: run.id }, 'ada');
    await clock.advance(5_000);
    await settle();
    expect(told).toEqual(['cancelled']);
    expect(store.count('put', `runs/_penguins/${run.id}/live`)).toBe(2);
  });

  it('ends with the last event and the summary, and stops the heartbeat', async () => {
    const { store, clock, writer, events } = setUp();
    await writer.begin();
    writer.append(succeeded('a', {}).event);
    await writer.end({ status: 'succeeded', endedAt: 5, counts: { succeeded: 1 } });
    expect(tasksIn(await events())).toEqual(['task-succeeded a', 'run-ended']);
    expect((await new DatastoreJournal(store).run('Penguins', run.id))?.summary?.status).toBe('succeeded');
    expect(clock.waiting).toBe(0);
  });

  it('leaves a journal without the task when it dies between a large blob and its batch', async () => {
    const { store, writer, events } = setUp();
    await writer.begin();
    writer.append(succeeded('a', {}).event);
    await writer.flush();
    const large = await new ArtifactStore({ store }).put([bytesOf('large'.repeat(10_000))], 'json/1');
    writer.append({ type: 'task-succeeded', at: 1, task: 'b', attempt: 1, via: 'executed', writes: { large }, ms: 1 });
    writer.close();
    expect(tasksIn(await events())).toEqual(['task-succeeded a']);
    expect(store.keys('cas/')).toHaveLength(1);
  });

  it('refuses a store without a conditional put', async () => {
    const store = new MemoryStore({ capabilities: { conditionalPut: false } });
    await expect(setUp({}, store).writer.begin()).rejects.toMatchObject({ code: 'VARVE_STORE_UNSUITABLE' });
    expect(store.calls).toEqual([]);
  });
});

describe('CommitWriter with another MetadataProvider', () => {
  function apart() {
    const elsewhere = new MemoryStore();
    return { elsewhere, ...setUp({ metadata: new DatastoreJournal(elsewhere) }) };
  }

  it('makes the bytes durable before the events that name them', async () => {
    const { elsewhere, store, writer, events } = apart();
    await writer.begin();
    elsewhere.fault = ({ call, key }) =>
      call === 'put' && key.includes('batch') ? { error: new StoreError('permission-denied', 'no') } : undefined;
    writer.append(succeeded('a', { x: '"bytes"' }).event, succeeded('a', { x: '"bytes"' }).bytes);
    await expect(writer.flush()).rejects.toMatchObject({ code: 'permission-denied' });
    expect(store.count('put', `runs/_penguins/${run.id}/bytes`)).toBe(1);
    elsewhere.fault = undefined;
    await writer.flush();
    const [event] = await events();
    const written = event?.type === 'task-succeeded' ? event.writes.x : undefined;
    if (!written) throw new Error('no x');
    expect(Buffer.from(await new ArtifactStore({ store }).read(written)).toString()).toBe('"bytes"');
  });

  it('works when journal and bytes are in one store', async () => {
    const store = new MemoryStore();
    const { writer, events } = setUp({ metadata: new DatastoreJournal(store) }, store);
    await writer.begin();
    for (const task of ['a', 'b']) {
      writer.append(succeeded(task, { x: task }).event, succeeded(task, { x: task }).bytes);
      await writer.flush();
    }
    expect(tasksIn(await events())).toEqual(['task-succeeded a', 'task-succeeded b']);
  });

  it('does not append twice when only the answer was lost', async () => {
    const { elsewhere, writer, told, events } = apart();
    await writer.begin();
    failPuts(elsewhere, true);
    writer.append(succeeded('a', { x: '1' }).event, succeeded('a', { x: '1' }).bytes);
    await expect(writer.flush()).rejects.toMatchObject({ code: 'no-space' });
    elsewhere.fault = undefined;
    writer.append(succeeded('b', {}).event);
    await writer.flush();
    expect(told).toEqual([1, 2]);
    expect(tasksIn(await events())).toEqual(['task-succeeded a', 'task-succeeded b']);
  });
});
