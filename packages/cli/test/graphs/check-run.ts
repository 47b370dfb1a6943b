import { expect } from 'vitest';
import { type Expected, expectedTasks, type Trouble } from './expected.ts';
import { LISTS, type Nodes } from './graph-data.ts';
import type { SeenRun, SeenTask } from './run-flows.ts';

/** Checks that must hold for any run of a graph, on any runner. */
export function checkRun(nodes: Nodes, run: SeenRun, trouble: Trouble = {}): void {
  expect(run.failed).toBeUndefined();
  const expected = expectedTasks(nodes, trouble);
  expect(statuses(run)).toEqual(wantedStatuses(expected));
  for (const task of run.tasks) checkTask(task, expected.get(task.name), nodes);
  checkShared(run);
  checkSummary(run, expected);
}

function statuses(run: SeenRun): Record<string, string> {
  return Object.fromEntries(
    run.tasks.map((task) => [task.name, task.caught === undefined ? task.status : 'caught']).sort(),
  );
}

function wantedStatuses(expected: ReadonlyMap<string, Expected>): Record<string, string> {
  return Object.fromEntries([...expected].map(([name, { status }]) => [name, status]).sort());
}

/** Checks path, order of elements, passed artifacts, reads and log of each task. */
function checkTask(task: SeenTask, expected: Expected | undefined, nodes: Nodes): void {
  if (expected?.status !== 'succeeded') return;
  const node = nodes.find((one) => one.name === task.name.replace(/\[.*/, ''));
  expect(task.trail, task.name).toEqual(expected.trail);
  expect(task.untouched).toEqual({ passed: ['on', 'by', 'reference'] });
  expect(task.log).toEqual([`log of ${task.name}`]);
  const index = Number(/(\d+)\]$/.exec(task.name)?.[1]);
  if (node?.foreach !== undefined) expect(task.element).toBe(LISTS[node.foreach][index]);
  const linear = node?.join === undefined && !Array.isArray(node?.after);
  if (linear) expect(task.reads.filter((name) => name.endsWith('trail'))).toHaveLength(1);
  expect(task.reads).not.toContain('untouched');
}

/** Checks that equal values of all tasks are one blob. */
function checkShared(run: SeenRun): void {
  const same = run.tasks.flatMap((task) =>
    task.same && task.status === 'succeeded' ? [JSON.stringify(task.same)] : [],
  );
  expect(new Set(same).size).toBeLessThanOrEqual(1);
}

/** Checks that the summary and the progress events agree with the journal. */
function checkSummary(run: SeenRun, expected: ReadonlyMap<string, Expected>): void {
  const of = (...wanted: string[]) => [...expected.values()].filter(({ status }) => wanted.includes(status)).length;
  const { counts } = run.summary;
  expect([counts.succeeded ?? 0, counts.skipped ?? 0, counts.failed ?? 0]).toEqual([
    of('succeeded', 'caught'),
    of('skipped'),
    of('failed'),
  ]);
  expect(run.summary.caught ?? 0).toBe(of('caught'));
  expect(run.status).toBe(of('failed') > 0 ? 'failed' : 'succeeded');
  const ended = run.said.filter(
    (p) => (p.type === 'task-ended' && p.status !== 'retrying') || p.type === 'task-skipped',
  );
  expect(ended.map((p) => p.task).sort()).toEqual([...expected.keys()].sort());
}
