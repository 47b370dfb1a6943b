import { describe, expect, it } from 'vitest';
import { outcomeOf, ran } from '../../support/cached-run.ts';
import { expectCode, Project, pause, type RunEventLine } from '../../support/project.ts';

const parse = (stdout: string) =>
  outcomeOf(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as RunEventLine),
  );

describe('a cached task', () => {
  const TALK = `import { Flow, step, type View } from 'varve';
export default class Talk extends Flow {
  items = ['x', 'y']; a!: string; all!: string;
  @step({ foreach: 'items' }) say(item: string) { console.log('said of ' + item); console.error('cried of ' + item); this.a = item; }
  @step({ join: 'say' }) join(tasks: readonly View<Talk>[]) { this.all = tasks.map((t) => t.a).join(); }
}
`;
  it('has the log of the run that executed it', async () => {
    const project = new Project({ 'talk.ts': TALK });
    await ran(project, ['talk.ts']);
    const first = await project.varve(['logs', '@last']);
    expect((await ran(project, ['talk.ts'])).counts).toEqual({ cached: 3 });
    const log = expectCode(await project.varve(['logs', '@last']), 0);
    for (const text of ['said of x', 'said of y', 'cried of x', 'cried of y']) expect(log.stdout).toContain(text);
    expect(log.stdout).toBe(first.stdout);
    expect(expectCode(await project.varve(['logs', '@last/say[1]']), 0).stdout).toContain('said of y');
  });

  it('is shown as cached, with the run of its result', async () => {
    const project = new Project({ 'talk.ts': TALK });
    await ran(project, ['talk.ts']);
    await ran(project, ['talk.ts']);
    const third = await ran(project, ['talk.ts']);
    const ended = third.events.filter((event) => event.type === 'task-ended');
    expect(ended.map((event) => event.from)).toEqual(['Talk/1/say[0]', 'Talk/1/say[1]', 'Talk/1/join']);
    const { run } = await project.json<{ run: { status: string; tasks: { status: string }[] } }>(
      'show',
      '@last',
      '--json',
    );
    expect(run.status).toBe('succeeded');
    expect(run.tasks.map(({ status }) => status)).toEqual(['cached', 'cached', 'cached']);
    expect(await project.json('artifacts', 'get', '@last', 'all')).toBe('x,y');
  });
});

describe('run() called from code', () => {
  it('shares cached results with the command line', async () => {
    const project = new Project({
      'folds.mjs': `import { Flow, param, step } from 'varve';
export class Folds extends Flow {
  folds = param.int(5);
  start() { this.part = this.folds * 2; }
}
step({})(Folds.prototype, 'start', Object.getOwnPropertyDescriptor(Folds.prototype, 'start'));
`,
      'main.mjs': `import { run } from 'varve';
import { Folds } from './folds.mjs';
const counts = [];
for (const folds of [5, 3, 3]) {
  const r = await run(Folds, { folds });
  counts.push(r.summary.counts, r.artifacts.part);
}
console.log(JSON.stringify(counts));
`,
    });
    await ran(project, ['folds.mjs#Folds']);
    const { stdout } = expectCode(await project.node('main.mjs'), 0);
    expect(JSON.parse(stdout)).toEqual([{ cached: 1 }, 10, { succeeded: 1 }, 6, { cached: 1 }, 6]);
    expect((await ran(project, ['folds.mjs#Folds', '--folds', '3'])).counts).toEqual({ cached: 1 });
  });
});

describe('an interrupted run', () => {
  const SLOW = `import { existsSync } from 'node:fs';
import { Flow, step } from 'varve';
export default class Slow extends Flow {
  items = Array.from({ length: 200 }, (_, i) => i); n!: number; m!: number;
  @step({ foreach: 'items', concurrency: 1 }) async each(i: number) {
    this.n = i;
    if (i === 20) console.error('at twenty');
    if (i > 20) await new Promise((resolve) => setTimeout(resolve, existsSync(process.env.FAST ?? '') ? 0 : 60_000));
  }
}
`;
  it('keeps its results, and the next run continues from them', async () => {
    const project = new Project({ 'slow.ts': SLOW });
    const env = { FAST: project.path('fast') };
    const first = project.start(['run', 'slow.ts', '--json'], env);
    while (!first.output.stdout.includes('at twenty') && first.child.exitCode === null) await pause(10);
    first.child.kill('SIGINT');
    const stopped = parse(expectCode(await first.ended, 130).stdout);
    expect(stopped.counts.succeeded).toBeGreaterThanOrEqual(20);
    project.write('fast', '');
    const second = await ran(project, ['slow.ts'], { env });
    expect(second.counts).toEqual({
      cached: stopped.counts.succeeded,
      succeeded: 200 - (stopped.counts.succeeded ?? 0),
    });
  });

  it('ends cleanly during cache hits, without partial tasks', { timeout: 120_000 }, async () => {
    const project = new Project({ 'slow.ts': SLOW.replace('200', '3000').replace(', concurrency: 1', ''), fast: '' });
    const env = { FAST: project.path('fast') };
    await ran(project, ['slow.ts'], { env });
    const warm = project.start(['run', 'slow.ts', '--json'], env);
    while (!warm.output.stdout.includes('run-started') && warm.child.exitCode === null) await pause(1);
    warm.child.kill('SIGINT');
    const { stdout, code } = await warm.ended;
    expect([0, 130]).toContain(code);
    const { run } = await project.json<{ run: { status: string; tasks: { status: string }[] } }>(
      'show',
      '@last',
      '--json',
    );
    expect(run.status).toBe(code === 0 ? 'succeeded' : 'cancelled');
    expect(new Set(run.tasks.map(({ status }) => status))).not.toContain('running');
    expect(parse(stdout).executed).toEqual([]);
    expect((await ran(project, ['slow.ts'], { env })).counts).toEqual({ cached: 3000 });
  });
});

describe('a source file edited during a run', () => {
  const EDITED = `import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Flow, step } from 'varve';
import { scale } from './scale.ts';
export default class Edited extends Flow {
  a!: number; b!: number;
  @step() wait() { this.a = scale(1); }
  @step({ after: 'wait' }) async use() {
    console.log('waiting');
    while (!existsSync(process.env.GO ?? '')) await sleep(10);
    this.b = scale(this.a);
  }
}
`;
  it('gives the reason SOURCE_CHANGED, and its results are not stored', async () => {
    const project = new Project({ 'edited.ts': EDITED, 'scale.ts': 'export const scale = (n: number) => n * 2;\n' });
    const env = { GO: project.path('.varve/go') };
    const run = project.start(['run', 'edited.ts', '--json'], env);
    while (!run.output.stdout.includes('waiting') && run.child.exitCode === null) await pause(10);
    project.write('scale.ts', 'export const scale = (n: number) => n * 3;\n');
    project.write('.varve/go', '');
    const { counts, warnings } = parse(expectCode(await run.ended, 0).stdout);
    expect(counts).toEqual({ succeeded: 2 });
    const told = warnings.filter((text) => text.startsWith('SOURCE_CHANGED'));
    expect(told).toEqual([expect.stringMatching(/scale\.ts changed while the flow ran/)]);
    const published = project.store.keys('cache/v1').length;
    expect(published, 'at most what had been published before the edit').toBeLessThanOrEqual(1);
    const next = await ran(project, ['edited.ts'], { env });
    expect(next.counts).toEqual({ succeeded: 2 });
    expect(await project.json('artifacts', 'get', '@last', 'b')).toBe(9);
    project.write('scale.ts', 'export const scale = (n: number) => n * 2;\n');
    await ran(project, ['edited.ts'], { env });
    expect(await project.json('artifacts', 'get', '@last', 'b')).toBe(4);
  });
});
