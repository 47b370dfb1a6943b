import { collect, ManualClock, MemoryStore, runRecord, succeeded } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import { type RunEvent, StoreError } from '../../../src/contract/index.ts';
import { ArtifactStore } from '../../../src/store/artifacts/artifact-store.ts';
import { CommitWriter } from '../../../src/store/journal/commit-writer.ts';
import { DatastoreJournal } from '../../../src/store/journal/journal-store.ts';

/** The same numbers below 1 for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed * 7_919 + 1;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/** A run whose store fails one call in four, half of these after the write took effect. */
async function stormyRun(seed: number, apart: boolean) {
  const random = randomFrom(seed);
  const store = new MemoryStore();
  const elsewhere = apart ? new MemoryStore() : store;
  const clock = new ManualClock();
  const run = runRecord();
  const metadata = apart ? { metadata: new DatastoreJournal(elsewhere) } : {};
  const flushed: number[] = [];
  const writer = new CommitWriter({
    store,
    run,
    clock,
    maxEvents: 7,
    maxBytes: 3_000,
    onFlushed: (sequence) => flushed.push(sequence),
    ...metadata,
  });
  await writer.begin();
  const fault = () =>
    random() < 0.25 ? { error: new StoreError('unavailable', 'storm'), after: random() < 0.5 } : undefined;
  store.fault = fault;
  elsewhere.fault = fault;
  const appended: string[] = [];
  for (let i = 0; i < 60; i++) {
    const { event, bytes } = succeeded(`t${i}`, { own: `"${i}"`, shared: `"${i % 5}"` });
    appended.push(`t${i}`);
    writer.append(event, bytes);
    if (random() < 0.2) await clock.advance(40);
    if (random() < 0.2) await writer.flush().catch(() => {});
  }
  store.fault = undefined;
  elsewhere.fault = undefined;
  await writer.flush();
  return { store, elsewhere, run, appended, flushed };
}

describe('a run on a store with many faults', () => {
  it.each([false, true])(
    'ends with every event once, in order, and with all bytes readable (journal elsewhere: %s)',
    async (apart) => {
      for (let seed = 0; seed < 40; seed++) {
        const { store, elsewhere, run, appended, flushed } = await stormyRun(seed, apart);
        const events: RunEvent[] = await collect(new DatastoreJournal(elsewhere).events(run));
        expect(
          events.map((event) => 'task' in event && event.task),
          `seed ${seed}`,
        ).toEqual(appended);
        expect(flushed).toEqual([...new Set(flushed)].sort((a, b) => a - b));
        expect(flushed.at(-1)).toBe(appended.length);
        const references = events.flatMap((event) =>
          event.type === 'task-succeeded' ? Object.values(event.writes) : [],
        );
        const values = (await new ArtifactStore({ store }).readMany(references)).map((bytes) =>
          Buffer.from(bytes).toString(),
        );
        expect(values).toEqual(appended.flatMap((_, i) => [`"${i}"`, `"${i % 5}"`]));
      }
    },
  );

  it('keeps the order of events that arrive during a write', async () => {
    const store = new MemoryStore();
    store.latencyMs = 2;
    const run = runRecord();
    const writer = new CommitWriter({ store, run, clock: new ManualClock(), maxEvents: 5 });
    await writer.begin();
    const flushes: Promise<void>[] = [];
    for (let i = 0; i < 50; i++) {
      writer.append(succeeded(`t${i}`, {}).event);
      if (i % 10 === 3) flushes.push(writer.flush());
      if (i % 4 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all([...flushes, writer.flush()]);
    const events = await collect(new DatastoreJournal(store).events(run));
    expect(events.map((event) => 'task' in event && event.task)).toEqual(Array.from({ length: 50 }, (_, i) => `t${i}`));
  });
});
