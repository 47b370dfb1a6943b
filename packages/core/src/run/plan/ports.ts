import type { StoredPage } from '../../cache/page-store.ts';
import type { PageRecord } from '../../cache/page-writer.ts';
import type { StepComponents } from '../../cache/step-key.ts';
import type {
  Clock,
  Digest,
  Reference,
  RunEvent,
  RunSummary,
  TaskRunner,
  WrittenArtifact,
} from '../../contract/index.ts';
import type { ProgressListener } from './progress.ts';
import type { Origin } from './resume-source.ts';
import type { RunCache } from './run-cache.ts';

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
  readonly origin?: Origin;
  /** How results of earlier runs are used. Left out: every task is executed. */
  readonly cache?: RunCache;
  /** Most tasks at once over all steps. Default: no limit beyond the runner's width and the steps' own. */
  readonly concurrency?: number;
  /** Stop everything at the first failure instead of finishing independent branches. */
  readonly failFast?: boolean;
  /** Stops the run: the first abort ends it as cancelled, results so far are kept. */
  readonly signal?: AbortSignal;
}
