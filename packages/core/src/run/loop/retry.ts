import type { TaskOutcome } from '../../contract/index.ts';
import type { GraphStep } from '../../flow/describe/graph.ts';

/** Longest pause between two attempts, ms. */
const LONGEST_PAUSE_MS = 10 * 60_000;

/**
 * How long to wait before the next attempt, in ms; `undefined` when there is none. The pause doubles with each
 * attempt and is spread by up to a quarter, so that many failed elements do not return at the same instant.
 * `spread` is a random number from 0 to 1.
 */
export function pauseBeforeRetry(
  step: GraphStep,
  attempt: number,
  outcome: TaskOutcome & { ok: false },
  spread: number,
): number | undefined {
  const policy = step.retry;
  if (!policy || outcome.cancelled || !outcome.retryable || attempt > policy.times) return undefined;
  const { name, code } = outcome.error;
  if (policy.on && !policy.on.includes(name) && !(code !== undefined && policy.on.includes(code))) return undefined;
  const pause = Math.min(policy.backoffMs * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
  return Math.round(pause * (1 + spread / 4));
}
