import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { ageHeartbeats } from '../../support/heartbeats.ts';
import { artifactOf, outcomeOf } from '../../support/outcome.ts';
import { expectCode, expectNoStack, Project, pause, type Started } from '../../support/project.ts';
import { folderStore } from '../../support/stores.ts';

// Each test starts several processes, which is slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** The first three elements end at once, the others when a file exists. */
const FLOW = `import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Flow, param, step, type View } from 'varve';
export default class Stopped extends Flow {
  base = param.int(1);
  items = [0, 1, 2, 3, 4, 5];
  left!: number; total!: number;
  @step({ foreach: 'items', cache: false, concurrency: 6 }) async each(item: number) {
    if (existsSync('crash') && item === 4) process.kill(process.pid, 'SIGKILL');
    while (item > 2 && !existsSync('go')) await sleep(10, undefined, { signal: this.run.signal });
    appendFileSync('done.txt', item + ' ');
    this.left = item * this.base;
  }
  @step({ join: 'each' }) sum(tasks: readonly View<Stopped>[]) { this.total = tasks.reduce((sum, task) => sum + task.left, 0); }
}
`;
const FIRST = ['each[0]', 'each[1]', 'each[2]'];

async function halfway(...more: readonly string[]): Promise<{ project: Project; run: Started }> {
  const project = new Project({ 'stopped.ts': FLOW });
  const run = project.start(['run', 'stopped.ts', '--base', '2', '--json', ...more]);
  const ended = () => run.output.stdout.match(/"type":"task-ended"/g)?.length ?? 0;
  while (ended() < 3 && run.child.exitCode === null) await pause(10);
  expect(ended(), run.output.stderr).toBe(3);
  return { project, run };
}

/** Expects that finished tasks are kept and nothing is executed twice. */
async function expectResumed(project: Project): Promise<void> {
  project.write('go', '');
  const { tasks } = await outcomeOf(project, ['resume']);
  for (const task of FIRST) expect(tasks[task]).toBe('cloned');
  expect(await artifactOf(project, '@last', 'total')).toBe(30);
  expect(project.read('done.txt').trim().split(' ').sort()).toEqual(['0', '1', '2', '3', '4', '5']);
}

describe('varve resume of a run that was stopped', () => {
  it('by kill -9 is refused while the run may be alive, and works when it is lost', async () => {
    const { project, run } = await halfway();
    const live = expectCode(await project.varve(['resume']), 2);
    expect(live.stderr).toContain('VARVE_RUN_LIVE');
    process.kill(-(run.child.pid ?? 0), 'SIGKILL');
    await run.ended;
    ageHeartbeats(project.store);
    await expectResumed(project);
  });

  it('by Ctrl-C keeps the finished tasks', async () => {
    const { project, run } = await halfway();
    run.child.kill('SIGINT');
    expectCode(await run.ended, 130);
    await expectResumed(project);
  });

  it('by Ctrl-C twice keeps the finished tasks', async () => {
    const { project, run } = await halfway();
    run.child.kill('SIGINT');
    run.child.kill('SIGINT');
    expectCode(await run.ended, 130);
    ageHeartbeats(project.store);
    await expectResumed(project);
  });

  it('by the death of a worker process keeps the finished tasks', async () => {
    const project = new Project({ 'stopped.ts': FLOW, crash: '', go: '' });
    const workers = ['--runner', 'process', '--concurrency', '1'];
    const killed = await outcomeOf(project, ['run', 'stopped.ts', '--base', '2', ...workers], 1);
    expect(killed.tasks).toMatchObject({ 'each[3]': 'succeeded', 'each[4]': 'failed', 'each[5]': 'succeeded' });
    rmSync(project.path('crash'));
    const { executed } = await outcomeOf(project, ['resume', '--runner', 'process']);
    expect(executed).toEqual(['each[4]', 'sum']);
    expect(await artifactOf(project, '@last', 'total')).toBe(30);
  });

  it('by SIGSTOP fences it: it writes nothing more when it wakes', async () => {
    const { project, run } = await halfway();
    const before = await project.json<{ tasks: unknown[] }>('show', 'Stopped/1', '--json');
    run.child.kill('SIGSTOP');
    ageHeartbeats(project.store);
    await expectResumed(project);
    run.child.kill('SIGCONT');
    const { code, stderr } = await run.ended;
    expect(code).toBe(4);
    expect(stderr).toContain('VARVE_FENCED');
    const after = await project.json<{ tasks: unknown[] }>('show', 'Stopped/1', '--json');
    expect(after.tasks).toEqual(before.tasks);
  });
});

/** Three tasks at once, each of which says who begins it. They end when a file exists. */
const EFFECTS = `import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Flow, step, type View } from 'varve';
export default class Effects extends Flow {
  items = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
  done!: number; total!: number;
  @step({ foreach: 'items', effect: true, concurrency: 3 }) async act(item: number) {
    appendFileSync('begun.txt', process.pid + ' ' + item + '\\n');
    while (!existsSync('go')) await sleep(10);
    this.done = item;
  }
  @step({ join: 'act' }) sum(tasks: readonly View<Effects>[]) { this.total = tasks.length; }
}
`;

/** The local store, which answers late while a file exists. */
const LATE = `import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { definePlugin } from '@varve/core/contract';
import { fsStore } from '@varve/store-fs';
const inner = fsStore({ root: '.varve/store' });
const late = (call) => async (...args) => {
  if (existsSync('late')) await sleep(300);
  return call(...args);
};
const slow = (store) => ({
  name: store.name,
  capabilities: store.capabilities,
  put: late((...args) => store.put(...args)),
  get: (...args) => store.get(...args),
  stat: late((...args) => store.stat(...args)),
  list: (...args) => store.list(...args),
  delete: (...args) => store.delete(...args),
});
export default {
  datastore: definePlugin({ name: 'slow', provides: { datastore: (context) => slow(inner.provides.datastore(context)) } }),
};
`;

/** Ms. A process that slept for so long must look before it starts anything. */
const SLEEP_MS = 13_000;

it('a process that slept while its run was taken over starts no task when it wakes, and does not look alive', async () => {
  const project = new Project({ 'effects.ts': EFFECTS, 'begun.txt': '', 'varve.config.mjs': LATE });
  const run = project.start(['run', 'effects.ts']);
  const begunBy = (pid: number | undefined) =>
    project
      .read('begun.txt')
      .trim()
      .split('\n')
      .filter((line) => line.startsWith(`${pid} `)).length;
  while (begunBy(run.child.pid) < 3 && run.child.exitCode === null) await pause(10);
  run.child.kill('SIGSTOP');
  await pause(SLEEP_MS);
  ageHeartbeats(folderStore(project.path('.varve/store')));
  project.write('go', '');
  expectCode(await project.varve(['resume']), 0);
  project.write('late', '');
  run.child.kill('SIGCONT');
  expect((await run.ended).stderr).toContain('VARVE_FENCED');
  expect(begunBy(run.child.pid)).toBe(3);
  rmSync(project.path('late'));
  expect(await artifactOf(project, 'Effects/2', 'total')).toBe(12);
  const { runs } = await project.json<{ runs: { record: { number: number }; status: string }[] }>('list', '--json');
  expect(runs.map(({ record, status }) => `${record.number} ${status}`)).toEqual(['2 succeeded', '1 lost']);
});

describe('two concurrent resumes of one run', () => {
  it('both succeed, each as a run of its own', async () => {
    const { project, run } = await halfway();
    run.child.kill('SIGINT');
    expectCode(await run.ended, 130);
    project.write('go', '');
    const both = await Promise.all([project.varve(['resume', 'Stopped/1']), project.varve(['resume', 'Stopped/1'])]);
    for (const one of both) expectNoStack(expectCode(one, 0));
    for (const path of ['Stopped/2', 'Stopped/3']) expect(await artifactOf(project, path, 'total')).toBe(30);
    expectCode(await project.varve(['resume']), 5);
  });
});

const mayMount = process.platform === 'linux' && process.getuid?.() === 0;
const skipMount = !mayMount && process.env.CI === undefined;
if (skipMount) process.stderr.write('SKIPPED: the test of resume on a full tmpfs needs root, to mount one.\n');

const BIG = `import { randomBytes } from 'node:crypto';
import { Flow, step, type View } from 'varve';
export default class Big extends Flow {
  items = [0, 1, 2, 3, 4];
  bytes!: Uint8Array; total!: number;
  @step({ foreach: 'items', cache: false, concurrency: 1 }) each() { this.bytes = randomBytes(200_000); }
  @step({ join: 'each' }) sum(tasks: readonly View<Big>[]) { this.total = tasks.reduce((sum, task) => sum + task.bytes.length, 0); }
}
`;

it.skipIf(skipMount)('varve resume of a run that a full disk has stopped works when there is space again', async () => {
  const project = new Project({
    'big.ts': BIG,
    'varve.config.mjs':
      "import { fsStore } from '@varve/store-fs';\nexport default { datastore: fsStore({ root: 'disk' }) };\n",
  });
  mkdirSync(project.path('disk'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=900k', 'tmpfs', project.path('disk')]);
  try {
    const full = await project.varve(['run', 'big.ts']);
    expect([1, 4]).toContain(full.code);
    expectNoStack(full);
    expect(full.stderr).toContain('VARVE_STORE_NO_SPACE');
    execFileSync('mount', ['-o', 'remount,size=4m', project.path('disk')]);
    ageHeartbeats(folderStore(project.path('disk')));
    const { tasks } = await outcomeOf(project, ['resume']);
    expect(Object.values(tasks)).toContain('cloned');
    expect(await artifactOf(project, '@last', 'total')).toBe(1_000_000);
  } finally {
    execFileSync('umount', [project.path('disk')]);
  }
});
