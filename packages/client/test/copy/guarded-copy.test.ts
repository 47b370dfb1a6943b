import type { Clock, Datastore } from '@varve/core/contract';
import { bodyOf, encodeEnvelope, numberKey } from '@varve/core/internal';
import { ManualClock, type MemoryStore, settle } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import { copyStore } from '../../src/copy/copy-store.ts';
import { removeRun } from '../../src/gc/maintenance.ts';
import { World } from '../gc/world.ts';

const HOUR = 3_600_000;
const ALL = { keepLast: 1, olderMs: 0 };

const copy = (from: World, to: World, store: Datastore = to.store, clock: Clock = to.clock) =>
  copyStore({ store: from.store }, { store }, { clock, concurrency: 1 });

/** A target with everything of a source whose runs were removed: a collection deletes all of it. */
async function removed(): Promise<{ source: World; target: World }> {
  const source = new World();
  await source.runs(2);
  const target = new World();
  await target.clock.advance(source.clock.now() - target.clock.now());
  await copy(source, target);
  for (const listing of await target.listings()) await removeRun(listing, target.parts);
  await target.clock.advance(2 * HOUR);
  return { source, target };
}

/** The store, before whose first write or deletion of a matching key something happens. */
function before(store: MemoryStore, call: 'put' | 'delete', key: RegExp, act: () => Promise<unknown>): Datastore {
  let done = false;
  const changed = async (...args: never[]) => {
    if (!done && key.test(String(args[0]))) {
      done = true;
      await act();
    }
    return (store[call] as (...all: never[]) => Promise<void>)(...args);
  };
  return Object.assign(Object.create(store) as MemoryStore, { [call]: changed });
}

describe('beside varve gc in its target', () => {
  it('a copy sends what the collection deletes while the copy waits for it', async () => {
    const { source, target } = await removed();
    let go: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    const collected = target.collect(
      ALL,
      before(target.store, 'delete', /^cas|batch/, () => held),
    );
    await settle();
    let ended = false;
    const copied = copy(source, target).finally(() => {
      ended = true;
    });
    await settle();
    go();
    await collected;
    while (!ended) await target.clock.advance(250);
    expect((await copied).complete).toBe(true);
    expect(await target.readAll()).toBe(await source.readAll());
  });

  /** Time passes for a sleeping process, but its timers do not fire before it is awake. */
  class AsleepClock extends ManualClock {
    behind = 0;
    override now(): number {
      return super.now() + this.behind;
    }
  }

  it.each<[string, number, boolean | 'still']>([
    ['wakes up', 1, false],
    ['wakes up, and its timers before the rest of it', 1, true],
    ['wakes up, and its clock has stood still', 1, 'still'],
    ['wakes up when even its fence was collected', 2, false],
  ])('a copy that was taken for dead makes nothing known when it %s', async (_, collections, timers) => {
    const { source, target } = await removed();
    const clock = new AsleepClock(target.clock.now());
    const sleep = async () => {
      for (let i = 0; i < collections; i++) {
        await target.clock.advance(i === 0 ? 60_000 : 2 * HOUR);
        await target.collect(ALL);
      }
      if (timers !== 'still') clock.behind = target.clock.now() - clock.now();
      if (timers === true) await clock.advance(5_000);
    };
    const to = before(target.store, 'put', /summary$/, sleep);
    await expect(copy(source, target, to, clock)).rejects.toMatchObject({ code: 'VARVE_COPY_LOST' });
    expect(await target.listed()).toEqual([]);
    expect(target.store.keys('cache/v1/')).toEqual([]);
    expect((await copy(source, target)).complete).toBe(true);
    expect(await target.readAll()).toBe(await source.readAll());
  });

  it('a copy that slept goes on when nothing was collected', async () => {
    const { source, target } = await removed();
    const clock = new AsleepClock(target.clock.now());
    const to = before(target.store, 'put', /summary$/, async () => {
      await target.clock.advance(HOUR);
      clock.behind = HOUR;
    });
    expect((await copy(source, target, to, clock)).complete).toBe(true);
    expect(await target.readAll()).toBe(await source.readAll());
  });
});

describe('numbers', () => {
  it('are all taken back when one of them turns out to name another run', async () => {
    const source = new World();
    await source.run({ flow: 'Big' });
    await source.run({ flow: 'Small' });
    await source.run({ flow: 'Small' });
    for (const [name, key] of [
      ['first', numberKey('Small', 1)],
      ['second', numberKey('Small', 2)],
    ] as const) {
      const target = new World();
      const other = bodyOf([encodeEnvelope('number', { flow: 'Small', run: 'of-another-history' })]);
      const to = before(target.store, 'put', /^numbers/, () => target.store.put(key, other));
      await expect(copy(source, target, to), name).rejects.toMatchObject({ code: 'VARVE_COPY_CONFLICT' });
      expect(target.store.keys('numbers/'), name).toEqual([key]);
    }
  });

  it('written by another copy of the same store at the same time are no conflict', async () => {
    const source = new World();
    await source.runs(2);
    const target = new World();
    const to = before(target.store, 'put', /^numbers/, () => copy(source, target));
    expect(await copy(source, target, to)).toMatchObject({ complete: true });
    expect(await target.readAll()).toBe(await source.readAll());
  });
});

it('many calls at once that listen to the same signal make Node warn of no leak', async () => {
  const source = new World();
  await source.runs(8);
  const target = new World();
  const put: Datastore['put'] = async (key, body, options = {}) => {
    const stop = () => {};
    options.signal?.addEventListener('abort', stop);
    await settle();
    options.signal?.removeEventListener('abort', stop);
    return target.store.put(key, body, options);
  };
  const warnings: string[] = [];
  const onWarning = ({ name }: Error) => warnings.push(name);
  process.on('warning', onWarning);
  const store = Object.assign(Object.create(target.store) as MemoryStore, { put });
  await copyStore({ store: source.store }, { store }, { clock: target.clock });
  await settle();
  process.off('warning', onWarning);
  expect(warnings).toEqual([]);
});
