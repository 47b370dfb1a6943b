import { beforeAll, describe, expect, it } from 'vitest';
import { Project, type Result } from '../support/project.ts';
import { expectedTasks } from './expected.ts';
import { prefixed } from './graph-data.ts';
import { RUNNERS } from './run-flows.ts';
import { SHAPES } from './shapes.ts';
import { writeFlow } from './write-flow.ts';

/** Runs a sample of the shapes through the command line, which must agree with the client. */
const NODES = ['nestedForeach', 'whenInForeach', 'foreachInWhen'].flatMap((name) => prefixed(SHAPES[name] ?? [], name));

describe.each(RUNNERS)('varve run --runner %s', (runner) => {
  const project = new Project({ 'shapes.ts': writeFlow(NODES, { name: 'Shapes' }) });
  let ran: Result;

  beforeAll(async () => {
    ran = await project.varve(['run', 'shapes.ts', '--runner', runner, '--json']);
  }, 60_000);

  it('succeeds and reports how each task ended', () => {
    expect(ran.code).toBe(0);
    const said = ran.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>);
    const ended = said.filter((one) => one.type === 'task-ended' || one.type === 'task-skipped').map((one) => one.task);
    expect(ended.sort()).toEqual([...expectedTasks(NODES).keys()].sort());
  });

  it('makes artifacts that varve artifacts can show', async () => {
    const task = 'nestedForeach_inner[2,1,0]';
    const { stdout, code } = await project.varve(['artifacts', 'get', `Shapes/1/${task}`, 'trail']);
    expect(code).toBe(0);
    const expected = expectedTasks(NODES).get(task);
    expect(JSON.parse(stdout)).toEqual(expected?.status === 'succeeded' ? expected.trail : undefined);
  });

  it('fails with exit code 1 and the first failure when a step fails', async () => {
    const failing = ['--failing', 'whenInForeach_each[1]', '--failures', '9'];
    const { code, stderr } = await project.varve(['run', 'shapes.ts', '--runner', runner, ...failing]);
    expect(code).toBe(1);
    expect(stderr).toContain('planned: whenInForeach_each[1]');
  });
});
