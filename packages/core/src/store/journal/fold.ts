import type {
  References,
  RunEvent,
  RunRecord,
  StepKeyed,
  StepOutline,
  StoredError,
  TaskStatus,
} from '../../contract/index.ts';
import { scopesOf } from '../../flow/index.ts';
import type { AttemptState, RunState, StepState, TaskState } from './run-state.ts';
import { labelOf, stepOfTask } from './task-name.ts';

/** A `TaskState` that is being built. */
type Draft = { -readonly [k in keyof TaskState]: TaskState[k] } & { attempts: AttemptState[] };

interface Fold {
  readonly tasks: Map<string, Draft>;
  readonly expansions: Map<string, readonly string[]>;
  readonly elements: Map<string, readonly string[]>;
  readonly scopes: ReadonlyMap<string, readonly string[]>;
  status: RunState['status'];
  keyed?: Readonly<Record<string, StepKeyed>>;
  firstFailure?: { readonly task: string; readonly error: StoredError };
  lastEventAt?: number;
}

const NONE: readonly string[] = [];
const NO_WRITES: References = Object.freeze(Object.create(null));

/** Computes the state of a run from its events. Pure: the same events always give the same state. */
export function fold(record: RunRecord, events: Iterable<RunEvent>): RunState {
  const state = newFold(record);
  for (const event of events) apply(state, event);
  return finish(record, state);
}

/** Like `fold`, while the events are still being read. */
export async function foldAsync(record: RunRecord, events: AsyncIterable<RunEvent>): Promise<RunState> {
  const state = newFold(record);
  for await (const event of events) apply(state, event);
  return finish(record, state);
}

function newFold({ graph }: RunRecord): Fold {
  return { tasks: new Map(), expansions: new Map(), elements: new Map(), scopes: scopesOf(graph), status: 'running' };
}

function apply(state: Fold, event: RunEvent): void {
  state.lastEventAt = event.at;
  if (event.type === 'run-ended') state.status = event.status;
  else if (event.type === 'run-keyed') state.keyed = event.steps;
  else if (event.type === 'foreach-expanded') {
    state.expansions.set(event.step, event.labels);
    if (event.digests) state.elements.set(event.step, event.digests);
  } else applyToTask(state, draftOf(state, event.task), event);
}

type TaskEvent = Exclude<RunEvent, { readonly type: 'run-ended' | 'run-keyed' | 'foreach-expanded' }>;

function applyToTask(state: Fold, draft: Draft, event: TaskEvent): void {
  if (event.type === 'task-started') {
    draft.status = 'running';
    draft.attempts.push({ attempt: event.attempt, status: 'running', startedAt: event.at });
    return;
  }
  draft.endedAt = event.at;
  if (event.type === 'task-skipped') {
    draft.status = 'skipped';
    draft.reason = event.reason;
  } else if (event.type === 'task-cancelled') {
    draft.status = 'cancelled';
    draft.reason = event.reason;
    endAttempt(draft, event, { status: 'cancelled' });
  } else if (event.type === 'task-failed') {
    draft.status = event.retrying ? 'queued' : 'failed';
    if (!event.retrying) state.firstFailure ??= { task: event.task, error: event.error };
    endAttempt(draft, event, { status: 'failed', error: event.error });
  } else {
    draft.status = event.via === 'executed' ? 'succeeded' : event.via;
    draft.via = event.via;
    draft.writes = event.writes;
    draft.deletes = event.deletes ?? NONE;
    draft.reads = event.reads ?? NONE;
    if (event.ambient) draft.ambient = event.ambient;
    else delete draft.ambient;
    if (event.from === undefined) delete draft.from;
    else draft.from = event.from;
    if (event.caught) draft.caught = event.caught;
    endAttempt(draft, event, event.caught ? { status: 'failed', error: event.caught } : { status: 'succeeded' });
  }
}

type AttemptEvent = Exclude<TaskEvent, { readonly type: 'task-started' | 'task-skipped' }>;

function endAttempt(draft: Draft, event: AttemptEvent, outcome: Pick<AttemptState, 'status' | 'error'>): void {
  if (event.type !== 'task-succeeded' || event.via === 'executed') endStarted(draft, event, outcome);
  if (event.type === 'task-cancelled') return;
  draft.ms = event.ms;
  if (event.why !== undefined) draft.why = event.why;
  if (event.log) draft.log = event.log;
}

function endStarted(draft: Draft, event: AttemptEvent, outcome: Pick<AttemptState, 'status' | 'error'>): void {
  const index = draft.attempts.findIndex((one) => one.attempt === event.attempt);
  const started = draft.attempts[index];
  const ended = { attempt: event.attempt, ...timingOf(event), ...startOf(started), ...outcome };
  if (started) draft.attempts[index] = ended;
  else draft.attempts.push(ended);
}

function startOf(attempt: AttemptState | undefined): Pick<AttemptState, 'startedAt'> {
  return attempt?.startedAt === undefined ? {} : { startedAt: attempt.startedAt };
}

/** A start that shared a batch with its end was not stored: it follows from the duration of the attempt. */
function timingOf(event: AttemptEvent): Omit<AttemptState, 'attempt' | 'status' | 'error'> {
  if (event.type === 'task-cancelled') return { endedAt: event.at };
  return { startedAt: event.at - event.ms, endedAt: event.at, ms: event.ms, ...(event.log && { log: event.log }) };
}

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
  const { tasks, expansions, status, firstFailure, keyed, lastEventAt } = state;
  const label = firstFailure && (tasks.get(firstFailure.task)?.label ?? firstFailure.task);
  return {
    record,
    status,
    tasks,
    steps: countSteps(record.graph, state.scopes, tasks.values(), expansions),
    expansions,
    elements: state.elements,
    ...(keyed && { keyed }),
    ...(firstFailure && label !== undefined && { firstFailure: { ...firstFailure, label } }),
    ...(lastEventAt !== undefined && { lastEventAt }),
  };
}

/** Counts the tasks of each step. Those the journal does not mention yet count as queued, as far as their number is known. */
function countSteps(
  graph: readonly StepOutline[],
  scopes: ReadonlyMap<string, readonly string[]>,
  tasks: Iterable<TaskState>,
  expansions: RunState['expansions'],
): Map<string, StepState> {
  const elements = countElements(expansions);
  const counts = new Map<string, Partial<Record<TaskStatus, number>>>(graph.map((step) => [step.name, {}]));
  const seen = new Map<string, number>();
  for (const { step, status } of tasks) {
    const count = counts.get(step);
    if (!count) continue;
    count[status] = (count[status] ?? 0) + 1;
    seen.set(step, (seen.get(step) ?? 0) + 1);
  }
  const steps = new Map<string, StepState>();
  for (const [name, count] of counts) {
    const around = scopes.get(name)?.at(-1);
    const known = around === undefined ? 1 : (elements.get(around) ?? 0);
    const mentioned = seen.get(name) ?? 0;
    const total = Math.max(known, mentioned);
    if (total > mentioned) count.queued = (count.queued ?? 0) + total - mentioned;
    steps.set(name, { name, total, counts: count });
  }
  return steps;
}

/** Elements of each foreach step, over all its expansions. */
function countElements(expansions: RunState['expansions']): Map<string, number> {
  const elements = new Map<string, number>();
  for (const [task, labels] of expansions) {
    const step = stepOfTask(task);
    elements.set(step, (elements.get(step) ?? 0) + labels.length);
  }
  return elements;
}
