import { StoreError } from '@varve/core/contract';
import { type Diagnosis, ok, problem, problemOf, skipped, warning } from '../diagnosis.ts';
import type { Outcome, Trial } from './trial.ts';

/** Ms. Slower calls make a run of many small tasks feel slow. */
const SLOW = 500;
/** Ms. Services refuse requests from clocks that are off by 15 minutes. */
const SKEW_WARNS = 60_000;
const SKEW_FAILS = 10 * 60_000;
/** Ms. Some stores tell the time of a write in whole seconds only. */
const COARSE = 1000;

/** Judges what a store did in a trial. */
export function judgeTrial(store: string, trial: Trial): Diagnosis[] {
  return [
    isReadOnly(trial)
      ? judgeReadOnly(store, trial.write)
      : judge('write', trial.write, (took) => ok('write', `${took.length} objects were written to ${store}.`)),
    judge('read', trial.read, (took) => judgeRead(store, trial, took)),
    judge('create', trial.create, (isRefused) => judgeCreate(store, isRefused)),
    judge('list', trial.list, (missing) => judgeList(store, missing)),
    judge('delete', trial.remove, (left) => judgeRemove(trial, left), leftOver(trial.scratch)),
    judgeLatency(trial),
    judgeClock(trial.times),
  ];
}

/** True for a store with runs that this user may read, but not write to. One without any is of no use to a reader. */
export function isReadOnly({ write, read, list }: Trial): boolean {
  if (write.kind !== 'failed' || !StoreError.is(write.error, 'permission-denied')) return false;
  return list.kind === 'done' && read.kind === 'done' && read.value !== false && read.value.length > 0;
}

function judgeReadOnly(store: string, write: Trial['write']): Diagnosis {
  const message = `You may read ${store}, but not write to it: list, show, logs, artifacts, code, cache ls and cache show work there; run, resume, spin, cancel, pin and gc do not.`;
  const mend =
    "To run flows there, ask for the right to write. To use its results without it, take a copy: varve store copy default ./copy, then run with datastore: fsStore({ root: 'copy' }).";
  const { code, message: reason } = problemOf('write', write.kind === 'failed' ? write.error : undefined);
  return { ...warning('write', message, mend), detail: [reason], ...(code !== undefined && { code }) };
}

function judge<T>(check: string, outcome: Outcome<T>, done: (value: T) => Diagnosis, detail?: string): Diagnosis {
  if (outcome.kind === 'done') return done(outcome.value);
  if (outcome.kind === 'untried') return skipped(check, 'Not tried, as nothing could be written.');
  return { ...problemOf(check, outcome.error), ...(detail !== undefined && { detail: [detail] }) };
}

function judgeRead(store: string, { write }: Trial, took: readonly number[] | false): Diagnosis {
  if (took !== false && took.length === 0) return skipped('read', `Not tried, as there is no run in ${store}.`);
  if (took !== false && write.kind !== 'done') return ok('read', 'An object of a run was read.');
  if (took !== false) return ok('read', 'They were read back as they were.');
  return problem(
    'read',
    `${store} gives back other bytes than were written.`,
    'Use another store: results would be lost.',
  );
}

function judgeCreate(store: string, isRefused: boolean): Diagnosis {
  if (isRefused) return ok('create', 'Of two writers that create one object only one succeeds.');
  const message = `${store} lets a second writer create an object that is there already, so two runs could overwrite each other.`;
  return problem('create', message, 'Use a store or server that creates only what is absent; varve check-store tells.');
}

function judgeList(store: string, missing: number): Diagnosis {
  if (missing === 0) return ok('list', 'The list is complete.');
  const message = `${missing} objects that were just written are missing in the list of ${store}.`;
  return problem('list', message, 'Use a store whose lists are complete at once: varve gc relies on them.');
}

function judgeRemove({ scratch, cleared, written }: Trial, left: number): Diagnosis {
  if (left === 0 && written === 0) {
    return skipped('delete', 'Nothing is left of the writes that failed.');
  }
  const also = cleared === 0 ? '' : ` So were ${cleared} objects that an earlier check had left behind.`;
  if (left === 0) return ok('delete', `They were deleted again.${also}`);
  return {
    ...problem(
      'delete',
      `${left} deleted objects are still there.`,
      'Look for what protects objects: holds, retention, an object lock.',
    ),
    detail: [leftOver(scratch)],
  };
}

function leftOver(scratch: string): string {
  return `Objects of this check may be left under ${scratch}/; they can be deleted by hand.`;
}

function judgeLatency({ write, read }: Trial): Diagnosis {
  const times = [
    ...(write.kind === 'done' ? [['write', median(write.value)] as const] : []),
    ...(read.kind === 'done' && read.value !== false && read.value.length > 0
      ? [['read', median(read.value)] as const]
      : []),
  ];
  if (times.length === 0) return skipped('latency', 'Not measured, as nothing could be written.');
  const message = `A small object takes ${times.map(([verb, ms]) => `${milliseconds(ms)} to ${verb}`).join(', ')} (medians).`;
  if (times.every(([, ms]) => ms < SLOW)) return ok('latency', message);
  return warning('latency', message, 'Use a store that is nearer, e.g. a bucket in the region of this machine.');
}

/** The difference of the clocks is known only up to the time that the write took. */
function judgeClock(times: Trial['times']): Diagnosis {
  if (times.kind === 'untried') return skipped('clock', 'Not compared, as nothing could be written.');
  if (times.kind === 'failed') return problemOf('clock', times.error);
  const { before, after, store } = times.value;
  const behind = Math.max(0, before - COARSE - store);
  const ahead = Math.max(0, store - after);
  const off = Math.max(behind, ahead);
  if (off < COARSE) return ok('clock', 'The clock of the store and that of this machine agree.');
  const message = `The clock of the store is ${span(off)} ${ahead > behind ? 'ahead of' : 'behind'} that of this machine.`;
  if (off < SKEW_WARNS) return ok('clock', `${message} varve goes by the store's.`);
  const mend =
    'Set the clock of this machine, and keep it right by NTP: services refuse requests from one that is off by 15 minutes.';
  return off < SKEW_FAILS ? warning('clock', message, mend) : problem('clock', message, mend);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function milliseconds(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
}
