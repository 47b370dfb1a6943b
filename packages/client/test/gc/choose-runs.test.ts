import type { RunRecord } from '@varve/core/contract';
import { expect, it } from 'vitest';
import { chooseRuns } from '../../src/gc/choose.ts';

function ended(number: number, more: Partial<RunRecord> = {}) {
  const record = { id: `run-${number}`, flow: 'Flow', number, createdAt: number, ...more } as RunRecord;
  return { record, endedAt: number, live: false, pinned: false };
}

it('garbage collection counts spins separately, so that many of them push out no run', () => {
  const runs = [1, 2, 3, 4, 5, 6].map((number) => ended(number, number > 2 ? { spin: 'Flow/2/step' } : {}));
  const { kept, removed } = chooseRuns(runs, { keepLast: 2, olderMs: 0 }, 100);
  expect(kept.map(({ record }) => record.number)).toEqual([6, 5, 2, 1]);
  expect(removed.map(({ number }) => number)).toEqual([4, 3]);
});
