import type {
  Provenance,
  Reference,
  References,
  RunRecord,
  RunStatus,
  StepKeyed,
  StoredError,
  TaskStatus,
} from '../../contract/index.ts';

/** One attempt of a task. A task that was not executed has none. */
export interface AttemptState {
  /** From 1. */
  readonly attempt: number;
  readonly status: 'running' | 'succeeded' | 'failed' | 'cancelled';
  /** Ms since the Unix epoch. */
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** Wall time, ms. */
  readonly ms?: number;
  readonly error?: StoredError;
  readonly log?: Reference;
}

/** State of one task in the journal. Tasks the journal does not mention are counted per step as queued. */
export interface TaskState {
  readonly task: string;
  readonly step: string;
  /** For people: `train[knn]`. */
  readonly label: string;
  readonly status: TaskStatus;
  readonly attempts: readonly AttemptState[];
  readonly writes: References;
  readonly deletes: readonly string[];
  readonly reads: readonly string[];
  /** Tokens of those reads that lie outside of the run, by read. */
  readonly ambient?: Readonly<Record<string, string>>;
  readonly log?: Reference;
  /** Wall time of the attempt that ended it, ms; for a reused task that of its original execution. */
  readonly ms?: number;
  readonly via?: Provenance;
  /** `Flow/number/task` that executed it, when it was not executed here. */
  readonly from?: string;
  /** Reason of the cache miss: a code of the closed set, a blank, and the particulars. */
  readonly why?: string;
  /** Error of its last attempt, when the step's `catch` took it as the result. */
  readonly caught?: StoredError;
  /** Reason for which it was skipped or cancelled. */
  readonly reason?: string;
  readonly endedAt?: number;
}

export interface StepState {
  readonly name: string;
  /** Number of tasks as far as known; a foreach inside another grows as its parents end. */
  readonly total: number;
  /** Tasks by status; `queued` are those that the journal does not mention yet. */
  readonly counts: Readonly<Partial<Record<TaskStatus, number>>>;
}

export interface RunState {
  readonly record: RunRecord;
  /** `running` until the journal contains its end; `statusOf` decides whether it is lost. */
  readonly status: Exclude<RunStatus, 'lost'>;
  /** In the order in which the journal first mentions them. */
  readonly tasks: ReadonlyMap<string, TaskState>;
  /** In the order of the class. */
  readonly steps: ReadonlyMap<string, StepState>;
  /** Labels of the elements, by the foreach task that was expanded: `train`, or `train[1]` inside another foreach. */
  readonly expansions: ReadonlyMap<string, readonly string[]>;
  /** Beginnings of the digests of those elements, where the journal has them. */
  readonly elements: ReadonlyMap<string, readonly string[]>;
  /** Cache keys of the steps; absent when the run did not use the cache. */
  readonly keyed?: Readonly<Record<string, StepKeyed>>;
  readonly firstFailure?: { readonly task: string; readonly label: string; readonly error: StoredError };
  /** Ms since the Unix epoch, of the last event. */
  readonly lastEventAt?: number;
}

const SUCCESSFUL: readonly TaskStatus[] = ['succeeded', 'cached', 'cloned'];

/** True for a task that has results: executed, or taken from an earlier run. */
export function isSuccessful(status: TaskStatus): boolean {
  return SUCCESSFUL.includes(status);
}
