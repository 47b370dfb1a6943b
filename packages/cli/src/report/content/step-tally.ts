import type { StoredError } from '@varve/core/contract';
import { ReasonTally } from '../../print/reason.ts';

/** From this many elements on, a foreach is shown as a whole. */
export const MANY = 12;

/** Names of artifacts whose sizes are kept for one step. */
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

/** What is known of one step: counters, what runs now, and a dozen elements; never one entry an element. */
export class StepTally {
  /** The foreach steps around it; empty until the first of its tasks is heard of. */
  scope: readonly string[] = [];
  /** For a foreach: how many elements its lists had so far, and how many lists. */
  elements = 0;
  lists = 0;
  succeeded = 0;
  /** Tasks that were not executed: their result was there, or the run that is resumed had done them. */
  cached = 0;
  /** Of these, the ones that the run which is resumed had done. */
  kept = 0;
  failed = 0;
  cancelled = 0;
  skipped = 0;
  /** Tasks whose error went into an artifact; they count as succeeded. */
  caught = 0;
  caughtIn: string | undefined;
  /** Attempts that failed and are to be followed by another one. */
  retrying = 0;
  /** Most attempts one task took. */
  attempts = 0;
  /** Wall time of all attempts of this run that ended a task, ms. */
  work = 0;
  startedAt: number | undefined;
  endedAt: number | undefined;
  readonly running = new Map<string, RunningTask>();
  /** Sum of `since` over `running`. */
  sinceSum = 0;
  readonly sizes = new Map<string, number>();
  /** The elements that finished, while there are few. */
  finishedElements: FinishedElement[] = [];
  /** Why those that were executed were. */
  readonly reasons = new ReasonTally();
  /** The run whose results were used; `several` when there are more. */
  origin: string | undefined;
  /** Why the first one was skipped. */
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

  /** A task whose result was there. `from`: the run that made it; `kept`: this one goes on with that one. */
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
