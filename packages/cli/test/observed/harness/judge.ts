import type { NamedRow } from './row.ts';
import { type SeenRun, tasksOf } from './run-world.ts';
import type { Change } from './world.ts';

/**
 * `stale`: a cached result that a fresh run does not give, the worst. `needless`: executed, though nothing it reads
 * changed. `unproven`: executed as it must, but as it is when nothing changed. `invisible`: the change shows in no result.
 */
export type Verdict = 'right' | 'stale' | 'needless' | 'other result' | 'failed' | 'invisible' | 'unproven';

/** `either` where a miss costs time only, and is known. */
export type Expected = 'hit' | 'miss' | 'either';

export interface Judgement {
  readonly row: NamedRow;
  readonly change: Change;
  readonly expected: Expected;
  readonly verdict: Verdict;
  /** What was seen, for whoever reads the failure. */
  readonly told: string;
}

/** Outcomes of one change: with cached results, and without any. */
export interface Round {
  readonly change: Change;
  readonly cached: SeenRun;
  readonly fresh?: SeenRun;
}

/** Compares what happened to a row after a change with what should have, and with a fresh run. */
export function judge(row: NamedRow, { change, cached, fresh }: Round, base: SeenRun): Judgement {
  const expected = expectedOf(row, change);
  const now = outcome(row, cached);
  const before = outcome(row, base);
  const truth = fresh ? outcome(row, fresh) : guessed(expected, now, before);
  const told = `${now.status}; reads ${now.reads}; ${now.why}${now.error}`;
  return { row, change, expected, verdict: verdictOf(expected, now, truth, before), told };
}

/** A miss of a row that is never a hit says nothing. */
export function unproven(judged: Judgement): Judgement {
  return judged.expected === 'miss' && judged.verdict === 'right' ? { ...judged, verdict: 'unproven' } : judged;
}

/** Decides what has to happen to a row after a change. */
export function expectedOf({ reads, may = [] }: NamedRow, { touches }: Change): Expected {
  if (reads.some((part) => touches.includes(part))) return 'miss';
  return may.some((part) => touches.includes(part)) ? 'either' : 'hit';
}

/** Without a fresh run an executed task tells the truth; a cached one must, unless the change shows in its result. */
function guessed(expected: Expected, now: Outcome, before: Outcome): Outcome {
  if (now.status !== 'cached') return expected === 'miss' ? now : before;
  return expected === 'miss' ? { ...now, result: 'another result' } : before;
}

interface Outcome {
  readonly status: 'cached' | 'executed' | 'failed';
  readonly result: string;
  readonly reads: string;
  readonly why: string;
  readonly error: string;
}

function verdictOf(expected: Expected, now: Outcome, truth: Outcome, before: Outcome): Verdict {
  if (now.status === 'failed' || truth.status === 'failed') return 'failed';
  if (now.result !== truth.result) return now.status === 'cached' ? 'stale' : 'other result';
  if (expected === 'either') return 'right';
  if (expected === 'hit') return now.status === 'executed' ? 'needless' : 'right';
  // The change was meant to show in the result: a table that cannot fail proves nothing.
  return truth.result === before.result ? 'invisible' : 'right';
}

function outcome({ steps }: NamedRow, run: SeenRun): Outcome {
  const tasks = tasksOf(run, steps);
  const failed = tasks.length === 0 || tasks.some(({ status }) => !['succeeded', 'cached', 'skipped'].includes(status));
  const executed = tasks.some(({ status }) => status === 'succeeded');
  return {
    status: failed ? 'failed' : executed ? 'executed' : 'cached',
    result: tasks.map(({ task, status, result }) => `${task} ${status === 'skipped'} ${result}`).join('\n'),
    reads: `[${tasks.flatMap(({ reads }) => reads).join(', ')}]`,
    why: tasks.flatMap(({ why }) => why ?? []).join(', '),
    error: tasks.flatMap(({ error }) => error ?? []).join(', '),
  };
}
