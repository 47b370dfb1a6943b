import { ManualClock, MemoryStore, runRecord } from '@varve/test-support';
import { expect, it } from 'vitest';
import type { CacheEntry } from '../../src/cache/entry.ts';
import { createPage } from '../../src/cache/page-store.ts';
import type { Serializer } from '../../src/contract/index.ts';
import { RunResults } from '../../src/session/results.ts';
import { ArtifactStore } from '../../src/store/artifacts/artifact-store.ts';
import { CommitWriter } from '../../src/store/journal/commit-writer.ts';

const KEY = 'ab'.repeat(32);
const origin = { flow: 'Penguins', runId: 'r', number: 1 };
const entry = (n: number): CacheEntry => ({
  ...{ task: `work[${n}]`, label: `work[${n}]`, reads: ['@element'], tokens: [`element ${n}`], writes: {} },
  ...{ deletes: [], ms: 1, generation: 0, origin, at: 0 },
});

it('writes nothing more once a run has ended: a collection may be under way then', async () => {
  const store = new MemoryStore();
  for (let n = 0; n < 20; n++)
    await createPage(store, { key: KEY, step: 'work', origin, entries: [entry(n)] }, `r${n}`, 0);
  const clock = new ManualClock();
  const run = runRecord();
  const parts = {
    ...{ store, clock, artifacts: new ArtifactStore({ store }), metadata: undefined, stateDir: '/none' },
    ...{ serializer: undefined as unknown as Serializer, close: async () => {} },
  };
  const writer = new CommitWriter({ store, run, clock });
  const cache = new RunResults(parts, run, writer, [{ path: '/none', digest: 'sha256:00' }], () => {});
  store.latencyMs = 2;
  await cache.load(KEY);
  await cache.end();
  const calls = store.calls.length;
  expect(store.keys(`cache/v1/${KEY}/`).length).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(store.calls.length).toBe(calls);
});
