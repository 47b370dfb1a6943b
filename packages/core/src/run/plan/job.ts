import type { Reason } from '../../cache/index.ts';
import type { TaskSpec } from '../../contract/index.ts';
import type { GraphStep } from '../../flow/index.ts';
import type { ArtifactScope } from '../../store/index.ts';

import type { ForeachFrame } from './frame.ts';

/** One task that may start, or start again. */
export interface Job {
  readonly step: GraphStep;
  readonly frame: ForeachFrame;
  readonly env: ArtifactScope;
  /** From 1. */
  readonly attempt: number;
  /** What its result was looked up by. */
  readonly spec?: TaskSpec;
  /** Why it is executed although results are kept. */
  readonly why?: Reason;
  /** What it has in common with tasks that would do the very same: they wait for it. */
  readonly dedupeKey?: string;
  /** One that seemed the same did something else. */
  readonly neverDedupe?: true;
  /** It need not ask any more whether another process executes it; `leased`: no other one does. */
  readonly flight?: 'leased' | 'alone';
  /** It was not executed: its result was there, or a run before had done it. */
  readonly known?: 'cached' | 'cloned';
  /** It is executed again only because what it left was lost; everything that hangs on it has its place already. */
  readonly rerun?: true;
}

interface Lane {
  readonly step: GraphStep;
  readonly jobs: Job[];
  head: number;
}

/** First in, first out per step; steps take turns in the order in which they became ready. */
export class JobQueue {
  private readonly lanes = new Map<string, Lane>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  push(job: Job): void {
    const lane = this.lanes.get(job.step.name);
    if (lane) lane.jobs.push(job);
    else this.lanes.set(job.step.name, { step: job.step, jobs: [job], head: 0 });
    this.count++;
  }

  /** The next job of a step that may start now; `mayStart` is told how many of its tasks wait. */
  take(mayStart: (step: GraphStep, waiting: number) => boolean): Job | undefined {
    for (const lane of this.lanes.values()) {
      if (!mayStart(lane.step, lane.jobs.length - lane.head)) continue;
      const job = lane.jobs[lane.head++];
      this.count--;
      if (lane.head >= lane.jobs.length) this.lanes.delete(lane.step.name);
      if (job) return job;
    }
    return undefined;
  }

  /** Empties the queue. */
  drain(): Job[] {
    const rest = [...this.lanes.values()].flatMap((lane) => lane.jobs.slice(lane.head));
    this.lanes.clear();
    this.count = 0;
    return rest;
  }
}

/** Answers from outside that a run waits for: it must not end while one is open. */
export class PendingWork {
  private open = 0;

  constructor(
    /** After each answer has been used. */
    private readonly onAnswered: () => void,
    /** An answer that nobody could use: the run cannot go on. */
    private readonly onBroken: (error: unknown) => void,
  ) {}

  get count(): number {
    return this.open;
  }

  track<T>(question: Promise<T>, use: (answer: T) => void, refuse: (error: unknown) => void = this.onBroken): void {
    this.open++;
    question
      .then(use, refuse)
      .catch(this.onBroken)
      .finally(() => {
        this.open--;
        this.onAnswered();
      });
  }
}
