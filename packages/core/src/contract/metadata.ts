import type { CallOptions } from './datastore.ts';
import type { SourceLocation, VarveError } from './error.ts';
import type { Reference, References } from './reference.ts';
import type { StepKeyed, StepOutline } from './step-record.ts';

/**
 * Everything a task can be. `lost` is never stored: it is what a reader calls the unfinished tasks of a run whose
 * heartbeat went stale.
 */
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

/** What is known of a run when it starts. */
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
  /** Given parameters as shown to people. A secret is never among them. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The flow's file, relative to the project, with `/`. */
  readonly file?: string;
  /** Digest of what the workers load. */
  readonly bundle: string;
  /** Manifest of the local source files the flow reaches: codec `code/1`. */
  readonly code?: Reference;
  /** Steps in the order of the class, for showing a run without its source. */
  readonly graph: readonly StepOutline[];
  /** The run this one resumes. */
  readonly origin?: string;
  /** The task of which this run is one attempt, tried by itself: `Penguins/12/train[knn]`. It is nobody's last run. */
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

/** How a task came by its results. */
export type Provenance = 'executed' | 'cached' | 'cloned';

/** Tasks are named `step`, `step[2]`, or `step[2,0]` in nested foreaches; the virtual first task is `init`. */
export type RunEvent = { /** Ms since the Unix epoch. */ readonly at: number } & (
  | {
      /** What each step's results are looked up by, before anything has run; also of steps whose results never are. */
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
      /** What the task assigned; everything else it passes on untouched. */
      readonly writes: References;
      readonly deletes?: readonly string[];
      /** What it looked at, sorted, as `formatRead` writes it. */
      readonly reads?: readonly string[];
      /** Why it was executed although results are kept: a code of the closed set, a blank, and the particulars. */
      readonly why?: string;
      readonly log?: Reference;
      /** Wall time of the attempt, ms. */
      readonly ms: number;
      /** `Flow/number/task` that executed it, when `via` is not `executed`. */
      readonly from?: string;
      /** Why its last attempt failed, when the step's `catch` took the error as its result. Never to be cached. */
      readonly caught?: StoredError;
    }
  | {
      readonly type: 'task-failed';
      readonly task: string;
      readonly attempt: number;
      readonly error: StoredError;
      readonly why?: string;
      /** Whether another attempt follows. */
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
  /** How many of the succeeded tasks failed and had their error caught by the step's `catch`. */
  readonly caught?: number;
  /** First failure, in one line. */
  readonly failure?: string;
  readonly metrics?: Readonly<Record<string, number>>;
}

/** A run as a list shows it. */
export interface RunListing {
  readonly record: RunRecord;
  /** Absent while the run is going, or when it was killed. */
  readonly summary?: RunSummary;
}

export interface ListingQuery {
  readonly flow?: string;
  /**
   * Hears of every damaged object (`VARVE_CORRUPT_JOURNAL`) that is passed over: a run whose record is damaged is left
   * out, a damaged summary counts as absent. Without it the first damaged object ends the list with that error.
   */
  readonly onDamage?: (error: VarveError) => void;
}

/**
 * Remembers what happened: one append-only journal a run. State is folded from it in varve, never stored.
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
   * Forgets a run: nothing lists or finds it any more. What it stored in the Datastore is not its business. Forgetting
   * what is not there is NOT an error. Optional: without it no run is ever removed.
   */
  removeRun?(run: RunRecord, options?: CallOptions): Promise<void>;
  /** Newest first; of all flows when `flow` is left out. Stop by leaving the loop. */
  runs(query: ListingQuery, options?: CallOptions): AsyncIterable<RunListing>;
  /** Releases what it holds. Called last; calling it again is NOT an error. */
  close?(): Promise<void>;
}
