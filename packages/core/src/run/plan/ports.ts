import type {
  CacheSettings,
  PageRecord,
  Reason,
  StepComponents,
  StepPolicy,
  StoredPage,
  Tokens,
} from '../../cache/index.ts';
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
   * Takes the event in order and returns its sequence number at once; it is durable when `onFlushed` reaches it. With
   * `record`, other runs can find the result too, once it is durable.
   */
  append(event: RunEvent, bytes?: SmallBytes, record?: PageRecord): number;
  /** Everything up to this sequence number is durable. */
  onFlushed(listener: (sequence: number) => void): void;
  /** Resolves when it is certain whether another process has taken over: `onStop` was called before. */
  confirm(): Promise<void>;
  /** The run was cancelled or fenced by another process. */
  onStop(listener: (reason: 'fenced' | 'cancelled') => void): void;
  /** Reports a fault with which the run can go on. */
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

/** A step in an earlier run. */
export interface EarlierStep extends StepComponents {
  /** Why a result of it was not kept. */
  readonly unkept?: string;
  /** What a task of it read, as `formatRead` writes it. */
  readonly reads?: readonly string[];
}

/** What other runs get to know of a result. */
export interface ForOthers {
  /** Makes it known to them. */
  readonly record?: PageRecord;
  /** Why they must not use it. */
  readonly unkept?: string;
}

/** Results of earlier runs. A run succeeds without them: an answer that fails counts as no result. */
export interface CachePort {
  /** All pages stored under a step's key. */
  pages(key: string): Promise<readonly StoredPage[]>;
  /** Takes the lease of a task. Resolves with false when another live process has it. */
  lease(name: string): Promise<boolean>;
  /** Releases the lease. `publish`: what is durable by then is published first, so that who waits for the task finds it. */
  release(name: string, publish: boolean): void;
  /** Ms by which the store's clock is ahead of this one. */
  skew(): Promise<number>;
  /** The components of the steps' keys in the last run of the flow that has them. */
  before(flow: string, steps: readonly string[]): Promise<Readonly<Record<string, EarlierStep>>>;
}

/** What lies outside of a run, as this process sees it. Its tokens are those that are stored: they tell no secret. */
export interface AmbientPort {
  /** Looks at it now. A read that cannot be looked at here has no token. Never rejects. */
  look(reads: readonly string[]): Promise<Tokens>;
  /** Gets ready to settle the tokens of these reads; `undefined` when it is. Never rejects. */
  prepare(reads: Iterable<string>): Promise<void> | undefined;
  /** Tokens of a worker in the form that is stored. Their reads must have been prepared for. */
  settle(tokens: Readonly<Record<string, string>>): Tokens;
}

/** Reads and stores values for the plan. */
export interface ValuePort {
  /** The elements of a list, in order. Throws `VarveError` when it is not a list. */
  expand(list: Reference, name: string): Promise<Elements>;
  /** Encodes plain data and names it; a large value is durable when this resolves. */
  store(value: unknown): Promise<WrittenArtifact>;
  /** Resolves with true when the artifact fulfils a `when`: it is truthy, or one of the expected values. */
  test(flag: Reference, expected: readonly unknown[] | undefined): Promise<boolean>;
  /** Those of the artifacts whose bytes are not stored any more. */
  missing(references: readonly Reference[]): Promise<readonly Digest[]>;
}

/** The runners of a run: a step may name another one than the run's own. */
export interface RunnerPort {
  /** Made when it is first used. Throws `VARVE_UNKNOWN_RUNNER`. */
  runner(name: string | undefined): TaskRunner;
}

/** Everything through which a run acts on the world. Tests replace only these. */
export interface RunPorts {
  readonly runners: RunnerPort;
  readonly journal: JournalPort;
  readonly values: ValuePort;
  readonly cache?: CachePort;
  /** Without it, results of tasks that looked outside of the run are not kept for other runs. */
  readonly ambient?: AmbientPort;
  readonly clock: Clock;
  readonly onProgress: ProgressListener;
}

export interface RunOptions {
  /** The run that is resumed. */
  readonly origin?: ResumeSource;
  /** Without it every task is executed. */
  readonly cache?: RunCache;
  /** Most tasks at once over all steps. Default: no limit beyond the runner's width and the steps' own. */
  readonly concurrency?: number;
  /** Stops everything at the first failure instead of finishing independent branches. */
  readonly failFast?: boolean;
  /** Stops the run: it ends as cancelled and keeps its results so far. */
  readonly signal?: AbortSignal;
}

/**
 * Progress of a run for its listeners. `task-ended` and all that follows from it is reported only when the journal holds
 * it: a task that was shown as finished is never lost.
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
      /** The reason for executing it although results are cached. */
      readonly why?: Reason;
    }
  | {
      readonly type: 'task-ended';
      readonly step: string;
      readonly task: string;
      readonly label: string;
      readonly status: 'succeeded' | 'cached' | 'cloned' | 'failed' | 'retrying' | 'cancelled';
      readonly attempt: number;
      /** Wall time; of a cached or cloned task, when it was executed. */
      readonly ms: number;
      /** Of a cached or cloned task: `Flow/number/task` that was executed. */
      readonly from?: string;
      /** Of a cached or cloned task, which had no `task-started`. */
      readonly scope?: Scope;
      /** Of a failed task; of a task that succeeded, the error of its last attempt, which `catch` took. */
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

/** The foreach steps around a step, outermost first, itself included: they tell how many tasks to expect. */
export type Scope = readonly string[];

export type ProgressListener = (progress: Progress) => void;

/** The key and the policy by which results of one step are found. */
export interface StepCache {
  /** Hex. */
  readonly key: string;
  readonly components: StepComponents;
  readonly policy: StepPolicy;
}

/** Cache settings and step keys of one run. */
export interface RunCache {
  readonly settings: CacheSettings;
  /** Digest of what the flow's modules read outside of the run, on which the keys rest; absent for nothing. */
  readonly load?: string;
  /** By step; a reason for a step whose results are never used again. */
  readonly steps: ReadonlyMap<string, StepCache | Reason>;
  /** By step, also of those whose results are never used again. */
  readonly keys: ReadonlyMap<string, Pick<StepCache, 'key' | 'components'>>;
}

export function isStepCache(cache: StepCache | Reason | undefined): cache is StepCache {
  return cache !== undefined && 'key' in cache;
}
