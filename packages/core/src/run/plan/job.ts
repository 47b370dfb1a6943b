import type { CacheEntry, Reason, Tokens } from '../../cache/index.ts';
import type { TaskOutcome, TaskSpec } from '../../contract/index.ts';
import type { GraphStep } from '../../flow/index.ts';
import type { ArtifactScope } from '../../store/index.ts';
import type { ForeachFrame } from './frame.ts';
import type { RunOptions, RunPorts } from './ports.ts';
import type { OriginTask } from './resume-source.ts';
import type { RunIdentity } from './task-spec.ts';

/** One task that may start, or start again. */
export interface Job {
  readonly step: GraphStep;
  readonly frame: ForeachFrame;
  /** The artifacts it starts from. */
  readonly artifacts: ArtifactScope;
  /** From 1. */
  readonly attempt: number;
  /** The attempts before it, all of which have failed; none when it begins anew. */
  readonly failures?: readonly Failure[];
  /** Another attempt whose pause is over: it starts before all that has not been tried yet. */
  readonly due?: true;
  /** The spec with which the cache was asked. */
  readonly spec?: TaskSpec;
  /** The reason for executing it although results are cached. */
  readonly why?: Reason;
  /** Reads of an earlier task of the step, of which `TaskSpec.expects` is made. */
  readonly expects?: readonly string[];
  /** Equal for tasks of this run that would do the same: one is executed, the others wait for its result. */
  readonly dedupeKey?: string;
  /** A task with the same key did something else: it no longer waits for another one. */
  readonly neverDedupe?: true;
  /** Set once other processes need not be considered; `leased`: this process holds the lease of the task. */
  readonly flight?: 'leased' | 'alone';
  /** It was not executed: the cache, or the run that is resumed, had its result. */
  readonly known?: 'cached' | 'cloned';
  /** It is executed again only because bytes of its result were lost: what follows it in the plan has started before. */
  readonly rerun?: true;
}

export type Success = TaskOutcome & { readonly ok: true };
export type Failure = TaskOutcome & { readonly ok: false };

/** The end of a job: the outcome of an attempt, or a result from the cache or from the resumed run. */
export type JobResult = { readonly job: Job; readonly spec: TaskSpec } & (
  | { readonly outcome: TaskOutcome }
  | { readonly known: CacheEntry | OriginTask }
);

/** Shared by everything a job passes on its way from the plan to its result. */
export interface JobContext {
  readonly identity: RunIdentity;
  readonly ports: RunPorts;
  readonly options: RunOptions;
  /** Aborted when the run is stopped. */
  readonly signal: AbortSignal;
  readonly pending: PendingWork;
  readonly look: Look;
  specOf(job: Job): TaskSpec;
  /** Queues the job for its runner. */
  execute(job: Job): void;
  /** Hands the result to the loop, which takes it up soon. */
  deliver(result: JobResult): void;
  warn(message: string): void;
  /** Lets the loop try again: a job may start that could not before. */
  wake(): void;
  /** Stops the run with an error that is not a task's. */
  fail(error: unknown): void;
}

/** Looks at what lies outside of the run; `answer` is called with its tokens, by read. */
export interface Look {
  ask(reads: readonly string[], answer: (tokens: Tokens) => void): void;
}

/** Answers from outside that a run waits for: it must not end while one is open. */
export class PendingWork {
  private open = 0;

  constructor(
    /** Called after each answer has been used. */
    private readonly onAnswered: () => void,
    /** Called with an error that has no handler of its own: the run cannot go on. */
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
