import { ManualClock, MemoryStore, runRecord } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../../src/contract/index.ts';
import { TaskLeases } from '../../src/session/results.ts';
import { readHeartbeat, readStatus, writeHeartbeat } from '../../src/store/coordination/heartbeat.ts';

const BEAT_MS = 5_000;
const MINUTES = 60_000;

/** A machine whose clock is wrong by `off` ms, beside a store that has the right time. */
function machine(store: MemoryStore, storeTime: () => number, id: string, off: number) {
  const run = runRecord({ id });
  const clock = new ManualClock();
  Object.assign(clock, { now: () => storeTime() + off });
  const beat = () => writeHeartbeat(store, run, { host: id, pid: 1, intervalMs: BEAT_MS });
  const skew = async () => {
    await beat();
    return ((await readHeartbeat(store, run))?.modifiedAt ?? 0) - clock.now();
  };
  return { leases: new TaskLeases(store, run, clock, skew), beat };
}

describe('a task that two machines need whose clocks are ten minutes apart', () => {
  it.each([
    ['ahead', 10 * MINUTES],
    ['behind', -10 * MINUTES],
  ])('is executed by one, while the other one is %s', async (_, off) => {
    let now = 1_000_000_000;
    const store = new MemoryStore();
    store.now = () => now;
    const first = machine(store, () => now, '01j9zq0000000000000000000a', 0);
    const second = machine(store, () => now, '01j9zq0000000000000000000b', off);
    await first.beat();
    expect(await first.leases.take('task')).toBe(true);
    now += 2 * BEAT_MS;
    expect(await second.leases.take('task'), 'two beats missed').toBe(false);
    now += 2 * BEAT_MS;
    expect(await second.leases.take('task'), 'more than three beats missed').toBe(true);
    expect(await first.leases.take('task'), 'it had it and does not ask again').toBe(true);
  });

  it('is free at once when it is given back', async () => {
    const now = 1_000_000_000;
    const store = new MemoryStore();
    store.now = () => now;
    const first = machine(store, () => now, '01j9zq0000000000000000000a', 0);
    const second = machine(store, () => now, '01j9zq0000000000000000000b', 10 * MINUTES);
    await first.beat();
    await first.leases.take('task');
    expect(await second.leases.take('task')).toBe(false);
    await first.leases.release('task');
    expect(await second.leases.take('task')).toBe(true);
  });

  it('is given back when no answer came to who asked for it', async () => {
    const store = new MemoryStore();
    const first = machine(store, Date.now, '01j9zq0000000000000000000a', 0);
    const second = machine(store, Date.now, '01j9zq0000000000000000000b', 0);
    await first.beat();
    store.fault = ({ call }) =>
      call === 'put' ? { error: new StoreError('unavailable', 'lost'), after: true } : undefined;
    await expect(first.leases.take('task')).rejects.toMatchObject({ code: 'unavailable' });
    store.fault = undefined;
    expect(await second.leases.take('task')).toBe(false);
    expect(first.leases.isOpen).toBe(true);
    await first.leases.release('task');
    expect(await second.leases.take('task')).toBe(true);
  });

  it('is left to a machine that beat while a slow store was asked for the time', async () => {
    let now = 1_000_000_000;
    const store = new MemoryStore();
    store.now = () => now;
    const first = machine(store, () => now, '01j9zq0000000000000000000a', 0);
    const second = machine(store, () => now, '01j9zq0000000000000000000b', 0);
    await first.beat();
    expect(await first.leases.take('task')).toBe(true);
    let isSlow = false;
    const stat = store.stat.bind(store);
    store.stat = async (key, options) => {
      const info = await stat(key, options);
      if (isSlow && key.includes('0a/live')) {
        isSlow = false;
        now += 6 * BEAT_MS;
        await first.beat();
      }
      return info;
    };
    isSlow = true;
    expect(await second.leases.take('task')).toBe(false);
    isSlow = true;
    const record = { record: runRecord({ id: '01j9zq0000000000000000000a' }) };
    expect(await readStatus(store, record, async () => now)).toBe('running');
    now += 6 * BEAT_MS;
    expect(await readStatus(store, record, async () => now), 'it has stopped').toBe('lost');
  });
});
