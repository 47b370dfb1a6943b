import { describe, expect, it, vi } from 'vitest';
import { ageHeartbeats, beat } from '../../support/heartbeats.ts';
import { artifactOf, outcomeOf } from '../../support/outcome.ts';
import { expectCode, expectNoStack, Project, pause, type Started } from '../../support/project.ts';

// Each test starts several processes, which is slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** The first three elements end at once, the others when a file exists. */
const FLOW = `import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Flow, step, type View } from 'varve';
export default class Slow extends Flow {
  items = [0, 1, 2, 3, 4, 5];
  left!: number; total!: number;
  @step({ foreach: 'items', cache: false, concurrency: 6 }) async each(item: number) {
    while (item > 2 && !existsSync('go')) await sleep(10, undefined, { signal: this.run.signal });
    this.left = item * 2;
  }
  @step({ join: 'each' }) sum(tasks: readonly View<Slow>[]) { this.total = tasks.reduce((sum, task) => sum + task.left, 0); }
}
`;
const FIRST = ['each[0]', 'each[1]', 'each[2]'];

async function halfway(project = new Project({ 'slow.ts': FLOW })): Promise<{ project: Project; run: Started }> {
  const run = project.start(['run', 'slow.ts', '--json']);
  const ended = () => run.output.stdout.match(/"type":"task-ended"/g)?.length ?? 0;
  while (ended() < 3 && run.child.exitCode === null) await pause(10);
  expect(ended(), run.output.stderr).toBe(3);
  return { project, run };
}

describe('varve cancel', () => {
  it('stops a run in another process, which keeps its finished tasks and can be resumed', async () => {
    const { project, run } = await halfway();
    const cancelled = expectCode(await project.varve(['cancel', '@last']), 0);
    expect(cancelled.stdout).toMatch(/^Slow\/1 is cancelled; what had finished is kept\. .*varve resume Slow\/1\n$/);
    expect(cancelled.stderr).toContain('Slow/1 is told to stop');
    expectCode(await run.ended, 130);
    const { run: shown } = await project.json<{ run: { status: string; tasks: { task: string; status: string }[] } }>(
      ...['show', 'Slow/1', '--json'],
    );
    expect(shown.status).toBe('cancelled');
    const by = (status: string) => shown.tasks.filter((task) => task.status === status).map(({ task }) => task);
    expect(by('succeeded')).toEqual(FIRST);
    expect(by('cancelled')).toEqual(['each[3]', 'each[4]', 'each[5]']);
    expect(await artifactOf(project, 'Slow/1/each[2]', 'left')).toBe(4);

    const again = expectCode(await project.varve(['cancel', 'Slow/1', '--json']), 0);
    expect(JSON.parse(again.stdout)).toEqual({
      v: 1,
      cancel: { flow: 'Slow', number: 1, outcome: 'cancelled-before', status: 'cancelled' },
    });

    project.write('go', '');
    const { tasks, executed } = await outcomeOf(project, ['resume', 'Slow/1']);
    for (const task of FIRST) expect(tasks[task]).toBe('cloned');
    expect([...executed].sort()).toEqual(['each[3]', 'each[4]', 'each[5]', 'sum']);
    expect(await artifactOf(project, '@last', 'total')).toBe(30);
    const chain = expectCode(await project.varve(['show', 'Slow/1']), 0).stdout;
    expect(chain).toContain('resumed by  Slow/2');
    expect(expectCode(await project.varve(['show', 'Slow/2']), 0).stdout).toContain('resumes  Slow/1');
  });

  it('only sends the request with --no-wait, and only once', async () => {
    const { project, run } = await halfway();
    const live = expectCode(await project.varve(['resume']), 2);
    expect(live.stderr).toContain('varve cancel Slow/1');
    expect(expectCode(await project.varve(['cancel', 'Slow/1', '--no-wait']), 0).stdout).toBe(
      'Slow/1 is told to stop.\n',
    );
    const second = await project.varve(['cancel', 'Slow/1', '--no-wait']);
    // The run may already have seen the request.
    expect(expectCode(second, 0).stdout).toMatch(/had been told to stop before|was cancelled before/);
    expectCode(await run.ended, 130);
  });

  it('refuses a succeeded run, a task, and an unknown run', async () => {
    const project = new Project({ 'slow.ts': FLOW, go: '' });
    expectCode(await project.varve(['run', 'slow.ts', '-q']), 0);
    const ended = expectCode(await project.varve(['cancel', '@last']), 2);
    expect(ended.stderr).toContain('Slow/1 has ended already: it succeeded');
    expect(ended.stderr).toContain('VARVE_RUN_ENDED');
    expectNoStack(ended);
    const task = expectCode(await project.varve(['cancel', 'Slow/1/each[2]']), 2);
    expect(task.stderr).toContain('varve cancel Slow/1');
    expectCode(await project.varve(['cancel', 'Slow/9']), 5);
  });

  it('reports that a lost run needs no stopping', async () => {
    const { project, run } = await halfway();
    process.kill(-(run.child.pid ?? 0), 'SIGKILL');
    await run.ended;
    ageHeartbeats(project.store);
    const lost = expectCode(await project.varve(['cancel', 'Slow/1']), 0);
    expect(lost.stdout).toMatch(/^Slow\/1 is lost: its process is gone.*varve resume Slow\/1\n$/);
    project.write('go', '');
    expect((await outcomeOf(project, ['resume', 'Slow/1'])).tasks['each[0]']).toBe('cloned');
  });

  it('reports after 20 s that a run has not stopped yet', async () => {
    const { project, run } = await halfway();
    run.child.kill('SIGSTOP');
    // Keeps the heartbeat of the stopped process fresh.
    const beating = setInterval(() => beat(project.store), 1_000);
    try {
      const { stdout } = expectCode(await project.varve(['cancel', 'Slow/1', '--json']), 1);
      expect(JSON.parse(stdout)).toMatchObject({ cancel: { outcome: 'asked', status: 'running' } });
    } finally {
      clearInterval(beating);
      run.child.kill('SIGCONT');
    }
    expectCode(await run.ended, 130);
  });

  it('stops a suspended run when it wakes', async () => {
    const { project, run } = await halfway();
    run.child.kill('SIGSTOP');
    ageHeartbeats(project.store);
    expect(expectCode(await project.varve(['cancel', 'Slow/1']), 0).stdout).toContain('is lost');
    run.child.kill('SIGCONT');
    expectCode(await run.ended, 130);
    expect((await project.json<{ run: { status: string } }>('show', 'Slow/1', '--json')).run.status).toBe('cancelled');
  });
});

const CODE = `
import { client, resume } from 'varve';
const history = client('Slow');
const run = await history.last();
const first = [run.status, run.isFinished, run.tasks({ status: 'running' }).length];
const asked = [await run.cancel(), await history.cancel(run.number)];
const ended = await run.whenFinished();
const error = await client('Slow').cancel(99).catch(({ code }) => code);
console.log(JSON.stringify({ first, asked, ended: [ended.status, ended.isFinished, ended.isSuccessful], later: await run.cancel(), error }));
`;

it('RunView.cancel() stops a run from code, and waits for its end', async () => {
  const project = new Project({ 'slow.ts': FLOW, 'cancel.mjs': CODE });
  const { run } = await halfway(project);
  const { stdout } = expectCode(await project.node('cancel.mjs'), 0);
  const said = JSON.parse(stdout) as { first: unknown[]; asked: string[] };
  expect(said).toMatchObject({
    first: ['running', false, expect.any(Number)],
    asked: ['asked', expect.stringMatching(/^(asked|cancelled)-before$/)],
    ended: ['cancelled', true, false],
    later: 'cancelled-before',
    error: 'VARVE_NO_RUN',
  });
  expectCode(await run.ended, 130);
});
