import { bytesOf, ManualClock, MemoryStore } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../../../src/contract/index.ts';
import { bodyOf } from '../../../src/store/objects/body.ts';
import { withPatience } from '../../../src/store/objects/layers/with-patience.ts';
import { withRetry } from '../../../src/store/objects/layers/with-retry.ts';

function setUp() {
  const store = new MemoryStore();
  const clock = new ManualClock();
  return { store, clock, patient: withPatience(withRetry(store, { clock, random: () => 0.9 }), clock, 5_000) };
}

async function pass(clock: ManualClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) await clock.advance(100);
}

describe('a call that a run can do without', () => {
  it.each(['stat', 'put', 'delete', 'list', 'get'] as const)('gives up a %s after seconds', async (call) => {
    const { store, clock, patient } = setUp();
    store.fault = () => ({ error: new StoreError('unavailable', 'gone') });
    const calls = {
      stat: () => patient.stat('a'),
      put: () => patient.put('a', bodyOf([bytesOf('x')])),
      delete: () => patient.delete('a'),
      list: () => patient.list('a')[Symbol.asyncIterator]().next(),
      get: () => patient.get('a'),
    };
    let outcome: unknown = 'pending';
    calls[call]().then(
      () => {},
      (error: unknown) => {
        outcome = error;
      },
    );
    await pass(clock, 4_500);
    expect(outcome).toBe('pending');
    await pass(clock, 1_000);
    expect(outcome).toMatchObject({ code: 'unavailable', message: 'memory did not answer within 5 s' });
    const { length } = store.calls;
    await pass(clock, 60_000);
    expect(store.calls, 'it is not repeated behind the back of its caller').toHaveLength(length);
  });

  it('waits for a stream as long as its chunks come', async () => {
    const { store, clock, patient } = setUp();
    store.chunkBytes = 1;
    await store.put('a', bodyOf([bytesOf('abc')]));
    const chunks: Uint8Array[] = [];
    for await (const chunk of await patient.get('a')) {
      chunks.push(chunk);
      await pass(clock, 4_000);
    }
    expect(Buffer.concat(chunks).toString()).toBe('abc');
  });
});
