import { StoreError, VarveError } from '@varve/core/contract';
import {
  batchKey,
  blobKey,
  bodyOf,
  CollectorLease,
  collectorOf,
  DatastoreJournal,
  pinKey,
  pinRun,
  recordKey,
  runPrefix,
  StoreClock,
  writeHeartbeat,
} from '@varve/core/internal';
import { bytesOf, digestOf, MemoryStore } from '@varve/test-support';
import { describe, expect, it } from 'vitest';

import { DAY, KEY, World } from './world.ts';

const HOUR = 3_600_000;
const numbers = (records: readonly { number: number }[]) => records.map((record) => record.number);
const put = (store: MemoryStore, key: string) => store.put(key, bodyOf([bytesOf('x')]));
const objectsOf = (world: World, run: { record: { flow: string; id: string } }) =>
  world.store.keys(runPrefix(run.record.flow, run.record.id));

describe('a garbage collection', () => {
  it('removes the runs beyond keepLast and older than olderMs with everything only they needed, and nothing else', async () => {
    const world = new World();
    const [first, second, ...kept] = await world.runs(7);
    if (!first || !second) throw new Error();
    await world.clock.advance(HOUR + 1);
    const gone = await world.collect();
    expect(numbers(gone.runs)).toEqual([2, 1]);
    expect(await world.listed()).toEqual(['Penguins/7', 'Penguins/6', 'Penguins/5', 'Penguins/4', 'Penguins/3']);
    for (const run of [first, second]) {
      expect(objectsOf(world, run)).toEqual([]);
      expect(world.store.keys(blobKey(run.large.digest))).toEqual([]);
      expect(world.store.keys(blobKey(run.folder.digest))).toEqual([]);
      expect(world.store.keys(blobKey(digestOf(`file Penguins ${run.record.number}`)))).toEqual([]);
      expect(world.store.keys(blobKey(digestOf(`source ${run.record.number}`)))).toEqual([]);
    }
    expect(world.store.keys(blobKey(digestOf('shared file'))).length).toBe(1);
    expect(world.store.keys('cache/v1/').length).toBe(kept.length);
    expect(world.store.keys('numbers/').length).toBe(7);
    expect(world.store.keys('leases/')).toEqual([]);
    expect(await world.readAll()).toBeGreaterThan(20);
  });

  it('removes what a killed varve doctor has left, and leaves alone one that may be going on', async () => {
    const world = new World();
    await world.runs(1);
    await put(world.store, 'doctor-0123456789ab/1');
    await put(world.store, 'doctor-mine/1');
    await world.clock.advance(HOUR + 1);
    await put(world.store, 'doctor-fedcba987654/1');
    await world.collect();
    expect(world.store.keys('doctor-').sort()).toEqual(['doctor-fedcba987654/1', 'doctor-mine/1']);
  });

  it('deletes exactly the objects of its plan', async () => {
    const world = new World();
    await world.runs(9);
    await world.clock.advance(2 * HOUR);
    const before = world.store.keys();
    const planned = await world.plan();
    expect(world.store.keys()).toEqual(before);
    const done = await world.collect();
    expect(done).toEqual(planned);
    const keys = [planned.pages, planned.others, planned.batches, planned.blobs].flat().map(({ key }) => key);
    const records = planned.runs.map(({ flow, id }) => recordKey(flow, id));
    expect(before.filter((key) => !world.store.objects.has(key)).sort()).toEqual([...keys, ...records].sort());
  });

  it('keeps runs that are pinned, resumed or among the last, with the reason', async () => {
    const world = new World();
    const [old, resumed, , pinned] = await world.runs(4);
    if (!old || !resumed || !pinned) throw new Error();
    await pinRun(world.store, pinned.record, { by: 'ada', at: 1 });
    await world.runs(3, { flow: 'Other' });
    const [again] = await world.runs(1, { origin: resumed.record.id });
    await world.runs(1, { from: old });
    await world.clock.advance(10 * DAY);
    const plan = await world.collect({ keepLast: 2, olderMs: 11.5 * DAY });
    const why = Object.fromEntries(plan.kept.map((one) => [`${one.record.flow}/${one.record.number}`, one.why]));
    expect(why).toEqual({
      'Penguins/6': 'last',
      'Penguins/5': 'last',
      'Other/3': 'last',
      'Other/2': 'last',
      'Penguins/4': 'pinned',
      'Penguins/2': 'origin',
    });
    expect(again?.record.number).toBe(5);
    await world.readAll();
  });

  it('keeps batches and results of a removed run while a kept run uses them, and reports the slack', async () => {
    const world = new World();
    const old = await world.run();
    await world.run({ from: old });
    await world.clock.advance(40 * DAY);
    const first = await world.collect({ keepLast: 1 });
    expect(numbers(first.runs)).toEqual([1]);
    const batch = batchKey(old.record.flow, old.record.id, 0);
    expect(objectsOf(world, old)).toEqual([batch]);
    expect(first.slack).toMatchObject({ batches: 1, bytes: world.store.bytes(batch).byteLength });
    expect(first.slack.unused).toBe(first.slack.bytes - old.small.size - old.log.size);
    expect(world.store.keys('cache/v1/').length).toBe(1);
    await world.readAll();
    await world.run({ withoutPage: true });
    await world.clock.advance(40 * DAY);
    await world.collect({ keepLast: 1 });
    expect(objectsOf(world, old)).toEqual([]);
    expect(world.store.keys('cache/v1/')).toEqual([]);
  });

  it('with keepCache keeps young results of removed runs and everything they refer to', async () => {
    const world = new World();
    const [old, young] = await world.runs(2);
    await world.clock.advance(DAY / 2);
    await world.collect({ keepLast: 0, olderMs: DAY, keepCache: true });
    expect(await world.listed()).toEqual(['Penguins/2']);
    await world.clock.advance(DAY / 4);
    const plan = await world.collect({ keepLast: 0, olderMs: DAY / 2, keepCache: true });
    expect(numbers(plan.runs)).toEqual([2]);
    expect(old && world.store.keys(`cache/v1/${KEY}/${old.record.id}`)).toEqual([]);
    expect(young && objectsOf(world, young)).toEqual([]);
  });

  it('never deletes objects that are young, unknown or foreign', async () => {
    const world = new World();
    await world.runs(3);
    await world.clock.advance(40 * DAY);
    const foreign = ['other/thing', 'cas/readme', 'runs/x/y/notes', 'cache/env-key', 'cache/v2/x', 'quarantine-not/x'];
    for (const key of foreign) await put(world.store, key);
    await put(world.store, 'leases/k2/00000003');
    await put(world.store, 'quarantine/cas/sha256/00/00');
    await put(world.store, 'runs/_gone/01/batch/00000000');
    await put(world.store, blobKey(digestOf('orphan')));
    await world.clock.advance(HOUR - 1);
    await world.collect({ keepLast: 1 });
    expect(world.store.keys(blobKey(digestOf('orphan'))).length).toBe(1);
    expect(world.store.keys('runs/_gone/').length).toBe(1);
    expect(world.store.keys('leases/')).toEqual(['leases/k2/00000003']);
    await world.clock.advance(2);
    await world.collect({ keepLast: 1, olderMs: HOUR });
    for (const key of foreign) expect(world.store.keys(key)).toEqual([key]);
    expect(world.store.keys('quarantine/')).toEqual([]);
    expect(world.store.keys('leases/')).toEqual([]);
    expect(world.store.keys('runs/_gone/')).toEqual([]);
    expect(world.store.keys(blobKey(digestOf('orphan')))).toEqual([]);
  });

  it('does the same with events in a metadata provider, if that can remove runs', async () => {
    const elsewhere = new DatastoreJournal(new MemoryStore());
    const world = new World(elsewhere);
    const [old, , last] = await world.runs(3);
    if (!old || !last) throw new Error();
    await world.clock.advance(40 * DAY);
    Object.defineProperty(elsewhere, 'removeRun', { value: undefined, configurable: true });
    expect((await world.collect({ keepLast: 1 })).runs).toEqual([]);
    expect(objectsOf(world, old).some((key) => key.includes('/bytes/'))).toBe(true);
    Reflect.deleteProperty(elsewhere, 'removeRun');
    expect(numbers((await world.collect({ keepLast: 1 })).runs)).toEqual([2, 1]);
    expect(await world.listed()).toEqual(['Penguins/3']);
    expect(objectsOf(world, old)).toEqual([]);
    expect(objectsOf(world, last).some((key) => key.includes('/bytes/'))).toBe(true);
    await world.readAll();
  });

  it('deletes no blob, page or batch when a journal, a record, a page or a folder cannot be read', async () => {
    for (const damage of ['batch', 'record', 'page', 'list'] as const) {
      const world = new World();
      const made = await world.runs(5);
      const last = made.at(-1);
      if (!last) throw new Error();
      await world.clock.advance(40 * DAY);
      const { flow, id } = last.record;
      const key = {
        batch: batchKey(flow, id, 0),
        record: recordKey(flow, id),
        page: world.store.keys('cache/v1/')[0] ?? '',
        list: blobKey(last.folder.digest),
      }[damage];
      world.store.flip(key, 130);
      const before = world.store.keys().filter((one) => /^(cas|cache)\/|\/batch\//.test(one));
      const plan = await world.collect({ keepLast: 1 });
      expect(plan.unreadable.map(({ message }) => message).join(), damage).toContain(
        damage === 'list' ? last.folder.digest : key,
      );
      const deleted = before.filter((one) => !world.store.keys().includes(one));
      expect(deleted, damage).toEqual(damage === 'list' ? [key] : []);
      expect(plan.runs.length, damage).toBe(damage === 'record' ? 0 : 4);
    }
  });
});

describe('a garbage collection beside other processes', () => {
  it('throws VARVE_GC_LIVE while a run is running, recorded or not, and releases its lease', async () => {
    const world = new World();
    await world.runs(3);
    await world.run({ unfinished: true });
    await expect(world.collect({ keepLast: 0, olderMs: 0 })).rejects.toMatchObject({ code: 'VARVE_GC_LIVE' });
    expect((await world.listed()).length).toBe(4);
    await world.clock.advance(30_000);
    expect((await world.plan()).live).toEqual([]);
    await writeHeartbeat(world.store, { flow: 'New', id: '01' }, { host: 'h', pid: 1, intervalMs: 5000 });
    await expect(world.collect()).rejects.toMatchObject({ code: 'VARVE_GC_LIVE' });
    expect(world.store.keys('leases/')).toEqual([]);
  });

  it('keeps a run that has just been recorded', async () => {
    const world = new World();
    await world.run({ unfinished: true });
    await world.clock.advance(30_000);
    const plan = await world.collect({ keepLast: 0, olderMs: 0 });
    expect(plan.kept.map(({ why }) => why)).toEqual(['starting']);
  });

  it('excludes a second one, until its lease has not been renewed for a minute', async () => {
    const world = new World();
    await world.runs(1);
    const storeClock = new StoreClock(world.store, world.clock);
    const lease = await CollectorLease.take(world.store, world.clock);
    await expect(world.collect()).rejects.toMatchObject({ code: 'VARVE_GC_BUSY' });
    expect(await collectorOf(world.store, storeClock)).toMatchObject({ pid: process.pid });
    // The lease is renewed every ten seconds.
    for (let i = 0; i < 12; i++) await world.clock.advance(10_000);
    expect(await collectorOf(world.store, storeClock)).toBeDefined();
    lease.check();
    world.store.fault = ({ call, key }) =>
      call === 'put' && key.startsWith('leases/gc/') ? { error: new StoreError('unavailable', 'down') } : undefined;
    for (let i = 0; i < 5; i++) await world.clock.advance(10_000);
    expect(() => lease.check()).toThrow(VarveError);
    for (let i = 0; i < 3; i++) await world.clock.advance(10_000);
    expect(await collectorOf(world.store, storeClock)).toBeUndefined();
    world.store.fault = undefined;
    await world.collect();
  });

  it('ignores pins of runs that no longer exist', async () => {
    const world = new World();
    await put(world.store, pinKey('Gone', '01'));
    await world.collect();
    expect(world.store.keys('pins/').length).toBe(1);
  });
});
