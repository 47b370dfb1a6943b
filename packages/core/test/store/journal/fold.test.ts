import { MemoryStore, referenceOf, runRecord, succeeded } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../src/contract/index.ts';
import {
  isStale,
  readHeartbeat,
  statusOf,
  taskStatusIn,
  writeHeartbeat,
} from '../../../src/store/coordination/heartbeat.ts';
import { fold, foldAsync } from '../../../src/store/journal/fold.ts';

const record = runRecord({
  graph: [
    { name: 'clean', after: [] },
    { name: 'outer', after: ['clean'], foreach: 'groups' },
    { name: 'inner', after: ['outer'], foreach: 'models' },
    { name: 'polish', after: ['inner'] },
    { name: 'best', after: [], join: 'polish' },
    { name: 'report', after: [], join: 'best' },
  ],
});

const error = { name: 'Error', message: 'no' };
const failed = (task: string, attempt: number, retrying: boolean): RunEvent => ({
  type: 'task-failed',
  at: 100 + attempt,
  task,
  attempt,
  error,
  retrying,
  ms: 5,
});
const expanded = (step: string, labels: readonly string[]): RunEvent => ({
  type: 'foreach-expanded',
  at: 1,
  step,
  parent: 'x',
  labels,
});

describe('the state of a run folded from its journal', () => {
  it('has all attempts with their errors, and the final status of each task', () => {
    const log = referenceOf('log');
    const { tasks } = fold(record, [
      { type: 'task-started', at: 90, task: 'clean', attempt: 1 },
      failed('clean', 1, true),
      {
        ...succeeded('clean', { rows: '[]' }).event,
        attempt: 2,
        at: 200,
        log,
        reads: ['raw'],
        deletes: ['old'],
      } as RunEvent,
    ]);
    expect(tasks.get('clean')).toMatchObject({
      status: 'succeeded',
      via: 'executed',
      ms: 3,
      log,
      reads: ['raw'],
      deletes: ['old'],
      endedAt: 200,
      attempts: [
        { attempt: 1, status: 'failed', startedAt: 90, endedAt: 101, ms: 5, error },
        { attempt: 2, status: 'succeeded', startedAt: 197, endedAt: 200, ms: 3, log },
      ],
    });
    expect(tasks.get('clean')?.writes.rows).toEqual(referenceOf('[]'));
  });

  it('has no attempt of a reused task, and no origin of a task that was executed after all', () => {
    const kept = { ...succeeded('clean', { rows: '[]' }).event, via: 'cached', from: 'Penguins/3/clean' } as RunEvent;
    expect(fold(record, [kept]).tasks.get('clean')).toMatchObject({ status: 'cached', attempts: [], ms: 3 });
    const again = fold(record, [kept, succeeded('clean', { rows: '[]' }).event]).tasks.get('clean');
    expect(again).toMatchObject({ status: 'succeeded', attempts: [{ attempt: 1, status: 'succeeded' }] });
    expect(again?.from).toBeUndefined();
  });

  it('names the first failure that was not retried', () => {
    const state = fold(record, [
      expanded('outer', ['g1', 'g2']),
      failed('clean', 1, true),
      failed('outer[1]', 1, false),
      failed('clean', 2, false),
    ]);
    expect(state.firstFailure).toEqual({ task: 'outer[1]', label: 'outer[g2]', error });
    expect(state.tasks.get('clean')?.status).toBe('failed');
    expect(state.status).toBe('running');
  });

  it('counts tasks per step, including those not reached yet', () => {
    const state = fold(record, [
      succeeded('clean', {}).event,
      expanded('outer', ['a', 'b', 'c']),
      { type: 'task-started', at: 1, task: 'outer[0]', attempt: 1 },
      { ...succeeded('outer[1]', {}).event, via: 'cached', from: 'Penguins/3/outer[1]' } as RunEvent,
      expanded('inner[1]', ['x', 'y']),
      succeeded('inner[1,1]', {}).event,
      { type: 'task-skipped', at: 1, task: 'report', reason: 'small' },
    ]);
    const counts = Object.fromEntries([...state.steps.values()].map((step) => [step.name, [step.total, step.counts]]));
    expect(counts).toEqual({
      clean: [1, { succeeded: 1 }],
      outer: [3, { running: 1, cached: 1, queued: 1 }],
      inner: [2, { succeeded: 1, queued: 1 }],
      polish: [2, { queued: 2 }],
      best: [3, { queued: 3 }],
      report: [1, { skipped: 1 }],
    });
    expect(state.tasks.get('outer[1]')?.from).toBe('Penguins/3/outer[1]');
  });

  it('labels tasks by the elements around them', () => {
    const state = fold(record, [
      expanded('outer', ['g1', 'g2']),
      expanded('inner[1]', ['knn', 'tree']),
      ...['inner[1,0]', 'polish[1,1]', 'best[1]', 'inner[0,3]', 'report'].map((task) => succeeded(task, {}).event),
    ]);
    const labels = [...state.tasks.values()].map((task) => task.label);
    expect(labels).toEqual(['inner[g2,knn]', 'polish[g2,tree]', 'best[g2]', 'inner[g1,3]', 'report']);
    expect([...state.expansions]).toEqual([
      ['outer', ['g1', 'g2']],
      ['inner[1]', ['knn', 'tree']],
    ]);
  });

  it('has the end of the run and its cancelled tasks', async () => {
    const events: RunEvent[] = [
      { type: 'task-started', at: 1, task: 'clean', attempt: 1 },
      { type: 'task-cancelled', at: 2, task: 'clean', attempt: 1, reason: 'interrupted' },
      { type: 'run-ended', at: 3, status: 'cancelled' },
    ];
    async function* stream() {
      yield* events;
    }
    const state = await foldAsync(record, stream());
    expect(state).toMatchObject({ status: 'cancelled', lastEventAt: 3 });
    expect(state.tasks.get('clean')).toMatchObject({
      status: 'cancelled',
      reason: 'interrupted',
      attempts: [{ startedAt: 1, endedAt: 2 }],
    });
    expect(state).toEqual(fold(record, events));
  });

  it('covers ten thousand tasks of a foreach', () => {
    const events = Array.from({ length: 10_000 }, (_, i) => succeeded(`outer[${i}]`, {}).event);
    const state = fold(record, [
      expanded(
        'outer',
        events.map((_, i) => `e${i}`),
      ),
      ...events,
    ]);
    expect(state.tasks.size).toBe(10_000);
    expect(state.steps.get('outer')).toEqual({ name: 'outer', total: 10_000, counts: { succeeded: 10_000 } });
    expect(state.tasks.get('outer[9999]')?.label).toBe('outer[e9999]');
  });

  it('tolerates a graph with a cycle and tasks of unknown steps', () => {
    const odd = runRecord({
      graph: [
        { name: 'a', after: ['b'] },
        { name: 'b', after: ['a'] },
      ],
    });
    expect(fold(odd, [succeeded('ghost[1]', {}).event]).tasks.get('ghost[1]')?.label).toBe('ghost[1]');
  });
});

describe('a run without a summary', () => {
  const heartbeat = { modifiedAt: 1_000_000, intervalMs: 5_000 };

  it('is running while its heartbeat is fresh and lost afterwards, unless there is a summary', () => {
    expect(statusOf({}, heartbeat, 1_020_000)).toBe('running');
    expect(statusOf({}, heartbeat, 1_020_001)).toBe('lost');
    expect(statusOf({}, undefined, 0)).toBe('lost');
    expect(statusOf({ summary: { status: 'failed' } }, heartbeat, 0)).toBe('failed');
    expect(isStale(heartbeat, 0)).toBe(false);
  });

  it('has the end in its journal, although it died before its summary', () => {
    const ended = fold(record, [{ type: 'run-ended', at: 1, status: 'failed' }]);
    expect(statusOf(ended, undefined, 0)).toBe('failed');
    expect(statusOf(fold(record, []), heartbeat, 1_000_000)).toBe('running');
    expect(statusOf(fold(record, []), undefined, 0)).toBe('lost');
  });

  it('is lost or cancelled together with its unfinished tasks', () => {
    expect((['running', 'queued', 'succeeded'] as const).map((status) => taskStatusIn('lost', status))).toEqual([
      'lost',
      'lost',
      'succeeded',
    ]);
    expect(taskStatusIn('failed', 'running')).toBe('cancelled');
    expect(taskStatusIn('cancelled', 'queued')).toBe('cancelled');
    expect(taskStatusIn('running', 'queued')).toBe('queued');
  });

  it('has a heartbeat dated by the clock of the store', async () => {
    const store = new MemoryStore({ now: () => 77 });
    const run = runRecord();
    expect(await readHeartbeat(store, run)).toBeUndefined();
    await writeHeartbeat(store, run, { host: 'lab', pid: 7, intervalMs: 5_000 });
    expect(await readHeartbeat(store, run)).toEqual({ host: 'lab', pid: 7, intervalMs: 5_000, modifiedAt: 77 });
  });
});
