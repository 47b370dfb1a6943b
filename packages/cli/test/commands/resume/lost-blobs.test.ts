import { rmSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { artifactOf, outcomeOf } from '../../support/outcome.ts';
import { expectCode, expectNoStack, Project } from '../../support/project.ts';

// Each test starts several processes, which is slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** The artifacts of `make` and `send` are objects of their own; `last` reads both. */
const FLOW = `import { appendFileSync, existsSync } from 'node:fs';
import { Flow, step } from 'varve';
export default class Lost extends Flow {
  big!: Uint8Array; receipt!: Uint8Array; total!: number;
  @step({ cache: false }) make() { appendFileSync('made.txt', 'x'); this.big = new Uint8Array(40_000).fill(3); }
  @step({ after: 'make', effect: true }) send() { appendFileSync('sent.txt', 'x'); this.receipt = new Uint8Array(EFFECT).fill(4); }
  @step({ after: 'send' }) last() {
    if (existsSync('broken')) throw new Error('broken');
    this.total = this.big[0]! + this.receipt[0]!;
  }
}
`;

describe('resuming a run whose large artifacts were removed from the store', () => {
  const lose = async (effectBytes: string): Promise<Project> => {
    const project = new Project({ 'lost.ts': FLOW.replace('EFFECT', effectBytes), broken: '' });
    await outcomeOf(project, ['run', 'lost.ts'], 1);
    rmSync(project.path('broken'));
    for (const key of project.store.keys('cas/')) project.store.write(key, undefined);
    project.store.dropCopies();
    return project;
  };

  it('recomputes them, with that reason', async () => {
    const project = await lose('10');
    const { why, tasks } = await outcomeOf(project, ['resume']);
    expect(why.make).toMatch(/^BLOB_MISSING sha256:.* cannot be read$/);
    expect(tasks).toMatchObject({ send: 'cloned', last: 'succeeded' });
    expect(await artifactOf(project, '@last', 'total')).toBe(7);
    expect(project.read('sent.txt')).toBe('x');
    expect(project.read('made.txt')).toBe('xx');
    const { run } = await project.json<{ run: { summary: { counts: object } } }>('show', '@last', '--json');
    expect(run.summary.counts).toEqual({ cloned: 1, succeeded: 2 });
  });

  it('fails with a clear message instead of repeating the effect that made them', async () => {
    const project = await lose('40_000');
    const failed = expectCode(await project.varve(['resume']), 1);
    expectNoStack(failed);
    expect(failed.stderr).toContain('VARVE_MISSING_ARTIFACT');
    expect(project.read('sent.txt')).toBe('x');
    // --from overrides this.
    await outcomeOf(project, ['resume', '--from', 'send']);
    expect(project.read('sent.txt')).toBe('xx');
    expect(await artifactOf(project, '@last', 'total')).toBe(7);
  });
});
