import { beforeAll, describe, expect, it } from 'vitest';
import { Project } from '../support/project.ts';
import { checkRun } from './check-run.ts';
import type { Trouble } from './expected.ts';
import { type Nodes, prefixed } from './graph-data.ts';
import { RUNNERS, runFlows, type SeenRun, taskIn } from './run-flows.ts';
import { SHAPES } from './shapes.ts';
import { writeFlow } from './write-flow.ts';

/** All shapes as independent parts of one flow, so that one run checks them all. */
const ALL: Nodes = Object.entries(SHAPES).flatMap(([name, nodes]) => prefixed(nodes, name));

/** One failing task per shape; in a foreach one element of several. */
const CHOSEN = [
  'linear_middle',
  'branch_left',
  'roots_two',
  'nestedBranches_ba',
  'foreach_each[1]',
  'rootForeach_each[0]',
  'openForeach_each[1]',
  'nestedForeach_inner[2,1,0]',
  'twoJoins_next[0]',
  'branchInForeach_left[1]',
  'foreachInBranch_each[0]',
  'when_taken',
  'nestedWhen_outer',
  'whenInForeach_always[1]',
  'foreachInWhen_taken[1]',
];
const STEPS = [...new Set(CHOSEN.map((task) => task.replace(/\[.*/, '')))];
const LIMITED = ['single_only', 'rootForeach_each'];

const project = new Project();
const plain = { file: project.path('plain.ts'), flow: 'Plain' };
const catching = { file: project.path('catching.ts'), flow: 'Catching' };
const none: Record<string, unknown> = {};

describe.each(RUNNERS)('every shape of graph on runner %s', (runner) => {
  let runs: Record<'well' | 'retry' | 'failure' | 'caught' | 'timeout', SeenRun>;

  beforeAll(async () => {
    project.write('plain.ts', writeFlow(ALL, { name: 'Plain', limited: LIMITED }));
    project.write('catching.ts', writeFlow(ALL, { name: 'Catching', catching: STEPS }));
    const failing = CHOSEN.join(' ');
    const hanging = 'single_only rootForeach_each[1]';
    const [well, retry, failure, caught, timeout] = await runFlows([
      { ...plain, runner, parameters: none },
      { ...plain, runner, parameters: { failing, failures: 1 } },
      { ...plain, runner, parameters: { failing, failures: 9 } },
      { ...catching, runner, parameters: { failing, failures: 9 } },
      { ...plain, runner, parameters: { hanging, busy: runner !== 'inline' } },
    ]);
    runs = { well, retry, failure, caught, timeout } as typeof runs;
  }, 90_000);

  it('executes its tasks in order, and passes on unchanged artifacts', () => {
    checkRun(ALL, runs.well);
  });

  it('retries a failed task, and only that', () => {
    checkRun(ALL, runs.retry);
    const twice = runs.retry.tasks.filter((task) => task.attempts.length > 1);
    expect(twice.map((task) => task.name).sort()).toEqual([...CHOSEN].sort());
    expect(twice.every((task) => task.attempts[0]?.error?.name === 'RangeError' && !task.attempts[1]?.error)).toBe(
      true,
    );
  });

  it('runs everything that does not depend on a failed task', () => {
    checkRun(ALL, runs.failure, troubleOf('failed'));
    expect(CHOSEN.some((task) => runs.failure.summary.failure?.includes(`planned: ${task}`))).toBe(true);
    expect(taskIn(runs.failure, 'foreach_next[0]').trail).toEqual([
      'foreach_start',
      'foreach_each[0]',
      'foreach_next[0]',
    ]);
  });

  it('continues with the error that a step catches', () => {
    checkRun(ALL, runs.caught, troubleOf('caught'));
    const task = taskIn(runs.caught, 'foreach_each[1]');
    expect(task.error).toMatchObject({ name: 'RangeError', message: 'planned: foreach_each[1]' });
    expect(task.attempts).toHaveLength(2);
  });

  it('stops a task at its timeout, and retries only the errors that retry names', () => {
    checkRun(ALL, runs.timeout, { single_only: 'failed', 'rootForeach_each[1]': 'failed' });
    expect(taskIn(runs.timeout, 'single_only').attempts).toMatchObject([
      { attempt: 1, error: { name: 'TimeoutError', code: 'VARVE_TIMEOUT' } },
    ]);
  });
});

function troubleOf(how: 'failed' | 'caught'): Trouble {
  return Object.fromEntries(CHOSEN.map((task) => [task, how]));
}
