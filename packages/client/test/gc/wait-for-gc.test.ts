import { VarveError } from '@varve/core/contract';
import { CollectorLease, liveKey, withoutCollector } from '@varve/core/internal';
import { ManualClock, MemoryStore, settle } from '@varve/test-support';
import { expect, it } from 'vitest';
import { World } from './world.ts';

const lost = () => new VarveError('VARVE_LOST', 'taken for dead');
const RUN = { flow: 'Penguins', id: '01j9' };

it('a starting run waits for the end of a garbage collection, writes heartbeats meanwhile and warns once', async () => {
  const clock = new ManualClock();
  const store = new MemoryStore({ now: () => clock.now() });
  const lease = await CollectorLease.take(store, clock);
  const warnings: string[] = [];
  let started = false;
  const run = withoutCollector(
    { store, clock },
    RUN,
    { onWarning: (message) => warnings.push(message), lost },
    async () => {
      started = true;
    },
  );
  await settle();
  for (let i = 0; i < 40; i++) await clock.advance(500);
  expect(started).toBe(false);
  expect(warnings).toEqual([expect.stringMatching(/^waiting for varve gc to end: process \d+ on /)]);
  expect(store.count('put', liveKey(RUN.flow, RUN.id))).toBe(5);
  await lease.release();
  await clock.advance(500);
  await run;
  expect(started).toBe(true);
  expect(clock.waiting).toBe(0);
});

it('a run never starts during the deletions of a garbage collection, in any interleaving', async () => {
  let refused = 0;
  const rounds = 120;
  for (let round = 0; round < rounds; round++) {
    const world = new World();
    await world.runs(2, { withoutPage: true });
    delayCalls(world.store, round);
    let collecting = true;
    const collected = world
      .collect({ keepLast: 0, olderMs: 0 })
      .catch((error: { code?: string }) => {
        expect(error.code).toBe('VARVE_GC_LIVE');
        refused++;
      })
      .finally(() => {
        collecting = false;
      });
    await turns(round % 12);
    let gone = -1;
    const start = async () => {
      const before = world.store.count('delete', 'records/');
      for (let i = 0; i < 10; i++) await settle();
      gone = world.store.count('delete', 'records/') - before;
    };
    const run = withoutCollector(world.parts, RUN, { onWarning: () => {}, lost }, start);
    while (collecting) await world.clock.advance(250);
    await collected;
    for (let i = 0; i < 10 && gone < 0; i++) await world.clock.advance(250);
    await run;
    expect(gone, `round ${round}`).toBe(0);
  }
  expect(refused).toBeGreaterThan(0);
  expect(refused).toBeLessThan(rounds);
});

/** Delays each call of the store by some turns of the event loop, differently in each round. */
function delayCalls(store: MemoryStore, round: number): void {
  let calls = 0;
  const wait = () => turns((round * 7 + calls++ * (1 + (round % 5))) % 6);
  const { list, put } = { list: store.list.bind(store), put: store.put.bind(store) };
  store.list = async function* (...args) {
    await wait();
    yield* list(...args);
  };
  store.put = async (...args) => {
    await wait();
    return put(...args);
  };
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
