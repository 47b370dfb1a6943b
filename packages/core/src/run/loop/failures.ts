import type { Clock, TaskOutcome, TaskSpec } from '../../contract/index.ts';
import type { GraphStep } from '../../flow/index.ts';
import { type ArtifactScope, extendScope } from '../../store/index.ts';

import type { Job, PendingWork } from '../plan/job.ts';
import type { ValuePort } from '../plan/ports.ts';
import type { Recorder } from './recorder.ts';
import type { Rewind } from './recovery.ts';

export type Failure = TaskOutcome & { readonly ok: false };

export interface FailureHost {
  readonly recorder: Recorder;
  readonly values: ValuePort;
  readonly clock: Clock;
  readonly questions: PendingWork;
  readonly rewind: Rewind;
  /** Aborted when the run was stopped. */
  readonly signal: AbortSignal;
  /** Another attempt may start. */
  retry(job: Job): void;
  /** The error became an artifact, and the step counts as done. */
  caught(job: Job, env: ArtifactScope): void;
  /** It has failed for good. */
  failed(job: Job, outcome: Failure): void;
}

/** What follows a failed attempt: another one, once what it could not read is there again or after a pause, or the end. */
export class Failures {
  constructor(private readonly host: FailureHost) {}

  handle(job: Job, spec: TaskSpec, outcome: Failure): void {
    const { signal, recorder, rewind } = this.host;
    const next = { ...job, attempt: job.attempt + 1 };
    const then = { again: () => this.host.retry(next), failed: () => this.giveUp(job, outcome) };
    if (outcome.lost !== undefined && !signal.aborted && rewind.recover(outcome.lost, spec, then)) {
      recorder.failed(job, outcome, true);
      return;
    }
    const pause = signal.aborted ? undefined : pauseBeforeRetry(job.step, job.attempt, outcome, Math.random());
    if (pause !== undefined) {
      recorder.failed(job, outcome, true);
      this.later(pause, next);
    } else if (job.step.catch !== undefined && !outcome.cancelled && !job.rerun)
      this.catch(job, outcome, job.step.catch);
    else this.giveUp(job, outcome);
  }

  giveUp(job: Job, outcome: Failure): void {
    this.host.recorder.failed(job, outcome, false);
    this.host.failed(job, outcome);
  }

  private later(pause: number, job: Job): void {
    const over = this.host.clock.sleep(pause, this.host.signal).catch(() => {});
    this.host.questions.track(over, () => this.host.retry(job));
  }

  private catch(job: Job, outcome: Failure, name: string): void {
    const { values, questions, recorder } = this.host;
    const use = (artifact: Awaited<ReturnType<ValuePort['store']>>) =>
      this.host.caught(job, extendScope(job.env, recorder.caught(job, outcome, name, artifact)));
    questions.track(values.store(outcome.error), use, () => this.giveUp(job, outcome));
  }
}

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
