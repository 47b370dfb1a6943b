import { ManualClock, MemoryStore, runRecord, settle } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import { readStatus, writeHeartbeat } from '../../../src/store/coordination/heartbeat.ts';
import { CommitWriter } from '../../../src/store/journal/commit-writer.ts';
import { fenceRun } from '../../../src/store/journal/fence-run.ts';
import { bodyOf } from '../../../src/store/objects/body.ts';
import { fenceKey, liveKey, runPrefix, summaryKey } from '../../../src/store/objects/keys.ts';

const run = runRecord();
const prefix = runPrefix(run.flow, run.id);
const live = liveKey(run.flow, run.id);

async function begun() {
  const clock = new ManualClock();
  const store = new MemoryStore({ now: () => clock.now() });
  const told: string[] = [];
  const writer = new CommitWriter({ store, run, clock, onStop: (reason) => told.push(reason) });
  await writer.begin();
  return { clock, store, told, writer };
}

describe('a process that may have slept', () => {
  it('asks the store nothing while its heartbeat is fresh', async () => {
    const { store, clock, writer } = await begun();
    const before = store.calls.length;
    await clock.advance(4_999);
    await writer.confirm();
    expect(store.calls.length).toBe(before);
  });

  it('notices that it was taken for dead before it beats again, and beats no more', async () => {
    const { store, clock, told, writer } = await begun();
    await fenceRun(store, prefix, 'another run');
    await clock.advance(60_000);
    for (let i = 0; i < 3; i++) await clock.advance(5_000);
    await writer.confirm();
    expect(told).toEqual(['fenced']);
    expect(store.count('put', live)).toBe(1);
    expect(clock.waiting).toBe(0);
  });

  it('takes itself for dead when its heartbeat is gone, although the fence was deleted, too', async () => {
    const { store, clock, told } = await begun();
    await store.delete(live);
    await clock.advance(7_200_000);
    expect(told).toEqual(['fenced']);
    expect(store.keys(prefix)).toEqual([]);
  });

  it('goes on, and beats at once, when nobody has taken it over', async () => {
    const { store, clock, told, writer } = await begun();
    await clock.advance(60_000);
    await Promise.all([writer.confirm(), writer.confirm()]);
    expect(store.count('put', live)).toBe(2);
    expect(told).toEqual([]);
  });

  it('does not beat while the store answers no look', async () => {
    const { store, clock, writer } = await begun();
    store.fault = ({ call }) => (call === 'stat' ? { error: new Error('no network') } : undefined);
    await clock.advance(60_000);
    expect(store.count('put', live)).toBe(1);
    await expect(writer.confirm()).rejects.toThrow('no network');
    store.fault = undefined;
    await clock.advance(5_000);
    expect(store.count('put', live)).toBe(2);
  });

  it('writes no summary after it was taken over', async () => {
    const { store, clock, writer } = await begun();
    await writer.flush();
    await store.delete(live);
    await store.put(fenceKey(run.flow, run.id), bodyOf([Buffer.from('\n')]));
    await clock.advance(60_000);
    await settle();
    await expect(writer.end({ status: 'succeeded', endedAt: 5, counts: {} })).rejects.toMatchObject({
      code: 'VARVE_FENCED',
    });
    expect(store.keys(summaryKey(run.flow, run.id))).toEqual([]);
  });
});

it('a run that was taken over is lost, also while its own process still beats', async () => {
  const { store, clock, writer } = await begun();
  writer.close();
  const status = () => readStatus(store, { record: run }, async () => clock.now());
  expect(await status()).toBe('running');
  await fenceRun(store, prefix, 'another run');
  await writeHeartbeat(store, run, { host: 'here', pid: 1, intervalMs: 5_000 });
  expect(await status()).toBe('lost');
});
