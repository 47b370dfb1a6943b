import { describe, expect, it } from 'vitest';
import { ran } from '../../support/cached-run.ts';
import { expectCode, Project } from '../../support/project.ts';

const CHAIN = `import { Flow, param, step } from 'varve';
export default class Chain extends Flow {
  n = param.int(1); a!: number; b!: number; c!: number;
  @step() one() { this.a = this.n; }
  @step({ after: 'one' }) two() { this.b = this.a; }
  @step() other() { this.c = 4; }
}
`;
const ALL = { one: 'cached', two: 'cached', other: 'cached' };

describe('invalidated results of a run (scenario 25)', () => {
  it('miss with user and reason, leave other results alone, and hit again when the invalidation is undone', async () => {
    const project = new Project({ 'chain.ts': CHAIN });
    const run = (n: number) => ran(project, ['chain.ts', '--n', String(n)]);
    await run(1);
    await run(2);
    const withdrawn = await project.json<{ withdrawal: string; results: unknown[] }>(
      ...['cache', 'invalidate', 'Chain/2', '--why', 'bad data of June', '--json'],
    );
    expect(withdrawn.results).toHaveLength(2);
    expect((await run(1)).status, 'what another run made').toEqual(ALL);
    const missed = await run(2);
    expect(missed.status).toEqual({ ...ALL, one: 'succeeded', two: 'succeeded' });
    expect(missed.why.one).toMatch(/^INVALIDATED by .+: bad data of June$/);
    expect((await run(2)).status, 'the new ones').toEqual(ALL);
  });

  it('hit again when the invalidation is undone before they are recomputed', async () => {
    const project = new Project({ 'chain.ts': CHAIN });
    await ran(project, ['chain.ts']);
    const { withdrawal } = await project.json<{ withdrawal: string }>('cache', 'invalidate', 'Chain/1', '--json');
    const missed = await ran(project, ['chain.ts', '--cache', 'read']);
    expect(missed.counts).toEqual({ succeeded: 3 });
    expectCode(await project.varve(['cache', 'invalidate', '--undo', withdrawal]), 0);
    expect((await ran(project, ['chain.ts'])).status).toEqual(ALL);
  });

  it('stay invalidated when another run has stored them and more in other pages', async () => {
    const project = new Project({ 'chain.ts': CHAIN });
    await ran(project, ['chain.ts']);
    await project.json('cache', 'invalidate', 'Chain/two', '--json');
    const missed = await ran(project, ['chain.ts', '--cache', 'write']);
    expect(missed.counts).toEqual({ succeeded: 3 });
    expect((await ran(project, ['chain.ts'])).status).toEqual({ ...ALL, two: 'succeeded' });
    expect((await ran(project, ['chain.ts'])).status).toEqual(ALL);
  });
});
