import { describe, expect, it } from 'vitest';
import { Project } from '../support/project.ts';
import { RUNNERS, runFlows, type SeenRun, taskIn } from './run-flows.ts';

const project = new Project({
  'stuck.ts': flow(
    'Stuck',
    `@step() done() {}
  @step({ after: 'done' }) async stuck() {
    console.log('stuck');
    if (!this.busy) await new Promise((resolve) => setTimeout(resolve, 60_000));
    for (;;) {}
  }`,
  ),
  'shared.ts': flow(
    'Shared',
    `@step({ foreach: 'many', concurrency: 100 }) async wait(i) {
    begun++;
    while (begun < 40) await new Promise((resolve) => setTimeout(resolve, 1));
    console.log('I am ' + i);
    this.value = i;
  }
  @step({ join: 'wait' }) all(tasks) { this.value = tasks.map((task) => task.value); console.log(String(this.value)); }`,
  ),
  'mixed.ts': flow(
    'Mixed',
    `@step({ runner: 'inline' }) here() { console.log(process.pid + ' ' + isMainThread); }
  @step({ runner: 'threads' }) thread() { console.log(process.pid + ' ' + isMainThread); }
  @step({ runner: 'process' }) child() { console.log(process.pid + ' ' + isMainThread); }`,
  ),
  'unknown.ts': flow('Unknown', `@step({ runner: 'cloud' }) far() {}`),
  'memory.ts': flow(
    'Memory',
    `@step() eats() { const all = []; for (;;) all.push(new Array(100_000).fill(all.length + 0.5)); }
  @step() done() {}`,
  ),
});
const broken = new Project({
  'varve.config.mjs': `import { isMainThread } from 'node:worker_threads';
import { definePlugin } from '@varve/core/contract';
import { fsStore } from '@varve/store-fs';
const { provides } = fsStore({ root: '.varve/store' });
const datastore = (context) => {
  if (!isMainThread) setTimeout(() => { throw new Error('the store died'); }, 500);
  return provides.datastore(context);
};
export default { datastore: definePlugin({ name: 'dying', provides: { datastore } }) };
`,
  'slow.ts': flow('Slow', '@step() async slow() { await new Promise((resolve) => setTimeout(resolve, 60_000)); }'),
});

function flow(name: string, body: string): string {
  return `// @ts-nocheck
import { isMainThread } from 'node:worker_threads';
import { Flow, param, step } from 'varve';
let begun = 0;
export default class ${name} extends Flow {
  busy = param.boolean(false);
  many = Array.from({ length: 200 }, (_, i) => i);
  value;
  ${body}
}
`;
}

async function runOne(
  name: string,
  more: Partial<Parameters<typeof runFlows>[0][number]> = {},
  env = {},
): Promise<SeenRun> {
  const file = project.path(`${name.toLowerCase()}.ts`);
  return (await runFlows([{ file, flow: name, parameters: {}, ...more }], env))[0] as SeenRun;
}

describe('a cancelled run', () => {
  it.each(RUNNERS)('ends on runner %s although a step hangs, and keeps its finished tasks', async (runner) => {
    const parameters = { busy: runner !== 'inline' };
    const run = await runOne('Stuck', { runner, workers: 2, parameters, stopAfter: 'stuck' });
    expect(run.status).toBe('cancelled');
    expect(taskIn(run, 'stuck')).toMatchObject({ status: 'cancelled', reason: 'interrupted' });
    expect(taskIn(run, 'done').status).toBe('succeeded');
  });
});

describe('waiting tasks', () => {
  it.each(RUNNERS)('share workers on runner %s, each with its own output', async (runner) => {
    const run = await runOne('Shared', { runner, workers: 2 });
    expect(run.status).toBe('succeeded');
    for (const task of run.tasks.filter((t) => t.name.startsWith('wait'))) {
      expect(task.log).toEqual([`I am ${/\d+/.exec(task.name)?.[0]}`]);
    }
    expect(taskIn(run, 'all').log).toEqual([String(Array.from({ length: 200 }, (_, i) => i))]);
  });
});

describe('runners', () => {
  it('can differ between the steps of one run', async () => {
    const run = await runOne('Mixed');
    const [here = '', thread = '', child = ''] = ['here', 'thread', 'child'].map((name) => taskIn(run, name).log[0]);
    const pid = here.split(' ')[0];
    expect([here, thread]).toEqual([`${pid} true`, `${pid} false`]);
    expect(child).not.toContain(`${pid} `);
  });

  it('are checked by name before anything runs', async () => {
    const run = await runOne('Unknown');
    expect(run.failed).toMatchObject({
      code: 'VARVE_FLOW_INVALID',
      findings: [
        {
          code: 'VARVE_UNKNOWN_RUNNER',
          message: expect.stringContaining("'cloud'"),
          hint: 'Runners: threads, process, inline.',
        },
      ],
    });
  });

  it.each(['threads', 'process'] as const)(
    'on %s a step that exhausts its memory fails alone, with that reason',
    async (runner) => {
      const run = await runOne('Memory', { runner, workers: 1 }, { NODE_OPTIONS: '--max-old-space-size=150' });
      const error = taskIn(run, 'eats').attempts[0]?.error;
      expect(error).toMatchObject({ code: 'VARVE_TASK_CRASHED', message: expect.stringContaining('out of memory') });
      expect(taskIn(run, 'done').status).toBe('succeeded');
    },
  );
});

describe('the I/O thread', () => {
  it('ends the run with its error when it dies', async () => {
    const [run] = await runFlows([{ file: broken.path('slow.ts'), flow: 'Slow', runner: 'threads', parameters: {} }]);
    expect(run?.failed).toMatchObject({ code: 'VARVE_IO_STOPPED', message: expect.stringContaining('the store died') });
  });
});
