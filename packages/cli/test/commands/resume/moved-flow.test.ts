import { existsSync } from 'node:fs';
import { beforeAll, expect, it, vi } from 'vitest';
import { artifactOf, outcomeOf } from '../../support/outcome.ts';
import { expectCode, Project } from '../../support/project.ts';

// Each test starts several processes, which is slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const FLOW = `import { Flow, step } from 'varve';
export default class Moved extends Flow {
  a!: number; b!: number;
  @step() one() { this.a = 1; }
  @step({ after: 'one', cache: false }) two() { this.b = this.a + 1; }
}
`;
const PACKAGE = '{ "type": "module" }\n';

/** The flow's file has moved to another project, and a folder has the name of a run. */
const project = new Project({
  'moved.ts': FLOW,
  'other/package.json': PACKAGE,
  'other/moved.ts': FLOW,
  'Moved/package.json': PACKAGE,
});

beforeAll(async () => {
  await outcomeOf(project, ['run', 'moved.ts']);
});

it('varve spin --file with a flow in another folder uses the project and store of the run', async () => {
  expectCode(await project.varve(['spin', 'two', '--from', 'Moved/1']), 0);
  expectCode(await project.varve(['spin', 'two', '--file', 'other/moved.ts', '--keep']), 0);
  expect(await artifactOf(project, 'Moved/2', 'b')).toBe(2);
});

it('varve resume --file with a flow in another folder uses the project and store of the run', async () => {
  const { tasks } = await outcomeOf(project, ['resume', 'Moved/1', '--from', 'two', '--file', 'other/moved.ts']);
  expect(tasks).toMatchObject({ one: 'cloned', two: 'succeeded' });
  expect(await artifactOf(project, 'Moved/3', 'b')).toBe(2);
  for (const folder of ['other', 'Moved']) expect(existsSync(project.path(`${folder}/.varve`))).toBe(false);
});
