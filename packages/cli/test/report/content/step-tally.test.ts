import { expect, test } from 'vitest';
import { StepTally, timeLeft } from '../../../src/report/content/step-tally.ts';

interface Scene {
  /** Number of finished tasks, and the time of each, ms. */
  readonly done: number;
  readonly each: number;
  /** Start times of the running tasks. */
  readonly running?: readonly number[];
  readonly now: number;
}

function step({ done, each, running = [], now }: Scene): StepTally {
  const tally = new StepTally('work');
  tally.startedAt = 0;
  tally.endedAt = now;
  tally.succeeded = done;
  tally.work = done * each;
  for (const [i, since] of running.entries()) tally.start(`work[${i}]`, { label: '', attempt: 1, since });
  return tally;
}

test('the estimate for eight tasks of 10 s, two at a time, is 40 s', () => {
  expect(timeLeft(step({ done: 4, each: 10_000, now: 20_000 }), 8, 20_000)).toBe(40_000);
});

test('the estimate counts the time that running tasks have already taken', () => {
  const scene = { done: 4, each: 10_000, running: [20_000, 20_000], now: 25_000 };
  expect(timeLeft(step(scene), 8, 25_000)).toBe(35_000);
});

test('the estimate for a task that takes longer than the others is not negative', () => {
  const scene = { done: 9, each: 1000, running: [9000], now: 60_000 };
  expect(timeLeft(step(scene), 1, 60_000)).toBe(0);
});

test('the estimate is not too low for very short tasks that wait for the journal', () => {
  const running = Array.from({ length: 800 }, () => 5900);
  const left = timeLeft(step({ done: 60_000, each: 0.05, running, now: 6000 }), 40_000, 6000) ?? 0;
  expect(left).toBeGreaterThan(3500);
  expect(left).toBeLessThan(4500);
});

test.each<[string, Scene, number]>([
  ['in the first second', { done: 5, each: 100, now: 900 }, 10],
  ['after one task', { done: 1, each: 100, now: 5000 }, 10],
  ['when all is done', { done: 5, each: 100, now: 5000 }, 0],
  ['when tasks take no time', { done: 5, each: 0, now: 5000 }, 10],
])('there is no estimate %s', (_, scene, remaining) => {
  expect(timeLeft(step(scene), remaining, scene.now)).toBeUndefined();
});

test('there is no estimate while nothing runs', () => {
  const tally = step({ done: 5, each: 100, now: 5000 });
  expect(timeLeft(tally, 10, 5500)).toBeGreaterThan(0);
  expect(timeLeft(tally, 10, 9000)).toBeUndefined();
});
