import type { CallOptions } from './datastore.ts';
import type { SourceLocation, VarveError } from './error.ts';
import type { Reference, References } from './reference.ts';
import type { StepKeyed, StepOutline } from './step-record.ts';

/** `lost` is never stored: readers use it for the unfinished tasks of a run whose heartbeat went stale. */
export type TaskStatus =
  | 'queued'
  | 'running'
  | 'succeeded'
  | 'cached'
  | 'cloned'
  | 'failed'
  | 'skipped'
  | 'cancelled'
  | 'lost';

export type RunStatus = 'running' | 'succeeded' | 'failed' | 'cancelled' | 'lost';

/** The facts of a run that are known when it starts. */
export interface RunRecord {
  /** Lower-case, sorts by creation time, unique everywhere. */
  readonly id: string;
  readonly flow: string;
  /** Small and per flow, for people: `Penguins#12`. */
  readonly number: number;
  readonly tags: readonly string[];
  /** Ms since the Unix epoch, by the clock of the machine that started it. */
  readonly createdAt: number;
  readonly user: string;
  readonly host: string;
  /** Version of varve that wrote it. */
  readonly varve: string;
  /** Parameters as shown to people. A secret is never among them. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The flow's file, relative to the project, with `/`. */
  readonly file?: string;
  /** Digest of the compiled module that the workers load. */
  readonly bundle: string;
  /** Manifest of the local source files the flow reaches: codec `code/1`. */
  readonly code?: Reference;
  /** Steps in the order of the class, for showing a run without its source. */
  readonly graph: readonly StepOutline[];
  /** The run this one resumes. */
  readonly origin?: string;
  /** The task that `varve spin` tried by itself in this run: `Penguins/12/train[knn]`. It is never the last run of a flow. */
  readonly spin?: string;
}

/** An error as it is stored and shown: plain data, never revived. */
export interface StoredError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly hint?: string;
  /** The innermost place in the user's own source. */
  readonly location?: SourceLocation;
  readonly stack?: string;
  readonly cause?: StoredError;
}

/** The origin of a task's results. */
export type Provenance = 'executed' | 'cached' | 'cloned';

/** Tasks are named `step`, `step[2]`, or `step[2,0]` in nested foreaches; the virtual first task is `init`. */
export type RunEvent = { /** Ms since the Unix epoch. */ readonly at: number } & (
  | {
      /** Cache keys of all steps, written before anything has run; also those of steps that are never looked up. */
      readonly type: 'run-keyed';
      readonly steps: Readonly<Record<string, StepKeyed>>;
    }
  | {
      readonly type: 'foreach-expanded';
      readonly step: string;
      readonly parent: string;
      readonly labels: readonly string[];
      /** Beginnings of the digests of the elements, hex: a resumed run finds them again when the list has changed. */
      readonly digests?: readonly string[];
    }
  | { readonly type: 'task-started'; readonly task: string; readonly attempt: number }
  | {
      readonly type: 'task-succeeded';
      readonly task: string;
      readonly attempt: number;
      readonly via: Provenance;
      /** Artifacts that the task assigned; all others pass on untouched. */
      readonly writes: References;
      readonly deletes?: readonly string[];
      /** Reads of the task, sorted, as `formatRead` writes them. */
      readonly reads?: readonly string[];
      /** Tokens of those reads that lie outside of the run, by read. */
      readonly ambient?: Readonly<Record<string, string>>;
      /** Reason of the cache miss: a code of the closed set, a blank, and the particulars. */
      readonly why?: string;
      /** Why other runs must not use the result; only with the first such task of its step. */
      readonly unkept?: string;
      readonly log?: Reference;
      /** Wall time of the attempt, ms. */
      readonly ms: number;
      /** `Flow/number/task` that executed it, when `via` is not `executed`. */
      readonly from?: string;
      /** Error of the last attempt, when the step's `catch` took it as the result. MUST NOT be cached. */
      readonly caught?: StoredError;
    }
  | {
      readonly type: 'task-failed';
      readonly task: string;
      readonly attempt: number;
      readonly error: StoredError;
      readonly why?: string;
      /** True when another attempt follows. */
      readonly retrying: boolean;
      readonly log?: Reference;
      readonly ms: number;
    }
  | { readonly type: 'task-skipped'; readonly task: string; readonly reason: string }
  | { readonly type: 'task-cancelled'; readonly task: string; readonly attempt: number; readonly reason: string }
  | { readonly type: 'run-ended'; readonly status: 'succeeded' | 'failed' | 'cancelled' }
);

/** Written once when a run ends, so that a list of runs needs no journal. */
export interface RunSummary {
  readonly status: 'succeeded' | 'failed' | 'cancelled';
  /** Ms since the Unix epoch. */
  readonly endedAt: number;
  /** Tasks by final status; `init` is not counted. */
  readonly counts: Readonly<Partial<Record<TaskStatus, number>>>;
  /** Number of succeeded tasks whose error was caught by the step's `catch`. */
  readonly caught?: number;
  /** First failure, in one line. */
  readonly failure?: string;
  readonly metrics?: Readonly<Record<string, number>>;
}

/** A run in a list of runs. */
export interface RunListing {
  readonly record: RunRecord;
  /** Absent while the run is going, or when it was killed. */
  readonly summary?: RunSummary;
}

/** Selects runs by what is stored of them. A run must fit every field that is set. */
export interface RunSelection {
  /** All of these. */
  readonly tags?: readonly string[];
  /** Only runs created at this time or later, in ms since the Unix epoch. */
  readonly since?: number;
  /** Only runs created before this time, in ms since the Unix epoch. */
  readonly until?: number;
  /** These values, perhaps among others. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Statuses in the summary. A run without a summary always fits: it takes the Datastore to tell its status. */
  readonly ended?: readonly RunSummary['status'][];
}

export interface ListingQuery {
  readonly flow?: string;
  /** Passed only if `selectsRuns`: runs that do not fit are left out. */
  readonly where?: RunSelection;
  /** Id of a run that the caller passes over: a provider may leave it out. */
  readonly except?: string;
  /** Runs that the caller is likely to take: a provider need not fetch many more at once. */
  readonly ahead?: number;
  /**
   * Called with the error (`VARVE_CORRUPT_JOURNAL`) of every damaged object that is skipped: a run whose record is
   * damaged is left out, a damaged summary counts as absent. Without it the first damaged object ends the list with
   * that error.
   */
  readonly onDamage?: (error: VarveError) => void;
}

/**
 * Stores one append-only journal for each run. varve folds the state of the run from it and never stores that state.
 *
 * Run numbers, heartbeats, fences and leases are NOT its business: they live in the Datastore. When the bytes of
 * small artifacts are named by an event, they are durable in the Datastore before `append` is called.
 */
export interface MetadataProvider {
  /** Shown in messages. Never holds a secret. */
  readonly name: string;
  readonly capabilities: {
    /** `append` refuses a wrong `expectedLength` atomically between processes. */
    readonly conditionalAppend: boolean;
    /** `runs` answers `where` without reading every run. Default: false. */
    readonly selectsRuns?: boolean;
  };
  /** Rejects with `already-exists` when the id is taken. */
  createRun(run: RunRecord, options?: CallOptions): Promise<void>;
  /**
   * Appends in order, all or none. With `conditionalAppend` it rejects with `already-exists` unless the journal holds
   * exactly `expectedLength` events. Rejects with `not-found` for an unknown run.
   */
  append(
    run: RunRecord,
    events: readonly RunEvent[],
    options: CallOptions & { readonly expectedLength: number },
  ): Promise<void>;
  /** Writes the summary. The first one stays: a second call is NOT an error and changes nothing. */
  finishRun(run: RunRecord, summary: RunSummary, options?: CallOptions): Promise<void>;
  /** `undefined` for an unknown run. */
  run(flow: string, id: string, options?: CallOptions): Promise<RunListing | undefined>;
  /** From the first event on. No events yet is NOT an error. */
  events(run: RunRecord, options?: CallOptions): AsyncIterable<RunEvent>;
  /**
   * Removes a run: no call lists or finds it any more. Its objects in the Datastore are NOT the provider's business.
   * Removing an unknown run is NOT an error. Optional: without it no run is ever removed.
   */
  removeRun?(run: RunRecord, options?: CallOptions): Promise<void>;
  /** Newest first; of all flows when `flow` is left out. Stop by leaving the loop. */
  runs(query: ListingQuery, options?: CallOptions): AsyncIterable<RunListing>;
  /** Releases sockets and handles. Called last; calling it again is NOT an error. */
  close?(): Promise<void>;
}
