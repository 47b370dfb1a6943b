import type { StepTally } from './step-tally.ts';

/** Before that much time has passed an estimate would be a guess, ms. */
const SETTLED = 1000;

/**
 * Ms until `remaining` tasks are through, at the mean time of those that ended and the concurrency reached so far.
 * `undefined` while too little is known, and when nothing moves.
 */
export function timeLeft(step: StepTally, remaining: number, now: number): number | undefined {
  if (step.startedAt === undefined || step.executed < 2 || remaining < 1) return undefined;
  const isIdle = step.running.size === 0 && now - (step.endedAt ?? now) > SETTLED;
  if (isIdle) return undefined;
  const elapsed = now - step.startedAt;
  if (elapsed < SETTLED) return undefined;
  const mean = step.work / step.executed;
  // What runs is taken to be at most as far as the mean: very short tasks wait longer for the journal than they run.
  const underWay = Math.min(step.running.size * now - step.sinceSum, step.running.size * mean);
  const concurrency = Math.min((step.work + underWay) / elapsed, remaining);
  return concurrency > 0 ? (remaining * mean - underWay) / concurrency : undefined;
}
