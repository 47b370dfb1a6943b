import { describe, expect, it } from 'vitest';
import type { TaskOutcome } from '../../src/contract/index.ts';
import { HeldOutcomes, type Pace } from '../../src/task/remote/held-outcomes.ts';

const OUTCOME = { ok: true, ms: 1 } as unknown as TaskOutcome;

/** A thread, and how often it was looked at. */
function heldOutcomes() {
  let looks = 0;
  const held = new HeldOutcomes(() => {
    looks++;
    return [];
  });
  const run = (id: number, pace: Pace) => held.end({ id, outcome: OUTCOME }, held.begin(), pace);
  const taken = (pace: Pace) => held.take(pace).map(({ id }) => id);
  return { run, taken, looks: () => looks };
}

describe('outcomes of a worker', () => {
  it('leave at once when it has no other task', () => {
    const { run, taken, looks } = heldOutcomes();
    for (const id of [1, 2, 3]) run(id, 'busy');
    expect(taken('idle')).toEqual([1, 2, 3]);
    expect(looks()).toBe(1);
  });

  it('leave at once when they are awaited, however often that is', () => {
    const { run, taken } = heldOutcomes();
    run(0, 'busy');
    for (let id = 1; id <= 500; id++) {
      run(id, 'awaited');
      expect(taken('busy')).toContain(id);
    }
  });

  it('do not cost a look each when a worker gets its tasks one by one', () => {
    const { run, taken, looks } = heldOutcomes();
    let left = 0;
    for (let id = 0; id < 5_000; id++) {
      run(id, 'idle');
      left += taken('idle').length;
    }
    expect(looks()).toBeLessThan(2_500);
    left += taken('awaited').length;
    expect(left).toBe(5_000);
  });
});
