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
  /** Seed of `this.random()`: the same for the same step and elements around it, in every run. Hex. */
  readonly seed?: string;
  /** Raw parameter values, for the task `init` only. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Names of the parameters whose values were written as text, as in a flag; absent for none. */
  readonly texts?: readonly string[];
  /**
   * Labels of variables that tasks of the step fill or use, which tasks of a thread fill once, as in `CodeFingerprint.memos`;
   * absent for none, and where only steps use them whose results are not kept.
   */
  readonly memos?: readonly string[];
  /**
   * Labels of variables that the step uses and that may hold objects, as in `CodeFingerprint.variables`. Empty for a step
   * without a cache, and for one whose `cache` option vouches for them; absent for all tasks of a run without such variables.
   */
  readonly variables?: readonly string[];
  /**
   * Reads of an earlier task of the step, as `formatRead` writes them: the task will probably read the same, so that these
   * artifacts may be fetched together. It may read others, and leave these unread.
   */
  readonly expects?: readonly string[];
  /** Ms after which the attempt is stopped; absent for no limit. */
  readonly timeoutMs?: number;
}

/** The reference of an artifact that a task wrote, and its bytes when they are small. */
export interface WrittenArtifact {
  readonly reference: Reference;
  /** Present for small artifacts; larger ones are already in the Datastore when the outcome is known. */
  readonly bytes?: Uint8Array;
}

/** A call whose result no key can hold: of the clock, of chance, of the network, of another process. */
export interface AmbientCall {
  /** `Date.now`, `Math.random`, `fetch`, `net`, `child_process.execFile`, … */
  readonly call: string;
  /** The package that called; absent for the user's own code. */
  readonly package?: string;
  /** Place in the user's code, relative to the project. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
}

/** Inputs outside the run that code looked at while it ran. */
export interface AmbientReads {
  /**
   * What was seen, by read as `formatRead` writes it (`@file data/a.csv`). Two equal tokens of one name stand for the same
   * content; `-` for something that is not there. Values of variables are plain hashes here, and keyed ones once stored.
   */
  readonly tokens: Readonly<Record<string, string>>;
  readonly calls?: readonly AmbientCall[];
  /**
   * Digest of what the flow's modules had read outside of the run when this worker loaded them; absent for nothing. Differs
   * from worker to worker when that changed meanwhile.
   */
  readonly load?: string;
  /** Present when the result must not be used by other runs, e.g. because a file changed while it was read. One sentence. */
  readonly unrecorded?: string;
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
      /** Everything it read of the run, sorted, as `formatRead` writes it. MUST be complete: the cache relies on it. */
      readonly reads: readonly string[];
      /** What it read besides; absent when it read nothing else. MUST be complete, too. */
      readonly ambient?: AmbientReads;
      /** The step returned a value, which is no artifact and is dropped. */
      readonly returned?: true;
    }
  | {
      readonly ok: false;
      readonly error: StoredError;
      /** False for `NonRetryableError` and for mistakes that no repetition can correct. */
      readonly retryable: boolean;
      /** For `RetryAfterError`: ms from the failure to the next attempt. */
      readonly retryAfterMs?: number;
      /** The artifact whose bytes are missing or damaged: running its producer again may help. */
      readonly lost?: Digest;
      /** True when it stopped because the run was stopped: neither a failure nor a success. */
      readonly cancelled?: boolean;
      /**
       * What it had read, as of a success; absent when that is not known, as after a crash. Wanted of steps with `retry`: the
       * result of an attempt that asked for its number depends on what made the earlier ones fail.
       */
      readonly reads?: readonly string[];
      readonly ambient?: AmbientReads;
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
