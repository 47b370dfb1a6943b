import type { StoredError, TaskSpec, WrittenArtifact } from '../../contract/index.ts';
import type { GraphStep } from '../../flow/index.ts';
import { type ArtifactScope, extendScope } from '../../store/index.ts';
import type { Failure, Job } from '../plan/job.ts';
import type { LoopContext } from './loop-context.ts';

/** Longest time that a timer can wait. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Called with a job whose last attempt has failed. */
export interface FailureCallbacks {
  /** The step's `catch` stored the error as an artifact, and the task counts as done. */
  caught(job: Job, artifacts: ArtifactScope): void;
  /** The task has failed for good. */
  failed(job: Job, outcome: Failure): void;
}

/** Decides what follows a failed attempt: another one, at once or after a pause, the step's `catch`, or the end. */
export class Failures {
  constructor(
    private readonly context: LoopContext,
    private readonly on: FailureCallbacks,
  ) {}

  handle(job: Job, spec: TaskSpec, outcome: Failure): void {
    const { signal, recorder, rewind } = this.context;
    const next = { ...job, attempt: job.attempt + 1, failures: [...(job.failures ?? []), outcome] };
    const then = { again: () => this.context.execute({ ...next, due: true }), failed: () => this.giveUp(job, outcome) };
    if (outcome.lost !== undefined && !signal.aborted && rewind.recover(outcome.lost, spec, then)) {
      recorder.failed(job, outcome, true);
      return;
    }
    const pause = signal.aborted ? undefined : pauseBeforeRetry(job.step, job.attempt, outcome, Math.random());
    if (pause !== undefined) {
      recorder.failed(job, outcome, true);
      this.retryAfter(pause, next);
    } else if (job.step.catch !== undefined && !outcome.cancelled && !job.rerun)
      this.catch(job, outcome, job.step.catch);
    else this.giveUp(job, outcome);
  }

  giveUp(job: Job, outcome: Failure): void {
    this.context.recorder.failed(job, outcome, false);
    this.on.failed(job, outcome);
  }

  private retryAfter(pause: number, job: Job): void {
    const { ports, signal, pending } = this.context;
    const over = ports.clock.sleep(pause, signal).catch(() => {});
    pending.track(over, () => this.context.execute({ ...job, due: true }));
  }

  private catch(job: Job, outcome: Failure, name: string): void {
    const { ports, pending, recorder } = this.context;
    const use = (artifact: WrittenArtifact) =>
      this.on.caught(job, extendScope(job.artifacts, recorder.caught(job, outcome, name, artifact)));
    pending.track(ports.values.store(outcome.error), use, () => this.giveUp(job, outcome));
  }
}

/**
 * The pause before the next attempt in ms; `undefined` when there is none. It doubles with each attempt and is spread, so
 * that many failed elements do not return at the same instant. `spread`: a random number from 0 to 1.
 */
function pauseBeforeRetry(step: GraphStep, attempt: number, outcome: Failure, spread: number): number | undefined {
  const policy = step.retry;
  if (!policy || outcome.cancelled || !outcome.retryable || attempt > policy.times) return undefined;
  const { backoffMs, maxBackoffMs, jitter } = policy;
  const { error, retryAfterMs } = outcome;
  if (retryAfterMs === undefined && !isNamed(policy.on, error)) return undefined;
  const pause = Math.min(backoffMs * 2 ** (attempt - 1), maxBackoffMs);
  const spreadBy = pause * jitter * spread;
  return Math.min(Math.round((retryAfterMs ?? pause) + spreadBy), LONGEST_TIMER_MS);
}

function isNamed(on: readonly string[] | undefined, { name, code }: StoredError): boolean {
  return on === undefined || on.includes(name) || (code !== undefined && on.includes(code));
}
