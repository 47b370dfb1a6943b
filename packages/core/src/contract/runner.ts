import type { CallOptions } from './datastore.ts';
import type { StoredError } from './metadata.ts';
import type { Digest, Reference, References } from './reference.ts';

/** The compiled module that a task runs. */
export interface CodeLocation {
  /** File URL of the compiled module. */
  readonly bundle: string;
  readonly digest: Digest;
  /** Name of the export that is the flow class, or its class name when it is not exported by that name. */
  readonly flow: string;
}

/** A finished task as a join sees it: `own` was written since the split or branch, the rest is in `base`. */
export interface ViewSpec {
  /** The task it shows, e.g. `train[2]`. */
  readonly task: string;
  readonly base: References;
  readonly own: References;
  /** Names of `base` that the task deleted. */
  readonly deleted?: readonly string[];
}

/** One attempt of one task as plain data, so that it can travel to another thread, process or machine. */
export interface TaskSpec {
  readonly flow: string;
  readonly runId: string;
  readonly runNumber: number;
  readonly origin?: string;
  readonly step: string;
  /** `step`, `step[2]`, `step[2,0]`, or `init`. */
  readonly task: string;
  /** For people: `train[knn]`. */
  readonly label: string;
  /** From 1. */
  readonly attempt: number;
  readonly code: CodeLocation;
  /** Artifacts the task may read, passed on unless it assigns or deletes them. */
  readonly inputs: References;
  /** Names on which the branches of a static join differ: reading one is an error that names the branches. */
  readonly conflicts?: Readonly<Record<string, readonly string[]>>;
  /** The element of each foreach around the task, outermost first; the last one is the step's argument. */
  readonly elements: readonly { readonly list: Reference; readonly index: number; readonly label: string }[];
  /** True when the step itself is the foreach, so that the innermost element is its argument. */
  readonly isForeach?: boolean;
  /** Argument of a foreach join: one view a task, in element order. */
  readonly tasks?: readonly ViewSpec[];
  /** Argument of a static join: a view a parent; `null` where a condition skipped it. */
  readonly branches?: Readonly<Record<string, ViewSpec | null>>;
  /** Start of the run, ms since the Unix epoch: the result of `this.now()` in all of its tasks. */
  readonly now?: number;
  /** Seed of `this.random()`: the same for the same step and element, in every run. Hex. */
  readonly seed?: string;
  /** Raw parameter values, for the task `init` only. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Ms after which the attempt is stopped; absent for no limit. */
  readonly timeoutMs?: number;
}

/** The reference of an artifact that a task wrote, and its bytes when they are small. */
export interface WrittenArtifact {
  readonly reference: Reference;
  /** Present for small artifacts; larger ones are already in the Datastore when the outcome is known. */
  readonly bytes?: Uint8Array;
}

/** The result of one attempt. */
export type TaskOutcome = {
  /** Wall time of the attempt, ms. */
  readonly ms: number;
  /** Captured stdout and stderr, codec `log/1`. */
  readonly log?: WrittenArtifact;
} & (
  | {
      readonly ok: true;
      readonly writes: Readonly<Record<string, WrittenArtifact>>;
      readonly deletes: readonly string[];
      /** Everything it read, sorted, as `formatRead` writes it. MUST be complete: the cache relies on it. */
      readonly reads: readonly string[];
    }
  | {
      readonly ok: false;
      readonly error: StoredError;
      /** False for `NonRetryableError` and for mistakes that no repetition can correct. */
      readonly retryable: boolean;
      /** The artifact whose bytes are missing or damaged: running its producer again may help. */
      readonly lost?: Digest;
      /** True when it stopped because the run was stopped: neither a failure nor a success. */
      readonly cancelled?: boolean;
    }
);

/** One line a task printed, while it runs. */
export interface TaskLogLine {
  readonly task: string;
  readonly label: string;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

export interface RunTaskOptions extends CallOptions {
  /** Called for each line as it is printed. */
  readonly onLog?: (line: TaskLogLine) => void;
}

/** Runs attempts of tasks. `run` resolves however the attempt ends; it rejects only if the runner itself broke. */
export interface TaskRunner {
  /** `inline`, `threads`, `process`, or a plugin's own. */
  readonly name: string;
  readonly capabilities: {
    readonly isolation: 'none' | 'thread' | 'process' | 'remote';
    /** Most tasks it runs at once. */
    readonly width: number;
  };
  run(task: TaskSpec, options: RunTaskOptions): Promise<TaskOutcome>;
  /** Stops every task and process it started. Called last; calling it again is NOT an error. */
  close?(): Promise<void>;
}
