import type { StoredError, TaskOutcome, TaskSpec } from '../../contract/index.ts';
import { monotonicNow } from '../scope/own-clock.ts';

export const TIMED_OUT = 'VARVE_TIMEOUT';
/** Time that an attempt may take after its signal was aborted before its worker is ended. */
export const GRACE_MS = 10_000;

/** The end of a thread or process. */
export interface WorkerEnd {
  readonly code: number | null;
  /** The signal that ended a process. */
  readonly signal?: string;
  /** The uncaught error of a thread. */
  readonly error?: Error;
}

interface EndedAttempt {
  readonly spec: TaskSpec;
  readonly sentAt?: number;
  readonly stopped?: StoredError | undefined;
}

export function timeoutError(label: string, limitMs: number): StoredError {
  return { name: 'TimeoutError', code: TIMED_OUT, message: `${label} took longer than its timeout of ${limitMs} ms` };
}

/** The outcome of an attempt that timed out, or whose run was stopped. */
export function stoppedOutcome(attempt: EndedAttempt, log?: TaskOutcome['log']): TaskOutcome {
  const error = attempt.stopped ?? { name: 'Error', message: 'stopped' };
  const timedOut = error.code === TIMED_OUT;
  return {
    ok: false,
    ms: elapsed(attempt),
    error,
    retryable: timedOut,
    ...(!timedOut && { cancelled: true }),
    ...(log && { log }),
  };
}

/** The outcome of an attempt whose worker died. `suspects`: attempts that ran in it, any of which may have been the cause. */
export function crashOutcome(attempt: EndedAttempt, end: WorkerEnd, suspects: number): TaskOutcome {
  const { what, hint } = explain(end);
  const shared = suspects > 1 ? `, or one of the ${suspects - 1} that shared it did` : '';
  const error: StoredError = {
    name: 'CrashError',
    code: 'VARVE_TASK_CRASHED',
    message: `${attempt.spec.label} crashed its worker${shared}: ${what}`,
    hint,
    ...(end.error?.stack !== undefined && { stack: end.error.stack }),
  };
  return { ok: false, ms: elapsed(attempt), error, retryable: true };
}

function explain(end: WorkerEnd): { readonly what: string; readonly hint: string } {
  const memoryHint = 'Work on less at once, or allow more: NODE_OPTIONS=--max-old-space-size=8192';
  if ((end.error as { code?: string } | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY')
    return { what: 'it ran out of memory', hint: memoryHint };
  if (end.signal === 'SIGABRT')
    return { what: 'it was ended by SIGABRT, as when Node runs out of memory', hint: memoryHint };
  if (end.signal === 'SIGKILL')
    return { what: 'it was ended by SIGKILL, as when the system runs out of memory', hint: memoryHint };
  if (end.signal !== undefined)
    return {
      what: `it was ended by ${end.signal}`,
      hint: 'A native addon may be at fault: run it on its own with node.',
    };
  if (end.error)
    return {
      what: `${end.error.name}: ${end.error.message}`,
      hint: 'An error outside the step’s own promise chain: await what the step starts.',
    };
  return {
    what: `the step ended it with exit code ${end.code}`,
    hint: 'A step must not call process.exit(): throw an error instead.',
  };
}

function elapsed(attempt: EndedAttempt): number {
  return attempt.sentAt === undefined ? 0 : monotonicNow() - attempt.sentAt;
}
