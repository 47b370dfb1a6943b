import { MemoryStore } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../../../src/contract/index.ts';
import {
  acquireLease,
  type Lease,
  readLease,
  releaseLease,
  renewLease,
} from '../../../src/store/coordination/lease.ts';
import { leaseKey } from '../../../src/store/objects/keys.ts';

const owner = (pid: number) => ({ host: 'lab', pid, takenAt: 1 });
const alive = () => true;
const dead = () => false;

async function take(store: MemoryStore, pid: number, isAlive: (lease: Lease) => boolean = alive): Promise<Lease> {
  const acquired = await acquireLease(store, 'gc', owner(pid), { isAlive });
  if (!acquired.held) throw new Error(`held by ${acquired.owner.pid}`);
  return acquired.lease;
}

describe('a lease', () => {
  it('goes to one of twenty that ask at the same time, and the others get its owner', async () => {
    const store = new MemoryStore();
    store.latencyMs = 1;
    const all = await Promise.all(
      Array.from({ length: 20 }, () => acquireLease(store, 'gc', owner(7), { isAlive: alive })),
    );
    const held = all.filter((one) => one.held);
    expect(held.length).toBe(1);
    expect(all.filter((one) => !one.held).map((one) => one.key)).toEqual(Array(19).fill(held[0]?.lease.key));
    expect(store.keys()).toEqual([leaseKey('gc', 0)]);
  });

  it('names its owner and run, and is independent of leases of other names', async () => {
    const store = new MemoryStore();
    const who = { ...owner(1), flow: 'Penguins', runId: '01j9' };
    await acquireLease(store, 'k2/Ab', who, { isAlive: alive });
    expect(await acquireLease(store, 'k2/Ab', owner(2), { isAlive: alive })).toMatchObject({ held: false, owner: who });
    expect((await readLease(store, 'k2/Ab'))?.owner).toEqual(who);
    expect(await readLease(store, 'gc')).toBeUndefined();
    await take(store, 3);
  });

  it('of a dead owner is taken over by exactly one of many', async () => {
    const store = new MemoryStore();
    await take(store, 1);
    const isAlive = (lease: Lease) => lease.owner.pid !== 1;
    const all = await Promise.all(
      Array.from({ length: 10 }, (_, i) => acquireLease(store, 'gc', owner(10 + i), { isAlive })),
    );
    expect(all.filter((one) => one.held).map((one) => one.lease.generation)).toEqual([1]);
  });

  it('that was released is free and leaves no object behind', async () => {
    const store = new MemoryStore();
    await take(store, 1);
    const second = await take(store, 2, dead);
    await releaseLease(store, second);
    expect(store.keys()).toEqual([]);
    expect((await take(store, 3)).owner.pid).toBe(3);
  });

  it('is not held twice when its number was free again meanwhile', async () => {
    const store = new MemoryStore();
    const isAlive = (lease: Lease) => lease.owner.pid !== 1;
    await take(store, 1);
    let winner: Promise<Lease> | undefined;
    // The slow process has seen that generation 0 is dead; before it creates generation 1, others take and release it.
    store.fault = ({ call, key }) => {
      if (call !== 'put' || key !== leaseKey('gc', 1) || winner) return undefined;
      winner = comeAndGo(store, isAlive);
      return undefined;
    };
    const slow = await acquireLease(new Slow(store, () => winner), 'gc', owner(4), { isAlive });
    expect((await winner)?.owner.pid).toBe(3);
    expect(slow).toMatchObject({ held: false, owner: { pid: 3 } });
    expect((await readLease(store, 'gc'))?.owner.pid).toBe(3);
  });

  it('is renewed by its owner, unless another process has taken it', async () => {
    const store = new MemoryStore();
    let mine: Lease | undefined = await take(store, 1);
    for (let i = 1; i <= 4; i++) {
      mine = mine && (await renewLease(store, mine));
      expect(mine?.generation).toBe(i);
    }
    expect(store.keys()).toEqual([leaseKey('gc', 3), leaseKey('gc', 4)]);
    await take(store, 2, dead);
    expect(mine && (await renewLease(store, mine))).toBeUndefined();
  });

  it('whose object is damaged has an unknown owner and is not free', async () => {
    const store = new MemoryStore();
    store.flip((await take(store, 1)).key, 100);
    expect(await acquireLease(store, 'gc', owner(2), { isAlive: alive })).toMatchObject({ held: false });
    expect((await take(store, 2, (lease) => lease.owner.pid !== 0)).generation).toBe(1);
  });

  it('is held although the answer to its creation was lost', async () => {
    const store = new MemoryStore();
    let failed = false;
    store.fault = ({ call }) => {
      if (call !== 'put' || failed) return undefined;
      failed = true;
      return { error: new StoreError('unavailable', 'lost'), after: true };
    };
    await expect(take(store, 1)).rejects.toThrow('lost');
    expect((await readLease(store, 'gc'))?.owner.pid).toBe(1);
    expect((await take(store, 2, (lease) => lease.owner.pid !== 1)).owner.pid).toBe(2);
  });
});

/** Takes the lease over from the dead owner, releases it, and takes it again under the first number. */
async function comeAndGo(store: MemoryStore, isAlive: (lease: Lease) => boolean): Promise<Lease> {
  await releaseLease(store, await take(store, 2, isAlive));
  return take(store, 3, isAlive);
}

/** A store whose writes wait for a promise. */
class Slow extends MemoryStore {
  constructor(
    private readonly inner: MemoryStore,
    private readonly wait: () => Promise<unknown> | undefined,
  ) {
    super();
  }
  override async put(...[key, body, options]: Parameters<MemoryStore['put']>): Promise<void> {
    this.inner.fault?.({ call: 'put', key }, 0);
    await this.wait();
    return this.inner.put(key, body, options);
  }
  override get(...args: Parameters<MemoryStore['get']>) {
    return this.inner.get(...args);
  }
  override list(...args: Parameters<MemoryStore['list']>) {
    return this.inner.list(...args);
  }
  override delete(...args: Parameters<MemoryStore['delete']>) {
    return this.inner.delete(...args);
  }
}
