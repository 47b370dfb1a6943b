import type { RunEvent, StepOutline, StoredError } from '@varve/core/contract';
import { describe, expect, it } from 'vitest';
import { done, expanded, referenceOf, viewOf } from './views.ts';

const GRAPH: StepOutline[] = [
  { name: 'load', after: [] },
  { name: 'each', after: ['load'], foreach: 'items' },
  { name: 'sum', after: [], join: 'each' },
];
const error: StoredError = { name: 'RangeError', message: 'too hot', code: 'HOT', stack: 'RangeError: too hot\n at x' };

const started = (task: string, attempt: number, at: number): RunEvent => ({ type: 'task-started', at, task, attempt });
const failed = (task: string, attempt: number, retrying: boolean, more: object = {}): RunEvent => ({
  ...{ type: 'task-failed', at: 100 + attempt, task, attempt, error, retrying, ms: 7 },
  ...more,
});

const EVENTS: RunEvent[] = [
  done('init', { writes: { items: 'list' } }),
  started('load', 1, 90),
  failed('load', 1, true, { log: referenceOf('log') }),
  { ...done('load'), attempt: 2, at: 200 } as RunEvent,
  expanded('each', 'a', 'b', 'c', 'd', 'e'),
  { ...done('each[0]', { writes: { x: '1' } }), via: 'cached', from: 'Penguins/3/each[4]', ms: 50 } as RunEvent,
  { ...done('each[1]'), via: 'cloned', from: 'Penguins/2/each[1]', caught: error } as RunEvent,
  { ...done('each[2]', { writes: { problem: 'e' } }), caught: error } as RunEvent,
  failed('each[3]', 1, true),
  started('each[3]', 2, 120),
  failed('each[4]', 1, false),
];

describe('the attempts of a task', () => {
  const run = viewOf(GRAPH, EVENTS, 'running');

  it('are listed with status, times and errors', async () => {
    const { attempts } = run.task('load');
    const seen = attempts.map(({ number, status, startedAt, endedAt, ms }) => [number, status, startedAt, endedAt, ms]);
    expect(seen).toEqual([
      [1, 'failed', 90, 101, 7],
      [2, 'succeeded', 197, 200, 3],
    ]);
    expect(attempts[0]?.error).toEqual(error);
    expect(attempts[1]?.error).toBeUndefined();
    expect(await attempts[1]?.log()).toEqual([]);
    expect(run.task('load')).toMatchObject({ startedAt: 90, endedAt: 200, ms: 3, error: undefined });
    expect(run.task('each[d]').attempts.map(({ status }) => status)).toEqual(['failed', 'running']);
    expect(run.task('each[d]')).toMatchObject({ status: 'running', isFinished: false, endedAt: undefined });
  });

  it('are empty for a cached or cloned task', () => {
    const cached = run.task('each[a]');
    expect(cached.attempts).toEqual([]);
    expect(cached).toMatchObject({ status: 'cached', isSuccessful: true, from: 'Penguins/3/each[4]', ms: 50 });
    expect(cached.startedAt).toBeUndefined();
    expect(run.task('each[b]')).toMatchObject({ status: 'cloned', error, attempts: [] });
  });

  it('include the failed one whose error `catch` made the result', () => {
    const caught = run.task('each[c]');
    expect(caught).toMatchObject({ status: 'succeeded', isSuccessful: true, error });
    expect(caught.attempts.map(({ status }) => status)).toEqual(['failed']);
  });

  it('are lost or cancelled when their run ended before them', () => {
    const last = (status: 'lost' | 'failed') => viewOf(GRAPH, EVENTS, status).task('each[d]');
    expect(last('lost').status).toBe('lost');
    expect(last('lost').attempts.at(-1)?.status).toBe('lost');
    expect(last('failed').status).toBe('cancelled');
    expect(last('failed').attempts.at(-1)?.status).toBe('cancelled');
  });
});

describe('the tasks of a run', () => {
  const run = viewOf(GRAPH, EVENTS, 'lost');
  const labels = (tasks: readonly { readonly label: string }[]) => tasks.map(({ label }) => label);

  it('are selected by step and status', () => {
    expect(labels(run.tasks())).toEqual(['load', 'each[a]', 'each[b]', 'each[c]', 'each[d]', 'each[e]']);
    expect(labels(run.tasks({ step: 'load' }))).toEqual(['load']);
    expect(labels(run.tasks({ status: 'failed' }))).toEqual(['each[e]']);
    expect(labels(run.tasks({ step: 'each', status: ['cached', 'cloned', 'lost'] }))).toEqual([
      'each[a]',
      'each[b]',
      'each[d]',
    ]);
    expect(run.tasks({ step: 'load', status: 'failed' })).toEqual([]);
    expect(run.tasks({ step: 'nowhere' })).toEqual([]);
  });

  it('give themselves as the original when executed, and throw VARVE_NO_TASK for an unknown name', async () => {
    expect(await run.task('load').original()).toMatchObject({ name: 'load' });
    expect(() => run.task('each[z]')).toThrow(expect.objectContaining({ code: 'VARVE_NO_TASK' }));
  });
});

/** Runs every lineage query on every task of one foreach with joins that read all of it. Returns the CPU time, ms. */
function askEverything(count: number): number {
  const graph: StepOutline[] = [
    { name: 'load', after: [] },
    { name: 'each', after: ['load'], foreach: 'items' },
    { name: 'polish', after: ['each'] },
    { name: 'sum', after: [], join: 'polish' },
    { name: 'some', after: [], join: 'polish' },
  ];
  const part = referenceOf('part');
  const element = (task: string, name: string, reads: readonly string[]): RunEvent => ({
    ...{ type: 'task-succeeded', at: 1, task, attempt: 1, via: 'executed', ms: 1 },
    ...{ writes: { [name]: part }, reads },
  });
  const events: RunEvent[] = [
    done('init', { writes: { items: 'list' } }),
    done('load', { writes: { rows: 'rows' } }),
    expanded('each', ...Array.from({ length: count }, (_, i) => `e${i}`)),
  ];
  for (let i = 0; i < count; i++) {
    events.push(element(`each[${i}]`, 'x', ['@element', 'rows']), element(`polish[${i}]`, 'y', ['rows', 'x']));
  }
  events.push(done('sum', { reads: ['[*].y', 'rows'] }));
  // A join that leaves one task out reads the others one by one.
  events.push(done('some', { reads: Array.from({ length: count - 1 }, (_, i) => `[${i}].x`) }));
  const began = process.cpuUsage();
  const run = viewOf(graph, events);
  let answers = 0;
  for (const task of run.tasks('each')) {
    answers += run.task(`each[e${task.element?.index}]`).parents().length + task.children().length;
    answers += task.readersOf('x').length + task.readersOf('rows').length + task.producersOf('rows').length;
    answers += task.producerOf('items') === undefined ? 0 : 1;
  }
  answers += run.tasks({ status: 'succeeded' }).length + run.task('load').children().length;
  answers += run.task('sum').parents().length + run.task('load').readersOf('rows').length;
  const { user, system } = process.cpuUsage(began);
  // Each: a parent, a child, two producers, polish as reader of x and of rows, and `some` of all but the last.
  expect(answers).toBe(count * 6 + count - 1 + (2 * count + 3) + count + count + 2 * count + 1);
  return (user + system) / 1000;
}

it('answers all queries about lineage in time linear in the number of tasks', () => {
  const few = Math.max(askEverything(5_000), askEverything(5_000));
  const many = askEverything(40_000);
  // A quadratic query would take 64 times as long.
  expect(many / few, `${few} ms, then ${many} ms`).toBeLessThan(24);
}, 120_000);
