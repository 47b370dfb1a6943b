import type { Datastore, ObjectInfo } from '@varve/core/contract';
import {
  acquireLease,
  batchKey,
  blobKey,
  bodyOf,
  bytesKey,
  type CacheEntry,
  CollectorLease,
  CommitWriter,
  collectorOf,
  createPage,
  fenceKey,
  leaseKey,
  liveKey,
  pinRun,
  recordKey,
  StoreClock,
  writeHeartbeat,
} from '@varve/core/internal';
import { bytesOf, ManualClock, MemoryStore, runRecord, succeeded } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import { planCollection } from '../../src/gc/collect.ts';
import { Maintenance } from '../../src/gc/maintenance.ts';

import { DAY, KEY, World } from './world.ts';

const HOUR = 3_600_000;
const put = (store: MemoryStore, key: string) => store.put(key, bodyOf([bytesOf('x')]));

describe('a run whose process slept through a garbage collection', () => {
  it('is fenced, because objects it refers to may be deleted', async () => {
    const world = new World();
    await world.runs(2);
    const clock = new ManualClock(world.clock.now());
    const record = runRecord({ id: '01j9zr00000000000000000000', flow: 'Asleep', createdAt: clock.now() });
    const announced: number[] = [];
    const writer = new CommitWriter({ store: world.store, run: record, clock, onFlushed: (n) => announced.push(n) });
    await writer.begin();
    // An artifact of a removed run, which the writer found in the store and did not write again.
    const relied = await world.artifacts.put([bytesOf('nobody points to it yet')], 'raw/1');
    await world.clock.advance(2 * HOUR);
    await world.collect();
    expect(world.store.keys(blobKey(relied.digest))).toEqual([]);
    writer.append({ ...succeeded('a', {}).event, writes: { relied } } as never);
    await expect(writer.flush()).rejects.toMatchObject({ code: 'VARVE_FENCED' });
    expect(announced).toEqual([]);
    writer.close();
  });

  it('is fenced when it was removed by name', async () => {
    const world = new World();
    const clock = new ManualClock(world.clock.now());
    const record = runRecord({ id: '01j9zr00000000000000000000', createdAt: clock.now() });
    const writer = new CommitWriter({ store: world.store, run: record, clock });
    await writer.begin();
    await world.clock.advance(HOUR);
    await new Maintenance(world.parts).remove({ record });
    writer.append(succeeded('a', {}).event);
    await expect(writer.flush()).rejects.toMatchObject({ code: 'VARVE_FENCED' });
    writer.close();
    expect(world.store.keys('records/')).toEqual([]);
    // Once no process can be asleep for so long, nothing is left of the run.
    await world.clock.advance(HOUR + 1);
    await world.collect();
    expect(world.store.keys('runs/')).toEqual([]);
  });

  it('is fenced, unlike a run that has ended', async () => {
    const world = new World();
    const [ended] = await world.runs(1);
    if (!ended) throw new Error();
    await world.clock.advance(HOUR);
    await world.collect();
    expect(world.store.keys(fenceKey(ended.record.flow, ended.record.id))).toEqual([]);
  });

  it('is not fenced by a plan, nor by a collection that other runs prevent', async () => {
    const world = new World();
    const lost = await world.run({ unfinished: true });
    await world.clock.advance(HOUR);
    await world.plan();
    await writeHeartbeat(world.store, { flow: 'New', id: '01' }, { host: 'h', pid: 1, intervalMs: 5000 });
    await expect(world.collect()).rejects.toMatchObject({ code: 'VARVE_GC_LIVE' });
    expect(world.store.keys(fenceKey(lost.record.flow, lost.record.id))).toEqual([]);
  });
});

describe('a clock that differs from that of the store', () => {
  it.each([-2 * HOUR, 2 * HOUR])('by %i ms does not change when a collector lease expires', async (ahead) => {
    const clock = new ManualClock();
    const store = new MemoryStore({ now: () => clock.now() + ahead });
    const lease = await CollectorLease.take(store, clock);
    for (let i = 0; i < 12; i++) await clock.advance(10_000);
    expect(await collectorOf(store, new StoreClock(store, clock))).toMatchObject({ pid: process.pid });
    await expect(CollectorLease.take(store, clock)).rejects.toMatchObject({ code: 'VARVE_GC_BUSY' });
    await lease.release();
    // A lease of a dead collector.
    const owner = { host: 'lab', pid: 1, takenAt: clock.now() };
    await acquireLease(store, 'gc', owner, { isAlive: () => true });
    await clock.advance(61_000);
    expect(await collectorOf(store, new StoreClock(store, clock))).toBeUndefined();
    await (await CollectorLease.take(store, clock)).release();
    expect(store.keys()).toEqual([]);
  });
});

describe('a garbage collection with objects it cannot judge', () => {
  it('keeps everything while runs are recorded in another metadata provider', async () => {
    const world = new World();
    await world.runs(4);
    await world.clock.advance(40 * DAY);
    await put(world.store, bytesKey('Elsewhere', '01j9zq00000000000000000099', 0));
    const before = world.store.keys().filter((key) => /^cas|\/(batch|bytes)\//.test(key));
    await world.clock.advance(2 * HOUR);
    const plan = await world.collect({ keepLast: 1 });
    expect(plan.unreadable.map(({ message }) => message).join()).toContain(
      'runs/_elsewhere/01j9zq00000000000000000099',
    );
    expect(world.store.keys().filter((key) => /^cas|\/(batch|bytes)\//.test(key))).toEqual(before);
  });

  it('removes no run while a record is unreadable, because that may name any run as its origin', async () => {
    const world = new World();
    const [first] = await world.runs(2);
    const [again] = await world.runs(1, { origin: first?.record.id ?? '' });
    if (!again) throw new Error();
    await world.clock.advance(40 * DAY);
    world.store.flip(recordKey(again.record.flow, again.record.id), 130);
    const plan = await world.collect({ keepLast: 1, olderMs: DAY });
    expect(plan.runs).toEqual([]);
    expect(world.store.keys('records/').length).toBe(3);
  });

  it('deletes old leases of tasks whose run was killed', async () => {
    const world = new World();
    await world.runs(1);
    const owner = { host: 'lab', pid: 1, takenAt: 1, flow: 'Penguins', runId: 'x' };
    await acquireLease(world.store, 'k2', owner, { isAlive: () => true });
    await world.collect();
    expect(world.store.keys('leases/')).toEqual([leaseKey('k2', 0)]);
    await world.clock.advance(HOUR + 1);
    await world.collect();
    expect(world.store.keys('leases/')).toEqual([]);
  });
});

it('garbage collection keeps a result that replaces a kept one', async () => {
  const world = new World();
  const [wrong, right] = await world.runs(2, { withoutPage: true });
  if (!wrong || !right) throw new Error();
  await pinRun(world.store, wrong.record, { by: 'ada', at: 1 });
  const entry = ({ record, small }: typeof wrong, generation: number): CacheEntry => ({
    ...{ task: 'work', label: 'work', reads: ['rows'], tokens: ['same'], deletes: [], ms: 1, at: 0, generation },
    ...{ writes: { small }, origin: { flow: record.flow, runId: record.id, number: record.number } },
  });
  for (const [generation, run] of [wrong, right].entries()) {
    const one = entry(run, generation);
    await createPage(world.store, { key: KEY, step: 'work', entries: [one], origin: one.origin }, run.record.id, 0);
  }
  await world.runs(1, { withoutPage: true });
  await world.clock.advance(40 * DAY);
  const plan = await world.collect({ keepLast: 1 });
  expect(plan.runs.map(({ number }) => number)).toEqual([2]);
  expect(world.store.keys('cache/v1/').length).toBe(2);
  expect(world.store.keys(batchKey(right.record.flow, right.record.id, 0)).length).toBe(1);
  await world.readAll();
});

describe('a pin set during a garbage collection', () => {
  /** Pins the oldest of four runs after the collection has chosen the runs to remove. */
  async function pinAt(keepLast: number) {
    const world = new World();
    const [old] = await world.runs(4);
    if (!old) throw new Error();
    await world.clock.advance(40 * DAY);
    const waited: number[] = [];
    let pinning: Promise<boolean> | undefined;
    world.store.fault = ({ call, key }) => {
      if (call !== 'get' || !key.includes('/batch/')) return undefined;
      pinning ??= new Maintenance(world.parts).pin(old.record, 'ada', { onWait: ({ pid }) => waited.push(pid) });
      return undefined;
    };
    await world.collect({ keepLast });
    const ended = Promise.allSettled([pinning]);
    await world.clock.advance(5_000);
    const [pinned] = await ended;
    return { world, pinned, waited };
  }

  it('takes effect only if the run still exists, and throws VARVE_NO_RUN otherwise', async () => {
    const gone = await pinAt(1);
    expect(gone.pinned).toMatchObject({ status: 'rejected', reason: { code: 'VARVE_NO_RUN' } });
    expect(gone.world.store.keys('pins/')).toEqual([]);
    expect(gone.waited).toEqual([process.pid]);
    const { pinned, world } = await pinAt(4);
    expect(pinned).toEqual({ status: 'fulfilled', value: true });
    expect(world.store.keys('pins/').length).toBe(1);
  });
});

describe('records that are not listed', () => {
  /** A store whose lists leave out what starts so. */
  const hiding = (store: MemoryStore, hidden: string): Datastore => {
    async function* list(prefix: string): AsyncGenerator<ObjectInfo> {
      for await (const info of store.list(prefix)) if (!info.key.startsWith(hidden)) yield info;
    }
    return new Proxy(store, {
      get(target, name) {
        if (name === 'list') return list;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  };

  it('stop the collection before anything is changed when none is listed, also in a dry run', async () => {
    const world = new World();
    await world.runs(4);
    await world.clock.advance(DAY);
    const before = world.store.keys('');
    const store = hiding(world.store, 'records/');
    const refused = { code: 'VARVE_GC_NO_RECORD', message: expect.stringContaining('the journals of 4 runs') };
    await expect(world.collect({}, store)).rejects.toMatchObject(refused);
    await expect(planCollection(world.partsOf(store), { keepLast: 2, olderMs: DAY })).rejects.toMatchObject(refused);
    expect(world.store.keys('').filter((key) => !key.startsWith('leases/'))).toEqual(before);
    expect(await world.readAll()).toBeGreaterThan(0);
  });

  it('keep what nobody else refers to when one is missing, and its run stays as it is', async () => {
    const world = new World();
    const [run] = await world.runs(1);
    await world.runs(1, { flow: 'Other' });
    await world.clock.advance(DAY);
    const { flow, id } = run?.record ?? { flow: '', id: '' };
    const plan = await world.collect({}, hiding(world.store, recordKey(flow, id)));
    expect(plan.unreadable).toMatchObject([{ code: 'VARVE_GC_NO_RECORD' }]);
    expect(plan.blobs).toEqual([]);
    expect(plan.batches).toEqual([]);
    expect(world.store.keys(fenceKey(flow, id))).toEqual([]);
    expect(await world.readAll()).toBeGreaterThan(0);
  });

  it('are not missed when a run is removed while the store is being listed', async () => {
    const world = new World();
    const [run] = await world.runs(2);
    await world.clock.advance(DAY);
    const { flow, id } = run?.record ?? { flow: '', id: '' };
    const list = world.store.list.bind(world.store);
    world.store.list = async function* (prefix, options) {
      if (prefix.startsWith('records/')) {
        await world.store.delete(liveKey(flow, id));
        await world.store.delete(recordKey(flow, id));
      }
      yield* list(prefix, options);
    };
    const plan = await world.collect();
    expect(plan.unreadable).toEqual([]);
    expect(plan.kept).toHaveLength(1);
  });

  it('are no riddle once all runs have been removed', async () => {
    const world = new World();
    await world.runs(2);
    for (const listing of await world.listings()) await new Maintenance(world.parts).remove(listing);
    await world.clock.advance(DAY);
    expect((await world.collect()).unreadable).toEqual([]);
  });
});
