import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { expectCode, Project, pause, type RunEventLine } from '../../support/project.ts';

const FLOW = `import { appendFileSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Flow, step } from 'varve';
export default class Shared extends Flow {
  size!: number;
  @step() async slow() {
    const log = process.env.SHARED_LOG!;
    appendFileSync(log, 'x');
    await sleep(Number(readFileSync(log + '.ms', 'utf8')));
    this.size = 42;
  }
  @step({ after: 'slow' }) say() { console.log(this.size); }
}
`;

/** Makes two projects that share one store. */
function twoProjects() {
  const shared = new Project();
  const config = `import { fsStore } from '@varve/store-fs';
export default { datastore: fsStore({ root: ${JSON.stringify(shared.path('bucket'))} }) };
`;
  const project = () => new Project({ 'shared.ts': FLOW, 'varve.config.mjs': config });
  const log = shared.path('executions');
  /** The duration of the step is part of no key. */
  const lasts = (ms: number) => writeFileSync(`${log}.ms`, String(ms));
  const executions = () => (existsSync(log) ? readFileSync(log, 'utf8').length : 0);
  return { shared, a: project(), b: project(), log, lasts, executions };
}

const statuses = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RunEventLine)
    .flatMap((event) => (event.type === 'task-ended' ? [`${event.task} ${event.status}`] : []));

it('two processes that need the same task execute it once and share the result', async () => {
  const { a, b, log, lasts, executions } = twoProjects();
  lasts(1_500);
  const runs = await Promise.all([a, b].map((one) => one.varve(['run', 'shared.ts', '--json'], { SHARED_LOG: log })));
  for (const run of runs) expectCode(run, 0);
  expect(executions()).toBe(1);
  const slow = runs.map((run) => statuses(run.stdout).find((line) => line.startsWith('slow')));
  expect(slow.sort()).toEqual(['slow cached', 'slow succeeded']);
});

it('a process takes over a shared task when the process that executes it dies elsewhere, and says what it waits for', async () => {
  const { shared, a, b, log, lasts, executions } = twoProjects();
  lasts(600_000);
  const first = a.start(['run', 'shared.ts', '--json'], { SHARED_LOG: log });
  while (executions() === 0) await pause(20);
  first.child.kill('SIGKILL');
  await first.ended;
  lasts(1);
  moveElsewhere(shared.path('bucket/runs'));
  const second = b.start(['run', 'shared.ts', '--json'], { SHARED_LOG: log });
  while (second.child.exitCode === null && !second.output.stderr.includes('waiting for')) await pause(20);
  expect(second.output.stderr).toMatch(/waiting for slow, which Shared\/1 on .+ executes/);
  expect(second.child.exitCode, 'it waits as long as the other one may be alive').toBeNull();
  ageHeartbeats(shared.path('bucket/runs'), 16);
  expectCode(await second.ended, 0);
  expect(executions()).toBe(2);
});

it.skipIf(process.platform !== 'linux')(
  'a task whose process was killed on this machine is executed at once',
  async () => {
    const { a, log, lasts, executions } = twoProjects();
    lasts(600_000);
    const first = a.start(['run', 'shared.ts', '--json'], { SHARED_LOG: log });
    while (executions() === 0) await pause(20);
    first.child.kill('SIGKILL');
    await first.ended;
    lasts(1);
    const began = performance.now();
    const second = expectCode(await a.varve(['run', 'shared.ts'], { SHARED_LOG: log }), 0);
    expect(second.stderr).not.toContain('waiting for');
    expect(executions()).toBe(2);
    // Its heartbeat would be taken for missing after 15 s.
    expect(performance.now() - began).toBeLessThan(10_000);
    expect((await a.varve(['resume', 'Shared/1'], { SHARED_LOG: log })).stderr).not.toContain('VARVE_RUN_LIVE');
  },
);

/** Lets heartbeats look as if they came from another machine. */
function moveElsewhere(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.name !== 'live') continue;
    const path = join(entry.parentPath, entry.name);
    const json = readFileSync(path, 'utf8')
      .replace(/^.*\n/, '')
      .replace(/"machine":"./, '"machine":"z');
    const hash = createHash('sha256').update(json).digest('hex');
    writeFileSync(path, `varve-live 1 ${hash} ${Buffer.byteLength(json)}\n${json}`);
  }
}

/** Ages all heartbeats by some seconds. A living process renews its own soon. */
function ageHeartbeats(folder: string, seconds: number): void {
  const then = Date.now() / 1000 - seconds;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.name === 'live') utimesSync(join(entry.parentPath, entry.name), then, then);
}
