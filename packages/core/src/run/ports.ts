import type { Clock, Digest, Reference, RunEvent, RunSummary, TaskRunner, WrittenArtifact } from '../contract/index.ts';
import type { ProgressListener } from './progress.ts';

/** Bytes of small artifacts that an event names, by digest. */
export type SmallBytes = ReadonlyMap<Digest, Uint8Array>;

/** The journal of one run as the scheduler sees it. */
export interface JournalPort {
  /** Takes the event in order and returns its sequence number at once; it is durable when `onFlushed` reaches it. */
  append(event: RunEvent, bytes?: SmallBytes): number;
  /** Everything up to this sequence number is durable. */
  onFlushed(listener: (sequence: number) => void): void;
  /** Somebody else ended this run from outside. */
  onStop(listener: (reason: 'fenced' | 'cancelled') => void): void;
  /** A write failed. The run stops scheduling; `flush` tries again. */
  onError(listener: (error: unknown) => void): void;
  /** Resolves when everything appended is durable. */
  flush(): Promise<void>;
  /** Flushes, writes the summary, stops the heartbeat. */
  end(summary: RunSummary): Promise<void>;
}

/** Looks into artifacts on behalf of the plan. */
export interface ValuePort {
  /** The labels of a list's elements, in order. Throws `VarveError` when it is not a list. */
  expand(list: Reference, name: string): Promise<readonly string[]>;
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
  readonly clock: Clock;
  readonly onProgress: ProgressListener;
}

export interface RunOptions {
  /** Most tasks at once over all steps. Default: no limit beyond the runner's width and the steps' own. */
  readonly concurrency?: number;
  /** Stop everything at the first failure instead of finishing independent branches. */
  readonly failFast?: boolean;
  /** Stops the run: the first abort ends it as cancelled, results so far are kept. */
  readonly signal?: AbortSignal;
}
