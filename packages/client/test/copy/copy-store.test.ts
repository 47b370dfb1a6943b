import { type Datastore, StoreError } from '@varve/core/contract';
import { blobKey, decodePage, fenceKey, liveKey, pinRun, writeHeartbeat } from '@varve/core/internal';
import type { MemoryStore } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import { copyStore } from '../../src/copy/copy-store.ts';
import type { CopyOptions } from '../../src/copy/result.ts';
import { DAY, World } from '../gc/world.ts';

const copy = (
  from: World,
  to: World,
  stores: { from?: Datastore; to?: Datastore } = {},
  options: Partial<CopyOptions> = {},
) =>
  copyStore(
    { store: stores.from ?? from.store },
    { store: stores.to ?? to.store },
    { clock: to.clock, concurrency: 1, ...options },
  );

/** The store, of which every write after the first `most` fails. */
function failingAfter(store: MemoryStore, most: number): Datastore {
  let left = most;
  return Object.assign(Object.create(store) as MemoryStore, {
    put: (...args: Parameters<Datastore['put']>) => {
      if (left-- > 0) return store.put(...args);
      return Promise.reject(new StoreError('no-space', 'the store is full'));
    },
  });
}

/** The store, whose first read of this key is preceded by an action. */
function beforeRead(store: MemoryStore, key: string, act: () => Promise<unknown>): Datastore {
  let done = false;
  return Object.assign(Object.create(store) as MemoryStore, {
    get: async (...args: Parameters<Datastore['get']>) => {
      if (args[0] === key && !done) {
        done = true;
        await act();
      }
      return store.get(...args);
    },
  });
}

async function filled(): Promise<World> {
  const world = new World();
  const [first] = await world.runs(2);
  await world.run({ ...(first && { from: first }) });
  await world.run({ unfinished: true });
  return world;
}

const written = (world: World) => world.store.keys('').filter((key) => !key.startsWith('leases/'));

describe('copying a store', () => {
  it('leaves a target in which everything that is known is there, wherever it stops, and goes on from there', async () => {
    const source = await filled();
    await source.clock.advance(DAY);
    const whole = new World();
    const { copied, complete } = await copy(source, whole);
    expect(complete).toBe(true);
    expect(copied.objects).toBeGreaterThan(20);
    expect(await whole.readAll()).toBe(await source.readAll());
    for (let writes = 0; writes <= copied.objects; writes++) {
      const target = new World();
      await expect(copy(source, target, { to: failingAfter(target.store, writes) }), `${writes}`).rejects.toThrow(
        'is full',
      );
      await target.readAll();
      const rest = await copy(source, target);
      expect(rest.copied.objects + rest.skipped.objects).toBe(copied.objects);
      expect(written(target)).toEqual(written(whole));
    }
  });

  it('copies no heartbeat, fence, cancellation or lease, and leaves none of its own', async () => {
    const source = await filled();
    const target = new World();
    await copy(source, target);
    expect(written(source).some((key) => key.endsWith('/live'))).toBe(true);
    expect(target.store.keys('').filter((key) => /^leases|\/(live|fence|cancel)$/.test(key))).toEqual([]);
  });

  it('takes a run that was deleted meanwhile for deleted, and what it shared with others goes', async () => {
    const source = await filled();
    const target = new World();
    const last = await source.run();
    await source.clock.advance(40 * DAY);
    const collected = beforeRead(source.store, blobKey(last.large.digest), () =>
      source.collect({ keepLast: 1, olderMs: 0 }),
    );
    const done = await copy(source, target, { from: collected });
    expect(done.notCopied).toEqual([]);
    expect(done.notes.length).toBeGreaterThan(0);
    expect(done.notes[0]).toMatch(/^Penguins\/\d was removed from the source meanwhile/);
    expect(await target.listed()).toEqual(await source.listed());
    await target.readAll();
  });

  it('keeps the times of results, so that their age and order are the same in the target', async () => {
    const source = await filled();
    const target = new World();
    await target.clock.advance(400 * DAY);
    await copy(source, target);
    const ages = (world: World) =>
      world.store.keys('cache/v1/').map((key) => {
        const modifiedAt = world.store.objects.get(key)?.modifiedAt ?? 0;
        return decodePage({ key, modifiedAt, bytes: world.store.bytes(key) }).entries.map(({ at }) => at);
      });
    expect(ages(target)).toEqual(ages(source));
    expect(new Set(ages(target).flat()).size).toBeGreaterThan(1);
    const back = await copy(target, source);
    expect(back.copied, 'the same results in another form are the same').toEqual({ objects: 0, bytes: 0 });
  });

  it('with keepLast takes the newest runs, pinned ones, and what these made or used, and no more', async () => {
    const source = new World();
    const [first, second, , fourth] = await source.runs(4);
    if (!first || !second || !fourth) throw new Error('no runs');
    await pinRun(source.store, second.record, { by: 'ada', at: 0 });
    await source.run({ from: first });
    await source.clock.advance(DAY);
    const target = new World();
    await copy(source, target, {}, { keepLast: 1 });
    expect(await target.listed()).toEqual(['Penguins/5', 'Penguins/2']);
    await target.readAll();
    expect(target.store.keys('cache/v1/')).toHaveLength(2);
    expect(target.store.keys(blobKey(first.large.digest)), 'was used').toHaveLength(1);
    expect(target.store.keys(blobKey(fourth.large.digest))).toEqual([]);
    await copy(source, target);
    expect(await target.listed()).toEqual(await source.listed());
  });

  it('stops varve gc in its target, which would delete what nothing refers to yet', async () => {
    const source = await filled();
    const target = new World();
    const last = await source.run();
    const refused: unknown[] = [];
    const from = beforeRead(source.store, blobKey(last.large.digest), () =>
      target.collect().catch((error) => refused.push(error.code)),
    );
    await copy(source, target, { from });
    expect(refused).toEqual(['VARVE_GC_LIVE']);
  });

  it('judges by the heartbeat and its own clock whether a run goes on, where it may only read', async () => {
    const source = await filled();
    const [newest] = await source.listings();
    if (!newest || newest.summary) throw new Error('the newest run has not ended');
    const { flow, id } = newest.record;
    await source.store.delete(fenceKey(flow, id));
    await writeHeartbeat(source.store, newest.record, { host: 'here', pid: 1, intervalMs: 5_000 });
    const from = failingAfter(source.store, 0);
    from.put = () => Promise.reject(new StoreError('permission-denied', 'read only'));
    const target = new World();
    await target.clock.advance(source.clock.now() - target.clock.now());
    expect((await copy(source, target, { from })).live).toMatchObject([{ flow, id }]);
    await target.clock.advance(60_000);
    expect(await copy(source, target, { from })).toMatchObject({ live: [], complete: true, runs: [{ id }] });
    expect(target.store.keys('')).not.toContain(liveKey(flow, id));
  });
});
