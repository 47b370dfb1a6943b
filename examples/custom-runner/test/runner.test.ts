import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createVarve } from 'varve';
import { afterAll, describe, expect, it } from 'vitest';
import { createProject } from './project.ts';
import Sheets, { Labels } from './sheets.ts';

const project = createProject();
const varve = createVarve({ stack: project.config });
afterAll(async () => {
  await varve.close();
  project.remove();
});

const options = { module: new URL('sheets.ts', import.meta.url).href };

// Every task is executed: results of an earlier test would be cached.
process.env.VARVE_CACHE = 'off';

/** Resolves with the process id that a step has written, and removes nothing. */
async function pidIn(marker: string): Promise<number> {
  while (!existsSync(marker) || readFileSync(marker, 'utf8') === '') await sleep(10);
  return Number(readFileSync(marker, 'utf8'));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('a flow on a runner of its own, behind a pipe,', () => {
  it('runs each task in another process, with a foreach, a join, a large artifact and its log', async () => {
    const run = await varve.run(Sheets, {}, options);
    expect([run.status, run.artifacts.total, run.artifacts.large.length]).toEqual(['succeeded', 45, 3_000_000]);
    expect(run.artifacts.workers).not.toContain(process.pid);
    expect((await run.task('cut').log()).map((line) => line.text)).toEqual(['cut 3000000 bytes']);
  });

  it('gives workers that have run one flow another flow of the same file', async () => {
    const run = await varve.run(Labels, {}, options);
    expect([run.status, run.artifacts.text.slice(0, 6)]).toEqual(['succeeded', 'A4 on ']);
    expect(run.artifacts.text).not.toContain(`on ${process.pid}`);
  });

  it('fails with the error of a step that throws, after its retry', async () => {
    const run = await varve.run(Sheets, { trouble: 'throw' }, options);
    const { status, error, attempts } = run.task('weigh[b]');
    expect([run.status, status, attempts.length]).toEqual(['failed', 'failed', 2]);
    expect(error).toMatchObject({ name: 'RangeError', message: 'the scales are broken' });
  });

  it('goes on with a retry when the process of a task is killed', async () => {
    const marker = join(project.folder, 'kill');
    const running = varve.run(Sheets, { trouble: 'kill', marker }, options);
    process.kill(await pidIn(marker), 'SIGKILL');
    const run = await running;
    expect([run.status, run.artifacts.total]).toEqual(['succeeded', 45]);
    const [first, second] = run.task('weigh[b]').attempts;
    expect([first?.status, second?.status]).toEqual(['failed', 'succeeded']);
    expect(first?.error).toMatchObject({
      code: 'VARVE_TASK_CRASHED',
      message: 'weigh[b] crashed its worker: it was ended by SIGKILL, as when the system runs out of memory',
    });
  });

  it('ends a busy loop at its timeout', async () => {
    const run = await varve.run(Sheets, { trouble: 'slow' }, options);
    expect([run.status, run.task('stamp').error?.code]).toEqual(['failed', 'VARVE_TIMEOUT']);
  });

  it('is cancelled by a signal, and leaves no process behind when it is closed', async () => {
    const marker = join(project.folder, 'wait');
    const controller = new AbortController();
    const running = varve.run(Sheets, { trouble: 'wait', marker }, { ...options, signal: controller.signal });
    const pid = await pidIn(marker);
    controller.abort(new Error('enough'));
    expect((await running).status).toBe('cancelled');
    await varve.close();
    expect(isAlive(pid)).toBe(false);
  });
});
