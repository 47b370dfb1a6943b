import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectCode, Project, type Started } from '../../support/project.ts';

const WAITING = `
import { Flow, step } from 'varve';
export default class Waiting extends Flow {
  kept!: string; parts = [1, 2, 3]; done!: string;
  @step() quick() { this.kept = 'what finished'; }
  @step({ after: 'quick', foreach: 'parts', concurrency: 3 }) wait(part: number) {
    console.log('waiting', part);
    return new Promise<void>((_, reject) => {
      const timer = setTimeout(() => {}, 60_000);
      this.run.signal.addEventListener('abort', () => { clearTimeout(timer); reject(this.run.signal.reason); });
    });
  }
  @step({ join: 'wait' }) after() { this.done = 'never'; }
}
`;

const BUSY = `
import { Flow, step } from 'varve';
export default class Busy extends Flow {
  kept!: string;
  @step() quick() { this.kept = 'what finished'; }
  @step({ after: 'quick' }) loop() { console.log('looping'); for (;;) Math.random(); }
}
`;

const SMALL = (name: string) => `
import { Flow, step, type View } from 'varve';
export default class ${name} extends Flow {
  list = Array.from({ length: 40 }, (_, i) => i); value!: number; sum!: number;
  @step({ foreach: 'list' }) each(n: number) { this.value = n * 2; }
  @step({ join: 'each' }) add(tasks: readonly View<${name}>[]) { this.sum = tasks.reduce((s, t) => s + t.value, 0); }
}
`;

interface Shown {
  readonly run: {
    readonly status: string;
    readonly number: number;
    readonly tasks: readonly { readonly task: string; readonly status: string }[];
  };
}

/** Three loops that end only when all three run in parallel. */
const PARALLEL = `
import { existsSync, writeFileSync } from 'node:fs';
import { Flow, step, type View } from 'varve';
export default class Parallel extends Flow {
  loops = ['a', 'b', 'c']; span!: { from: number; to: number }; spans!: { from: number; to: number }[];
  @step({ foreach: 'loops' }) loop(name: string) {
    const from = Date.now();
    writeFileSync('started-' + name, '');
    const all = () => this.loops.every((other) => existsSync('started-' + other));
    for (let sum = 0; !all(); sum += Math.sqrt(sum)) if (Date.now() - from > 25_000) throw new Error('the others never started');
    this.span = { from, to: Date.now() };
  }
  @step({ join: 'loop' }) gather(tasks: readonly View<Parallel>[]) { this.spans = tasks.map((task) => task.span); }
}
`;

const ROW_STEPS = Array.from(
  { length: 9 },
  (_, i) => `  @step({ after: 's${i}' }) s${i + 1}() { console.log(${i}); this.threads = [...this.threads, thread]; }`,
).join('\n');

/** Ten steps in a row, each of which notes the thread that executes it. */
const ROW = `
import { randomUUID } from 'node:crypto';
import { Flow, step } from 'varve';
const thread = randomUUID();
export default class Row extends Flow {
  threads: string[] = [];
  @step() s0() { this.threads = [...this.threads, thread]; }
${ROW_STEPS}
}
`;

function endGroup({ child }: Started, signal: NodeJS.Signals): void {
  process.kill(-(child.pid ?? 0), signal);
}

describe('concurrency of processes', () => {
  it('lets concurrent runs of two flows in one project succeed, with distinct numbers', async () => {
    const project = new Project({ 'a.ts': SMALL('First'), 'b.ts': SMALL('Second') });
    const runs = await Promise.all(['a.ts', 'a.ts', 'b.ts'].map((file) => project.varve(['run', file, '-q'])));
    for (const run of runs) expectCode(run, 0);
    const { runs: listed } = await project.json<{
      runs: { status: string; record: { flow: string; number: number } }[];
    }>('list', '--json');
    expect(listed.map(({ record }) => `${record.flow}/${record.number}`).sort()).toEqual([
      'First/1',
      'First/2',
      'Second/1',
    ]);
    expect(listed.map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    for (const name of ['First/1', 'First/2', 'Second/1'])
      expect(await project.json('artifacts', 'get', name, 'sum')).toBe(1560);
  });

  it.each(['threads', 'process'])('keeps the workers of runner %s from step to step', async (runner) => {
    const project = new Project({ 'row.ts': ROW });
    expectCode(await project.varve(['run', 'row.ts', '--runner', runner, '--workers', '1', '-q']), 0);
    const threads = await project.json<string[]>('artifacts', 'get', '@last', 'threads');
    expect(threads).toHaveLength(10);
    expect(new Set(threads).size).toBe(1);
  });

  it('spreads the elements of a foreach over several cores', async () => {
    const project = new Project({ 'parallel.ts': PARALLEL });
    expectCode(await project.varve(['run', 'parallel.ts', '--workers', '3', '-q']), 0);
    const spans = await project.json<{ from: number; to: number }[]>('artifacts', 'get', '@last', 'spans');
    expect(Math.max(...spans.map((s) => s.from))).toBeLessThanOrEqual(Math.min(...spans.map((s) => s.to)));
  });
});

describe('a run that is stopped', () => {
  it('by one Ctrl-C keeps its finished tasks, is cancelled, and exits with 130', async () => {
    const project = new Project({ 'waiting.ts': WAITING });
    const run = project.start(['run', 'waiting.ts']);
    for (const part of [1, 2, 3]) await run.said(`waiting ${part}`);
    run.child.kill('SIGINT');
    const ended = expectCode(await run.ended, 130);
    expect(ended.stderr).toContain('results are kept');
    const { run: shown } = await project.json<Shown>('show', '--json');
    expect(shown.status).toBe('cancelled');
    expect(shown.tasks.map(({ task, status }) => [task, status])).toEqual([
      ['quick', 'succeeded'],
      ['wait[0]', 'cancelled'],
      ['wait[1]', 'cancelled'],
      ['wait[2]', 'cancelled'],
    ]);
    expect(await project.json('artifacts', 'get', '@last', 'kept')).toBe('what finished');
  });

  it('by SIGTERM exits with 143', async () => {
    const project = new Project({ 'waiting.ts': WAITING });
    const run = project.start(['run', 'waiting.ts']);
    for (const part of [1, 2, 3]) await run.said(`waiting ${part}`);
    run.child.kill('SIGTERM');
    expectCode(await run.ended, 143);
  });

  it('by a second Ctrl-C ends at once, and its finished tasks are readable', async () => {
    const project = new Project({ 'busy.ts': BUSY });
    const run = project.start(['run', 'busy.ts']);
    await run.said('✔ quick');
    await run.said('looping');
    run.child.kill('SIGINT');
    await run.said('stopping');
    run.child.kill('SIGINT');
    expectCode(await run.ended, 130);
    expect(await project.json('artifacts', 'get', '@last', 'kept')).toBe('what finished');
  });

  it('by kill -9 is lost, and keeps every task it has announced', async () => {
    const project = new Project({ 'waiting.ts': WAITING });
    const run = project.start(['run', 'waiting.ts']);
    await run.said('✔ quick');
    for (const part of [1, 2, 3]) await run.said(`waiting ${part}`);
    endGroup(run, 'SIGKILL');
    expectCode(await run.ended, null);
    const status = async () => (await project.json<{ runs: { status: string }[] }>('list', '--json')).runs[0]?.status;
    // Elsewhere nobody can tell that the process is gone until its heartbeat expires.
    if (process.platform !== 'linux') {
      expect(await status()).toBe('running');
      const runs = project.path('.varve/store/runs');
      const live = readdirSync(runs, { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith('live'));
      const old = new Date(Date.now() - 10 * 60_000);
      utimesSync(join(runs, live ?? ''), old, old);
    }
    expect(await status()).toBe('lost');
    const { run: shown } = await project.json<Shown>('show', '--json');
    expect(shown.status).toBe('lost');
    expect(shown.tasks.find(({ task }) => task === 'quick')?.status).toBe('succeeded');
    expect(shown.tasks.filter(({ status: of }) => of === 'running')).toEqual([]);
    expect(await project.json('artifacts', 'get', '@last', 'kept')).toBe('what finished');
    expect((await project.varve(['show'])).stdout).toMatch(/wait +3 +3 ✖ lost/);
  });
});
