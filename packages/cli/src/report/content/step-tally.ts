import type { StoredError } from '@varve/core/contract';
import { ReasonTally } from '../../print/reason.ts';

/** A foreach with more elements than this is shown as a whole. */
export const MANY = 12;

/** Most artifacts of one step to keep sizes of. */
const NAMES_KEPT = 8;

export interface RunningTask {
  readonly label: string;
  readonly attempt: number;
  /** Ms since the Unix epoch. */
  readonly since: number;
}

export interface FinishedElement {
  readonly task: string;
  readonly label: string;
  readonly ms: number;
}

/** State of one step: counters, running tasks and a dozen elements. Its size does not grow with the elements. */
export class StepTally {
  /** The foreach steps around it; empty until the first event of its tasks. */
  scope: readonly string[] = [];
  /** For a foreach: number of elements of its lists so far, and of its lists. */
  elements = 0;
  lists = 0;
  succeeded = 0;
  /** Tasks that were not executed: cache hits, and tasks kept from the run that is resumed. */
  cached = 0;
  /** Those of `cached` that were kept from the run that is resumed. */
  kept = 0;
  failed = 0;
  cancelled = 0;
  skipped = 0;
  /** Tasks whose error went into an artifact; they count as succeeded. */
  caught = 0;
  caughtIn: string | undefined;
  /** Failed attempts that wait for the next one. */
  retrying = 0;
  /** Highest number of attempts of one task. */
  attempts = 0;
  /** Wall time of all last attempts of tasks in this run, ms. */
  work = 0;
  startedAt: number | undefined;
  endedAt: number | undefined;
  readonly running = new Map<string, RunningTask>();
  /** Sum of `since` over `running`. */
  sinceSum = 0;
  readonly sizes = new Map<string, number>();
  /** Finished elements, while they are few. */
  finishedElements: FinishedElement[] = [];
  /** Reasons of the executed tasks. */
  readonly reasons = new ReasonTally();
  /** Run whose results were reused; `several` for more than one. */
  origin: string | undefined;
  /** Reason of the first skipped task. */
  reason: string | undefined;
  lastError: StoredError | undefined;
  lastLog: string | undefined;

  constructor(readonly name: string) {}

  /** Tasks that ended for good. */
  get finished(): number {
    return this.succeeded + this.cached + this.failed + this.cancelled + this.skipped;
  }

  /** Tasks that were executed to an end. */
  get executed(): number {
    return this.succeeded + this.failed;
  }

  get isForeach(): boolean {
    return this.scope.length > 0;
  }

  start(task: string, running: RunningTask): void {
    this.startedAt ??= running.since;
    if (running.attempt > 1 && this.retrying > 0) this.retrying--;
    this.attempts = Math.max(this.attempts, running.attempt);
    this.running.set(task, running);
    this.sinceSum += running.since;
  }

  stop(task: string, now: number): void {
    const running = this.running.get(task);
    if (running) this.sinceSum -= running.since;
    this.running.delete(task);
    this.endedAt = now;
  }

  /** Counts a task that was not executed. `from`: the run of its result; `kept`: this run resumes that one. */
  hit(from: string | undefined, kept: boolean): void {
    this.cached++;
    if (kept) this.kept++;
    this.origin = this.origin === undefined || this.origin === from ? from : 'several';
  }

  keep(element: FinishedElement): void {
    if (this.finishedElements.length <= MANY) this.finishedElements.push(element);
  }

  addSizes(writes: Readonly<Record<string, number>>): void {
    for (const name in writes) {
      const known = this.sizes.get(name);
      if (known !== undefined || this.sizes.size < NAMES_KEPT) this.sizes.set(name, (known ?? 0) + (writes[name] ?? 0));
    }
  }
}

/** Before this time an estimate would be a guess, ms. */
const MIN_ELAPSED_MS = 1000;

/**
 * Estimates the ms until `remaining` tasks have ended, from the mean time of those that ended and the concurrency so
 * far. `undefined` while too little is known, and while nothing runs.
 */
export function timeLeft(step: StepTally, remaining: number, now: number): number | undefined {
  if (step.startedAt === undefined || step.executed < 2 || remaining < 1) return undefined;
  const isIdle = step.running.size === 0 && now - (step.endedAt ?? now) > MIN_ELAPSED_MS;
  if (isIdle) return undefined;
  const elapsed = now - step.startedAt;
  if (elapsed < MIN_ELAPSED_MS) return undefined;
  const mean = step.work / step.executed;
  // Running tasks count at most the mean: very short tasks wait longer for the journal than they run.
  const underWay = Math.min(step.running.size * now - step.sinceSum, step.running.size * mean);
  const concurrency = Math.min((step.work + underWay) / elapsed, remaining);
  return concurrency > 0 ? (remaining * mean - underWay) / concurrency : undefined;
}
