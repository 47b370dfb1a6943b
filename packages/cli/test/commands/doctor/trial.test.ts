import { type Datastore, StoreError } from '@varve/core/contract';
import { MemoryStore } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import { judgeTrial } from '../../../src/commands/doctor/store/judge.ts';
import { type TrialOptions, tryStore } from '../../../src/commands/doctor/store/trial.ts';

const OPTIONS: TrialOptions = { clock: { now: () => Date.now(), sleep: async () => undefined }, waitMs: 10_000 };

/** A store in memory, some of whose calls are others. */
function storeWith(calls: Partial<Datastore>): { readonly store: Datastore; readonly memory: MemoryStore } {
  const memory = new MemoryStore();
  const store: Datastore = {
    name: 'mem:',
    capabilities: memory.capabilities,
    put: (...given) => memory.put(...given),
    get: (...given) => memory.get(...given),
    stat: (...given) => memory.stat(...given),
    list: (...given) => memory.list(...given),
    delete: (...given) => memory.delete(...given),
    ...calls,
  };
  return { store, memory };
}

const statuses = async (store: Datastore, options = OPTIONS) => {
  const found = judgeTrial(store.name, await tryStore(store, options));
  return Object.fromEntries(found.map(({ check, status }) => [check, status]));
};

describe('the trial of a store', () => {
  it('leaves what is there alone, and nothing of its own', async () => {
    const { store, memory } = storeWith({});
    await memory.put('records/mine', { size: 0, async *open() {} });
    expect(Object.values(await statuses(store))).toEqual(Array(7).fill('ok'));
    expect(memory.keys()).toEqual(['records/mine']);
  });

  it('deletes what was written although no write was acknowledged', async () => {
    const lost = new StoreError('unavailable', 'the answer was lost');
    const { store, memory } = storeWith({
      put: async (...given) => {
        await memory.put(...given);
        throw lost;
      },
    });
    await statuses(store);
    expect(memory.keys()).toEqual([]);
  });

  it('deletes all it can when one cannot be deleted, and says so', async () => {
    const { store, memory } = storeWith({
      delete: async (key, options) => {
        if (key.endsWith('/2')) throw new StoreError('unavailable', 'no');
        await memory.delete(key, options);
      },
    });
    expect(await statuses(store)).toMatchObject({ delete: 'problem' });
    expect(memory.keys()).toEqual([expect.stringMatching(/^doctor-[0-9a-f]+\/2$/)]);
  });

  it('deletes what an earlier one left behind when it was killed, and nothing else', async () => {
    const { store, memory } = storeWith({});
    memory.objects.set('doctor-0123456789ab/0', { bytes: new Uint8Array(1), modifiedAt: Date.now() - 2 * 3_600_000 });
    memory.objects.set('doctor-0123456789ac/0', { bytes: new Uint8Array(1), modifiedAt: Date.now() });
    memory.objects.set('doctor-notes/0', { bytes: new Uint8Array(1), modifiedAt: 0 });
    const found = judgeTrial(store.name, await tryStore(store, OPTIONS));
    expect(found.find(({ check }) => check === 'delete')?.message).toContain('1 objects that an earlier check');
    expect(memory.keys().sort()).toEqual(['doctor-0123456789ac/0', 'doctor-notes/0']);
  });

  it('deletes what it has written when it is stopped', async () => {
    const stop = new AbortController();
    const { store, memory } = storeWith({
      get: async (...given) => {
        stop.abort(new Error('stopped'));
        return memory.get(...given);
      },
    });
    await tryStore(store, { ...OPTIONS, signal: stop.signal });
    expect(memory.keys()).toEqual([]);
  });

  it('gives up a call that never ends', async () => {
    const { store } = storeWith({
      put: (_key, _body, o) =>
        new Promise((_, reject) => o?.signal?.addEventListener('abort', () => reject(o.signal?.reason))),
    });
    const found = judgeTrial(store.name, await tryStore(store, { ...OPTIONS, waitMs: 20 }));
    expect(found[0]).toMatchObject({ check: 'write', status: 'problem', message: 'No answer came in time.' });
    expect(found[1]).toMatchObject({ check: 'read', status: 'skipped' });
  });

  it('repeats what may succeed later', async () => {
    let failures = 0;
    const { store, memory } = storeWith({
      put: async (...given) => {
        failures += 1;
        if (failures % 2 === 1) throw new StoreError('unavailable', 'not now');
        await memory.put(...given);
      },
    });
    expect(Object.values(await statuses(store))).toEqual(Array(7).fill('ok'));
  });

  it('deletes what it has written before a write failed', async () => {
    let writes = 0;
    const { store, memory } = storeWith({
      put: async (...given) => {
        writes += 1;
        if (writes > 2) throw new StoreError('no-space', 'the disk is full');
        await memory.put(...given);
      },
    });
    expect(await statuses(store)).toMatchObject({ write: 'problem', read: 'skipped', list: 'ok', delete: 'ok' });
    expect(memory.keys()).toEqual([]);
  });

  it('takes a store with runs that may only be read for a warning, and one without any for a problem', async () => {
    const refuse = async () => {
      throw new StoreError('permission-denied', 'you may not write');
    };
    const { store, memory } = storeWith({ put: refuse, delete: refuse });
    expect(await statuses(store)).toMatchObject({ write: 'problem', read: 'skipped', list: 'ok' });
    await memory.put('runs/flow/id/record', {
      size: 2,
      async *open() {
        yield Buffer.from('{}');
      },
    });
    const found = judgeTrial(store.name, await tryStore(store, OPTIONS));
    expect(found[0]).toMatchObject({ check: 'write', status: 'warning', code: 'VARVE_STORE_PERMISSION_DENIED' });
    expect(found[0]?.message).toMatch(/^You may read mem:, but not write to it: list, show/);
    expect(found[0]?.mend).toContain('varve store copy');
    expect(found[0]?.detail).toEqual(['you may not write']);
    expect(await statuses(store)).toMatchObject({
      read: 'ok',
      list: 'ok',
      create: 'skipped',
      delete: 'skipped',
      clock: 'skipped',
      latency: 'ok',
    });
    expect(memory.keys()).toEqual(['runs/flow/id/record']);
  });

  it('takes a store that may neither be written nor read for a problem', async () => {
    const refuse = async () => {
      throw new StoreError('permission-denied', 'you may do nothing here');
    };
    const { store, memory } = storeWith({ put: refuse, get: refuse });
    await memory.put('runs/flow/id/record', { size: 0, async *open() {} });
    expect(await statuses(store)).toMatchObject({ write: 'problem', read: 'problem', list: 'ok' });
  });

  it('finds a store that does not see its own object', async () => {
    const { store } = storeWith({ stat: async () => undefined });
    expect(await statuses(store)).toMatchObject({ write: 'ok', clock: 'problem' });
  });
});
