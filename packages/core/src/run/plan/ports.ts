import type { CacheSettings, PageRecord, Reason, StepComponents, StepPolicy, StoredPage } from '../../cache/index.ts';

import type {
  Clock,
  Digest,
  Reference,
  RunEvent,
  RunStatus,
  RunSummary,
  StoredError,
  TaskLogLine,
  TaskRunner,
  WrittenArtifact,
} from '../../contract/index.ts';
import type { ResumeSource } from './resume-source.ts';

/** Bytes of small artifacts that an event names, by digest. */
export type SmallBytes = ReadonlyMap<Digest, Uint8Array>;

/** The journal of one run as the scheduler sees it. */
export interface JournalPort {
  /**
   * Takes the event in order and returns its sequence number at once; it is durable when `onFlushed` reaches it. `record`:
   * the result is to be found by other runs too, once it is durable.
   */
  append(event: RunEvent, bytes?: SmallBytes, record?: PageRecord): number;
  /** Everything up to this sequence number is durable. */
  onFlushed(listener: (sequence: number) => void): void;
  /** Somebody else ended this run from outside. */
  onStop(listener: (reason: 'fenced' | 'cancelled') => void): void;
  /** Something went wrong that does not keep the run from going on. */
  onWarning(listener: (message: string) => void): void;
  /** A write failed. The run stops scheduling; `flush` tries again. */
  onError(listener: (error: unknown) => void): void;
  /** Resolves when everything appended is durable. */
  flush(): Promise<void>;
  /** Flushes, writes the summary, stops the heartbeat. */
  end(summary: RunSummary): Promise<void>;
}

/** Elements of a foreach, without their values. */
export interface Elements {
  /** For people: `knn`. */
  readonly labels: readonly string[];
  /** Of each element's own bytes and codec: equal values have equal ones, wherever they stand in the list. */
  readonly digests: readonly string[];
}

/** Results of earlier runs. Nothing here is needed for a run to go well: what fails is as if nothing were there. */
export interface CachePort {
  /** Everything that is kept under a step's key. */
  pages(key: string): Promise<readonly StoredPage[]>;
  /** Takes a task for this process, unless another one that lives has it. */
  lease(name: string): Promise<boolean>;
  /** Publishes what is durable, then lets others have the task. */
  release(name: string): void;
  /** What the store's clock is ahead of this one's, ms. */
  skew(): Promise<number>;
  /** What the steps' keys were made of in the last run of the flow that has them. */
  before(flow: string, steps: readonly string[]): Promise<Readonly<Record<string, StepComponents>>>;
}

/** Looks into artifacts on behalf of the plan. */
export interface ValuePort {
  /** The elements of a list, in order. Throws `VarveError` when it is not a list. */
  expand(list: Reference, name: string): Promise<Elements>;
  /** Encodes plain data and names it; a large value is durable when this resolves. */
  store(value: unknown): Promise<WrittenArtifact>;
  /** Whether the artifact is what a `when` asks for: truthy, or one of the given values. */
  test(flag: Reference, expected: readonly unknown[] | undefined): Promise<boolean>;
}

/** Where tasks run: a step may name another runner than the run's own. */
export interface RunnerPort {
  /** Started when it is first asked for. Throws `VARVE_UNKNOWN_RUNNER`. */
  runner(name: string | undefined): TaskRunner;
}

/** Everything through which a run acts. Tests replace only these. */
export interface RunPorts {
  readonly runners: RunnerPort;
  readonly journal: JournalPort;
  readonly values: ValuePort;
  readonly cache?: CachePort;
  readonly clock: Clock;
  readonly onProgress: ProgressListener;
}

export interface RunOptions {
  /** The run that is resumed. */
  readonly origin?: ResumeSource;
  /** How results of earlier runs are used. Left out: every task is executed. */
  readonly cache?: RunCache;
  /** Most tasks at once over all steps. Default: no limit beyond the runner's width and the steps' own. */
  readonly concurrency?: number;
  /** Stop everything at the first failure instead of finishing independent branches. */
  readonly failFast?: boolean;
  /** Stops the run: the first abort ends it as cancelled, results so far are kept. */
  readonly signal?: AbortSignal;
}

/**
 * What a run tells those who watch it. `task-ended` and what follows is said only when the journal holds it:
 * what was shown as finished is never lost.
 */
export type Progress =
  | {
      readonly type: 'run-started';
      readonly flow: string;
      readonly number: number;
      readonly id: string;
      readonly parameters: Readonly<Record<string, string>>;
      readonly steps: readonly string[];
    }
  | {
      readonly type: 'step-expanded';
      readonly step: string;
      readonly label: string;
      readonly count: number;
      readonly scope: Scope;
    }
  | {
      readonly type: 'task-started';
      readonly step: string;
      readonly task: string;
      readonly label: string;
      readonly attempt: number;
      readonly scope: Scope;
      /** Why it is executed although results are kept. */
      readonly why?: Reason;
    }
  | {
      readonly type: 'task-ended';
      readonly step: string;
      readonly task: string;
      readonly label: string;
      readonly status: 'succeeded' | 'cached' | 'cloned' | 'failed' | 'retrying' | 'cancelled';
      readonly attempt: number;
      /** Of a task whose result was there: how long it took when it was executed. */
      readonly ms: number;
      /** `Flow/number/task` that was executed, for a task whose result was there. */
      readonly from?: string;
      /** Of a task whose result was there: no `task-started` told of it. */
      readonly scope?: Scope;
      /** Why it failed; of a task that succeeded, why its last attempt failed before `catch` took the error. */
      readonly error?: StoredError;
      /** The artifact in which `catch` keeps the error. */
      readonly caught?: string;
      readonly writes?: Readonly<Record<string, number>>;
    }
  | {
      readonly type: 'task-skipped';
      readonly step: string;
      readonly task: string;
      readonly label: string;
      readonly reason: string;
      readonly scope: Scope;
    }
  | ({ readonly type: 'log' } & TaskLogLine)
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'run-ended'; readonly status: RunStatus; readonly ms: number; readonly summary: RunSummary };

/** The foreach steps around a step, outermost first; a foreach step is inside its own scope. Tells how many tasks to expect. */
export type Scope = readonly string[];

export type ProgressListener = (progress: Progress) => void;

/** How results of one step are found. */
export interface StepCache {
  /** Hex. */
  readonly key: string;
  readonly components: StepComponents;
  readonly policy: StepPolicy;
}

/** What a run knows of its steps' results before anything has run. */
export interface RunCache {
  readonly settings: CacheSettings;
  /** A reason for a step whose results are never used again. */
  readonly steps: ReadonlyMap<string, StepCache | Reason>;
  /** Of every step, also of those whose results are never used again. */
  readonly keys: ReadonlyMap<string, Pick<StepCache, 'key' | 'components'>>;
}

export function isStepCache(cache: StepCache | Reason | undefined): cache is StepCache {
  return cache !== undefined && 'key' in cache;
}
