import { MemoryStore } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import { StoreError, type StoreErrorCode } from '../../../src/contract/index.ts';
import { StoreClock } from '../../../src/store/index.ts';

const HERE = 1_700_000_000_000;
const HOUR = 3_600_000;

function world(aheadMs: number) {
  const store = new MemoryStore({ now: () => HERE + aheadMs });
  return { store, clock: new StoreClock(store, { now: () => HERE }) };
}

/** Makes the next writes fail. */
function refuse(store: MemoryStore, code: StoreErrorCode): () => void {
  const put = store.put.bind(store);
  store.put = async () => {
    throw new StoreError(code, 'refused');
  };
  return () => {
    store.put = put;
  };
}

describe('the time of a store', () => {
  it.each([HOUR, -HOUR, 0])(
    'is known however far its clock is off (%d ms), and nothing of the question stays',
    async (ahead) => {
      const { store, clock } = world(ahead);
      expect(await clock.now()).toBe(HERE + ahead);
      expect([...store.objects.keys()]).toEqual([]);
    },
  );

  it.each(['permission-denied', 'no-space', 'unsupported'] as const)(
    'is that of this machine where nothing may be written: %s',
    async (code) => {
      const { store, clock } = world(HOUR);
      refuse(store, code);
      expect(await clock.now()).toBe(HERE);
    },
  );

  it('is known to somebody who may write and not delete', async () => {
    const { store, clock } = world(HOUR);
    store.delete = async () => {
      throw new StoreError('permission-denied', 'refused');
    };
    expect(await clock.now()).toBe(HERE + HOUR);
  });

  it('is asked for again when it could not be found out', async () => {
    const { store, clock } = world(HOUR);
    const allow = refuse(store, 'unavailable');
    await expect(clock.now()).rejects.toMatchObject({ code: 'unavailable' });
    allow();
    expect(await clock.now()).toBe(HERE + HOUR);
  });
});
