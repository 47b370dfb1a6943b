import type { Provenance, Reference, References, RunEvent, RunRecord, RunStatus, StoredError, TaskStatus } from '../contract/index.ts';
import { labelOf, scopesOf, stepOfTask } from './labels.ts';

/** One attempt of a task. */
export interface AttemptState {
  readonly attempt: number;
  /** Ms since the Unix epoch. */
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** Wall time, ms. */
  readonly ms?: number;
  readonly error?: StoredError;
  readonly log?: Reference;
}

/** What the journal says of one task. Tasks it says nothing of are counted per step as queued. */
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
  readonly log?: Reference;
  /** Wall time of the attempt that ended it, ms. */
  readonly ms?: number;
  readonly via?: Provenance;
  /** `Flow/number/task` that executed it, when it was not executed here. */
  readonly from?: string;
  /** Why it was skipped or cancelled. */
  readonly reason?: string;
  readonly endedAt?: number;
}

export interface StepState {
  readonly name: string;
  /** How many tasks it has as far as is known; a foreach inside another grows as its parents end. */
  readonly total: number;
  /** Tasks by status; `queued` are those that the journal does not mention yet. */
  readonly counts: Readonly<Partial<Record<TaskStatus, number>>>;
}

export interface RunState {
  readonly record: RunRecord;
  /** `running` until the journal says how it ended; whether it lives is for `statusOf` to say. */
  readonly status: Exclude<RunStatus, 'lost'>;
  /** In the order in which the journal first mentions them. */
  readonly tasks: ReadonlyMap<string, TaskState>;
  /** In the order of the class. */
  readonly steps: ReadonlyMap<string, StepState>;
  /** Labels of the elements, by the foreach task that was expanded: `train`, or `train[1]` inside another foreach. */
  readonly expansions: ReadonlyMap<string, readonly string[]>;
  readonly firstFailure?: { readonly task: string; readonly label: string; readonly error: StoredError };
  /** Ms since the Unix epoch, of the last event. */
  readonly lastEventAt?: number;
}

/** A `TaskState` while it is put together. */
type Draft = { -readonly [k in keyof TaskState]: TaskState[k] } & { attempts: AttemptState[] };

interface Fold {
  readonly tasks: Map<string, Draft>;
  readonly expansions: Map<string, readonly string[]>;
  readonly scopes: ReadonlyMap<string, readonly string[]>;
  status: RunState['status'];
  firstFailure?: { readonly task: string; readonly error: StoredError };
  lastEventAt?: number;
}

/** What the events of a run add up to. Pure; the same events always give the same state. */
export function fold(record: RunRecord, events: Iterable<RunEvent>): RunState {
  const state: Fold = { tasks: new Map(), expansions: new Map(), scopes: scopesOf(record.graph), status: 'running' };
  for (const event of events) apply(state, event);
  return finish(record, state);
}

/** Like `fold`, while the events are still being read. */
export async function foldAsync(record: RunRecord, events: AsyncIterable<RunEvent>): Promise<RunState> {
  const state: Fold = { tasks: new Map(), expansions: new Map(), scopes: scopesOf(record.graph), status: 'running' };
  for await (const event of events) apply(state, event);
  return finish(record, state);
}

function apply(state: Fold, event: RunEvent): void {
  state.lastEventAt = event.at;
  if (event.type === 'run-ended') state.status = event.status;
  else if (event.type === 'foreach-expanded') state.expansions.set(event.step, event.labels);
  else applyToTask(state, draftOf(state, event.task), event);
}

type TaskEvent = Exclude<RunEvent, { readonly type: 'run-ended' | 'foreach-expanded' }>;

function applyToTask(state: Fold, draft: Draft, event: TaskEvent): void {
  if (event.type === 'task-started') {
    draft.status = 'running';
    draft.attempts.push({ attempt: event.attempt, startedAt: event.at });
    return;
  }
  draft.endedAt = event.at;
  if (event.type === 'task-skipped') {
    draft.status = 'skipped';
    draft.reason = event.reason;
  } else if (event.type === 'task-cancelled') {
    draft.status = 'cancelled';
    draft.reason = event.reason;
    endAttempt(draft, event, {});
  } else if (event.type === 'task-failed') {
    draft.status = event.retrying ? 'queued' : 'failed';
    if (!event.retrying) state.firstFailure ??= { task: event.task, error: event.error };
    endAttempt(draft, event, { error: event.error });
  } else {
    draft.status = event.via === 'executed' ? 'succeeded' : event.via;
    draft.via = event.via;
    draft.writes = event.writes;
    draft.deletes = event.deletes ?? NONE;
    draft.reads = event.reads ?? NONE;
    if (event.from !== undefined) draft.from = event.from;
    endAttempt(draft, event, {});
  }
}

type AttemptEvent = Exclude<TaskEvent, { readonly type: 'task-started' | 'task-skipped' }>;

function endAttempt(draft: Draft, event: AttemptEvent, outcome: { readonly error?: StoredError }): void {
  const index = draft.attempts.findIndex((one) => one.attempt === event.attempt);
  const started = draft.attempts[index];
  const ended = { attempt: event.attempt, ...timingOf(event), ...startOf(started), ...outcome };
  if (started) draft.attempts[index] = ended;
  else draft.attempts.push(ended);
  if (event.type === 'task-cancelled') return;
  draft.ms = event.ms;
  if (event.log) draft.log = event.log;
}

function startOf(attempt: AttemptState | undefined): Pick<AttemptState, 'startedAt'> {
  return attempt?.startedAt === undefined ? {} : { startedAt: attempt.startedAt };
}

/** A start that shared a batch with its end was not stored: it follows from how long the attempt took. */
function timingOf(event: AttemptEvent): Omit<AttemptState, 'attempt' | 'error'> {
  if (event.type === 'task-cancelled') return { endedAt: event.at };
  return { startedAt: event.at - event.ms, endedAt: event.at, ms: event.ms, ...(event.log && { log: event.log }) };
}

const NONE: readonly string[] = [];
const NO_WRITES: References = Object.freeze(Object.create(null));

function draftOf(state: Fold, task: string): Draft {
  const known = state.tasks.get(task);
  if (known) return known;
  const draft: Draft = {
    task,
    step: stepOfTask(task),
    label: labelOf(task, state.scopes, state.expansions),
    status: 'queued',
    attempts: [],
    writes: NO_WRITES,
    deletes: NONE,
    reads: NONE,
  };
  state.tasks.set(task, draft);
  return draft;
}

function finish(record: RunRecord, state: Fold): RunState {
  const { tasks, expansions, status, firstFailure, lastEventAt } = state;
  const label = firstFailure && (tasks.get(firstFailure.task)?.label ?? firstFailure.task);
  return {
    record,
    status,
    tasks,
    steps: countSteps(record, state),
    expansions,
    ...(firstFailure && label !== undefined && { firstFailure: { ...firstFailure, label } }),
    ...(lastEventAt !== undefined && { lastEventAt }),
  };
}

function countSteps(record: RunRecord, state: Fold): Map<string, StepState> {
  const elements = new Map<string, number>();
  for (const [task, labels] of state.expansions) {
    const step = stepOfTask(task);
    elements.set(step, (elements.get(step) ?? 0) + labels.length);
  }
  const counts = new Map<string, Partial<Record<TaskStatus, number>>>(record.graph.map((step) => [step.name, {}]));
  const seen = new Map<string, number>();
  for (const { step, status } of state.tasks.values()) {
    const count = counts.get(step);
    if (!count) continue;
    count[status] = (count[status] ?? 0) + 1;
    seen.set(step, (seen.get(step) ?? 0) + 1);
  }
  const steps = new Map<string, StepState>();
  for (const [name, count] of counts) {
    const around = state.scopes.get(name)?.at(-1);
    const known = around === undefined ? 1 : (elements.get(around) ?? 0);
    const total = Math.max(known, seen.get(name) ?? 0);
    const unseen = total - (seen.get(name) ?? 0);
    if (unseen > 0) count.queued = (count.queued ?? 0) + unseen;
    steps.set(name, { name, total, counts: count });
  }
  return steps;
}
