import { mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expectCode, expectNoStack, Project } from '../../support/project.ts';

const TALKS = `
import { Flow, step } from 'varve';
console.log('at module level');
export default class Talks extends Flow {
  @step() one() { console.log('a line'); }
  @step({ after: 'one' }) async two() { await new Promise((r) => setTimeout(r, 300)); console.log('another'); }
}
`;
const FAILS = `
import { Flow, step } from 'varve';
export default class Fails extends Flow {
  @step() one() { throw new Error('on purpose'); }
}
`;

describe('a closed stdout', () => {
  const project = new Project({ 'talks.ts': TALKS, 'fails.ts': FAILS });
  const endWithout = async (stream: 'stdout' | 'stderr', args: readonly string[]) => {
    const started = project.start(args);
    started.child[stream]?.destroy();
    return started.ended;
  };

  it('does not end a run, which keeps its own exit code', async () => {
    for (const stream of ['stdout', 'stderr'] as const) {
      expectCode(await endWithout(stream, ['run', 'talks.ts', '--json']), 0);
      const { run } = await project.json<{ run: { status: string } }>('show', 'Talks/@last', '--json');
      expect(run.status).toBe('succeeded');
      expectCode(await endWithout(stream, ['run', 'fails.ts', '--json']), 1);
    }
  });

  it('ends a command that only reads, with exit code 0', async () => {
    expectCode(await endWithout('stdout', ['list']), 0);
    expectCode(await endWithout('stderr', ['show', 'Nothing/1']), 5);
  });
});

describe('stdout of --json', () => {
  const project = new Project({ 'talks.ts': TALKS });

  it('contains no output of the flow', async () => {
    for (const runner of ['threads', 'inline'])
      expect((await project.events(['talks.ts', '--runner', runner])).at(-1)).toMatchObject({ type: 'run-ended' });
    for (const command of ['check', 'graph']) {
      const { stdout, stderr } = expectCode(await project.varve([command, 'talks.ts', '--json']), 0);
      expect(JSON.parse(stdout)).toMatchObject({ v: 1 });
      expect(stderr).toContain('at module level');
    }
  });
});

describe('a .env that is a folder', () => {
  it('is reported as a setup error', async () => {
    const project = new Project({ 'talks.ts': TALKS });
    mkdirSync(project.path('.env'));
    const result = expectCode(await project.varve(['run', 'talks.ts']), 4);
    expectNoStack(result);
    expect(result.stderr).toContain('VARVE_CONFIG');
  });
});
