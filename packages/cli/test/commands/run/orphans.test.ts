import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Project, pause } from '../../support/project.ts';

const BUSY = `import { writeFileSync } from 'node:fs';
import { Flow, step } from 'varve';
export default class Busy extends Flow {
  @step() spin() {
    writeFileSync('pid', String(process.pid));
    console.log('spinning');
    for (;;) Math.random();
  }
}
`;

async function startBusy(): Promise<{
  readonly project: Project;
  readonly run: ReturnType<Project['start']>;
  readonly pid: number;
}> {
  const project = new Project({ 'busy.ts': BUSY });
  const run = project.start(['run', 'busy.ts', '--runner', 'process']);
  await run.said('spinning');
  return { project, run, pid: Number(readFileSync(project.path('pid'), 'utf8')) };
}

/** Resolves to true when the process ends within ten seconds. */
async function isGone(pid: number): Promise<boolean> {
  for (let look = 0; look < 100; look++) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await pause(100);
  }
  process.kill(pid, 'SIGKILL');
  return false;
}

it('killing varve leaves no busy worker process', async () => {
  const { run, pid } = await startBusy();
  run.child.kill('SIGKILL');
  await run.ended;
  expect(await isGone(pid)).toBe(true);
});

it('a second Ctrl-C leaves no worker process', async () => {
  const { run, pid } = await startBusy();
  run.child.kill('SIGINT');
  await run.said('stopping');
  run.child.kill('SIGINT');
  expect((await run.ended).code).toBe(130);
  expect(await isGone(pid)).toBe(true);
});
