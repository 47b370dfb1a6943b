import { rmSync } from 'node:fs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { artifactOf, outcomeOf } from '../../support/outcome.ts';
import { expectCode, Project } from '../../support/project.ts';

// Each test starts several processes, which is slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const FLOW = `import { existsSync } from 'node:fs';
import { Flow, step, type View } from 'varve';
export default class Many extends Flow {
  items = Array.from({ length: 1000 }, (_, i) => i);
  square!: number; total!: number;
  @step({ foreach: 'items', cache: false }) raise(item: number) {
    if (item % 400 === 7 && existsSync('broken')) throw new Error('no ' + item);
    this.square = item * item;
  }
  @step({ join: 'raise' }) add(tasks: readonly View<Many>[]) { this.total = tasks.reduce((sum, task) => sum + task.square, 0); }
}
`;
const TOTAL = 332_833_500;

describe('resuming a run with 3 failed of 1,000 elements in an uncacheable step', () => {
  const project = new Project({ 'many.ts': FLOW, broken: '' });
  beforeAll(async () => {
    const { tasks } = await outcomeOf(project, ['run', 'many.ts'], 1);
    expect(Object.values(tasks).filter((status) => status === 'failed').length).toBe(3);
  });

  it('executes exactly those 3, and the join', async () => {
    expect((await outcomeOf(project, ['resume'], 1)).executed).toEqual([]);
    rmSync(project.path('broken'));
    const { number, executed, tasks } = await outcomeOf(project, ['resume']);
    expect(number).toBe(3);
    expect([...executed].sort()).toEqual(['add', 'raise[407]', 'raise[7]', 'raise[807]']);
    expect(Object.values(tasks).filter((status) => status === 'cloned').length).toBe(997);
    expect(await artifactOf(project, '@last', 'total')).toBe(TOTAL);
  });

  it('leaves nothing to resume, and resuming the finished run by name executes nothing', async () => {
    const nothing = expectCode(await project.varve(['resume']), 5);
    expect(nothing.stderr).toContain('VARVE_NOTHING_TO_RESUME');
    expect(nothing.stdout).toBe('');
    const again = await outcomeOf(project, ['resume', 'Many/3']);
    expect(again.executed).toEqual([]);
    expect(again.warnings).toEqual([]);
    expect(await artifactOf(project, '@last', 'total')).toBe(TOTAL);
    const { run } = await project.json<{ run: { origin: string } }>('show', '@last', '--json');
    const third = await project.json<{ run: { id: string; origin: string } }>('show', 'Many/3', '--json');
    const second = await project.json<{ run: { id: string; origin: string } }>('show', 'Many/2', '--json');
    const first = await project.json<{ run: { id: string } }>('show', 'Many/1', '--json');
    expect([run.origin, third.run.origin, second.run.origin]).toEqual([third.run.id, second.run.id, first.run.id]);
  });
});

const TRIES = `import { existsSync } from 'node:fs';
import { Flow, step } from 'varve';
export default class Tries extends Flow {
  flag = false;
  missing?: { message: string }; other!: number; after!: string; never!: number;
  @step({ catch: 'missing', cache: false }) fetch() { throw new Error('not there'); }
  @step({ after: 'fetch', retry: { times: 2, backoff: '1ms' }, cache: false }) shaky() {
    if (this.run.attempt < 3) throw new Error('shaky');
    this.other = this.run.attempt;
  }
  @step({ after: 'shaky', when: 'flag' }) extra() { this.never = 1; }
  @step({ after: ['shaky', 'extra'] }) last() {
    if (existsSync('broken')) throw new Error('broken');
    this.after = this.missing?.message + ' ' + this.other + ' ' + this.never;
  }
}
`;

describe('resuming a run with caught errors, retries and a skipped branch', () => {
  const project = new Project({ 'tries.ts': TRIES, broken: '' });

  it('keeps all three, and the tags', async () => {
    await outcomeOf(project, ['run', 'tries.ts', '--tag', 'team=a'], 1);
    rmSync(project.path('broken'));
    const resumed = await outcomeOf(project, ['resume', '--tag', 'second']);
    expect(resumed.tasks).toMatchObject({ fetch: 'cloned', shaky: 'cloned', last: 'succeeded' });
    expect(await artifactOf(project, '@last', 'after')).toBe('not there 3 undefined');
    const { run } = await project.json<{ run: { tags: string[]; summary: { caught: number; counts: object } } }>(
      'show',
      '@last',
      '--json',
    );
    expect(run.tags).toEqual(['team=a', 'second']);
    expect(run.summary).toMatchObject({ caught: 1, counts: { cloned: 2, succeeded: 1, skipped: 1 } });
  });
});
