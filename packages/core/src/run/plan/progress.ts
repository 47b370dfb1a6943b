import type { Reason } from '../../cache/reason.ts';
import type { RunStatus, RunSummary, StoredError, TaskLogLine } from '../../contract/index.ts';

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
