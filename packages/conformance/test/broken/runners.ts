import type { RunTaskOptions, TaskOutcome, TaskRunner, TaskSpec } from '@varve/core/contract';
import { ScriptedRunner, type Values } from '../reference/scripted-runner.ts';

export interface BrokenRunner {
  readonly mistake: string;
  readonly failing: readonly string[];
  open(values: Values): TaskRunner;
}

type Run = (good: TaskRunner, task: TaskSpec, options: RunTaskOptions) => Promise<TaskOutcome>;

function broken(mistake: string, failing: readonly string[], run: Run, more: Partial<TaskRunner> = {}): BrokenRunner {
  const open = (values: Values): TaskRunner => {
    const good = new ScriptedRunner(values);
    return Object.assign(
      new ScriptedRunner(values),
      { run: (task: TaskSpec, options: RunTaskOptions) => run(good, task, options) },
      more,
    );
  };
  return { mistake, failing, open };
}

/** Makes a runner that alters the outcomes of successful tasks. */
function succeeding(change: (outcome: Extract<TaskOutcome, { ok: true }>) => TaskOutcome): Run {
  return async (good, task, options) => {
    const outcome = await good.run(task, options);
    return outcome.ok ? change(outcome) : outcome;
  };
}

/** Makes a runner that alters the outcomes of failed tasks. */
function failing(change: (outcome: Extract<TaskOutcome, { ok: false }>) => TaskOutcome): Run {
  return async (good, task, options) => {
    const outcome = await good.run(task, options);
    return outcome.ok ? outcome : change(outcome);
  };
}

const first = new Map<string, Promise<TaskOutcome>>();
const stuck = new Set<TaskRunner>();
const pass: Run = (good, task, options) => good.run(task, options);

/** Makes a runner that never answers some tasks: the deadline of the kit must end them. */
function waitsInstead(...steps: readonly string[]): Run {
  return async (good, task, options) => {
    const outcome = await good.run(task, options);
    return steps.includes(task.step) ? new Promise<never>(() => undefined) : outcome;
  };
}

/** Makes a runner whose worker is gone for good after some tasks. */
function diesAfter(...steps: readonly string[]): Run {
  return async (good, task, options) => {
    if (stuck.has(good))
      return { ok: false, ms: 0, retryable: true, error: { name: 'Error', message: 'the worker is gone' } };
    if (steps.includes(task.step)) stuck.add(good);
    return good.run(task, options);
  };
}

/** Every known mistake of runners. */
export const brokenRunners: readonly BrokenRunner[] = [
  broken('has no width', ['says what it can do'], pass, { capabilities: { isolation: 'thread', width: 0 } }),
  broken(
    'drops what is not a number',
    ['gives what a step assigns'],
    succeeding((outcome) => {
      const { b: _dropped, ...writes } = outcome.writes;
      return { ...outcome, writes };
    }),
  ),
  broken(
    'counts everything it was given as read',
    ['lets a step read its inputs, and says which it read'],
    async (good, task, options) => {
      const outcome = await good.run(task, options);
      return outcome.ok ? { ...outcome, reads: Object.keys(task.inputs).sort() } : outcome;
    },
  ),
  broken(
    'announces what it has not stored',
    ['hands a step large inputs, and has stored large results when it says so'],
    succeeding((outcome) => {
      const { twice, ...writes } = outcome.writes;
      if (twice === undefined) return outcome;
      const lost = { reference: { ...twice.reference, digest: `${twice.reference.digest}-lost` } };
      return { ...outcome, writes: { ...writes, twice: lost } };
    }),
  ),
  broken(
    'does not tell of names that are not there',
    ['says which name a step looked for in vain'],
    succeeding((outcome) => ({
      ...outcome,
      reads: outcome.reads.filter((name) => !name.startsWith('!')),
    })),
  ),
  broken(
    'forgets what was deleted',
    ['says what a step deleted'],
    succeeding((outcome) => ({ ...outcome, deletes: [] })),
  ),
  broken(
    'tells of artifacts only',
    ['says that a task looked at its element and index, or at its place in the run'],
    succeeding((outcome) => ({ ...outcome, reads: outcome.reads.filter((name) => !name.startsWith('@')) })),
  ),
  broken(
    'sends what many tasks have in common once, and takes the seed for such a thing',
    ['gives each of many tasks the numbers of its own seed, and the time of its run'],
    (good, task, options) => good.run({ ...task, ...(task.seed !== undefined && { seed: 'aa' }) }, options),
  ),
  broken(
    'does not say what is lost',
    ['names an input whose bytes are lost, also when the step catches the error'],
    failing(({ lost: _unsaid, ...outcome }) => outcome),
  ),
  broken('counts elements from 1', ['gives a task of a foreach its element and index'], (good, task, options) =>
    good.run({ ...task, elements: task.elements.map((it) => ({ ...it, index: it.index + 1 })) }, options),
  ),
  broken('gives a step the outcome of its first task', ['keeps many tasks at once apart'], (good, task, options) => {
    const outcome = first.get(task.step) ?? good.run(task, options);
    if (task.task.startsWith('add[')) first.set(task.step, outcome);
    return task.task.startsWith('add[') ? outcome : good.run(task, options);
  }),
  broken('prints to one stream', ['gives every line a task prints, in order'], (good, task, options) =>
    good.run(task, { ...options, onLog: (line) => options.onLog?.({ ...line, stream: 'stdout' }) }),
  ),
  broken(
    'keeps the text of an error only',
    ['resolves with the error of a step that throws'],
    failing((outcome) => ({
      ...outcome,
      error: { name: 'Error', message: outcome.error.message },
    })),
  ),
  broken(
    'rejects when a step throws',
    ['resolves with the error of a step that throws', 'resolves also when what is thrown is no Error'],
    async (good, task, options) => {
      const outcome = await good.run(task, options);
      if (!outcome.ok) throw new Error(outcome.error.message);
      return outcome;
    },
  ),
  broken(
    'would try everything again',
    [
      'says that a NonRetryableError is not worth another attempt',
      'fails a step that assigns what cannot be stored, names the field, and does not ask for a retry',
    ],
    failing((outcome) => ({ ...outcome, retryable: true })),
  ),
  broken(
    'takes what is thrown for an Error',
    ['resolves also when what is thrown is no Error'],
    failing((outcome) => ({
      ...outcome,
      error: outcome.error.message === 'a string' ? { name: 'undefined', message: 'undefined' } : outcome.error,
    })),
  ),
  broken(
    'drops what cannot be stored',
    ['fails a step that assigns what cannot be stored, names the field, and does not ask for a retry'],
    async (good, task, options) =>
      task.step === 'unstorable' ? { ok: true, ms: 0, writes: {}, deletes: [], reads: [] } : good.run(task, options),
  ),
  broken(
    'has no timeout',
    ['stops a step that waits for ever at its timeout', 'stops a busy loop at its timeout'],
    waitsInstead('hang', 'spin'),
  ),
  broken(
    'takes a timeout for a cancellation',
    ['stops a step that waits for ever at its timeout'],
    failing((outcome) => ({ ...outcome, cancelled: true })),
  ),
  broken(
    'has no worker left after a busy loop or an exit',
    ['stops a busy loop at its timeout', 'outlives a step that ends its process'],
    diesAfter('spin', 'exit'),
  ),
  broken(
    'takes a cancellation for a failure',
    ['resolves as cancelled when it is aborted, before or on the way'],
    failing(({ cancelled: _lost, ...outcome }) => outcome),
  ),
  broken('throws when it is closed again', ['can be closed twice'], pass, {
    close: (() => {
      let closed = false;
      return async () => {
        if (closed) throw new Error('not open');
        closed = true;
      };
    })(),
  }),
];
