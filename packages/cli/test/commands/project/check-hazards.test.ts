import { expect, it } from 'vitest';
import { expectCode, Project } from '../../support/project.ts';

it('varve check lists code that makes results unreliable, with steps, consequence and remedy', async () => {
  const project = new Project({
    'doubts.ts': `import { Flow, step } from 'varve';
let count = 0;
export default class Doubts extends Flow {
  which = 'a'; value!: unknown;
  @step() clock() { this.value = Date.now(); }
  @step({ after: 'clock', cache: { ttl: '1d' } }) settled() { this.value = Date.now(); }
  @step({ after: 'settled' }) async plugin() { this.value = await import('./plugins/' + this.which + '.ts'); }
  @step({ after: 'plugin' }) counts() { this.value = ++count; }
}
`,
    'plugins/a.ts': 'export const a = 1;\n',
  });
  const { stdout } = expectCode(await project.varve(['check', 'doubts.ts']), 0);
  const lines = stdout.split('\n').filter((line) => line.startsWith('!'));
  const about = (text: string) => lines.filter((line) => line.includes(text));
  expect(about('Date.now')).toEqual([
    expect.stringMatching(/doubts\.ts:5 .*cached all the same.*cache: false.*clock$/),
  ]);
  expect(about('plugins')).toEqual([
    expect.stringMatching(/doubts\.ts:7 .*the whole text of that file counts.*by name.*plugin$/),
  ]);
  expect(about('#count')).toEqual([expect.stringMatching(/not cached.*field of the flow.*counts$/)]);
});
