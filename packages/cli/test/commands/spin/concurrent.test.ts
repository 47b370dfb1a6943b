import { expect, it, vi } from 'vitest';
import { outcomeOf } from '../../support/outcome.ts';
import { expectCode, Project } from '../../support/project.ts';

// Each test starts several processes, which is slow on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

it('spin() runs concurrently from code, also while the flow is still loading', async () => {
  const project = new Project({
    'slow.ts': `import { Flow, step } from 'varve';
await new Promise((loaded) => setTimeout(loaded, 1000));
export default class Slow extends Flow {
  list = [1, 2, 3]; made!: number;
  @step({ foreach: 'list' }) async each(n: number) {
    console.log('begin', n);
    await new Promise((end) => setTimeout(end, 400 - n * 100));
    console.log('end', n);
    this.made = n * 10;
  }
}
`,
    'try.mjs': `import { client, spin } from 'varve';
import { setTimeout as pause } from 'node:timers/promises';
const run = await client('Slow').run(1);
const tried = [];
const attempt = async (at) => {
  const lines = [];
  const { artifacts } = await spin(run, 'each[' + at + ']', { onLog: ({ text }) => lines.push(text) });
  return artifacts.made + ': ' + lines.join(', ');
};
for (let i = 0; i < 12; i++) {
  tried.push(attempt(i % 3).catch(({ code }) => code));
  await pause(100);
}
console.log(JSON.stringify([...new Set(await Promise.all(tried))].sort()));
`,
  });
  await outcomeOf(project, ['run', 'slow.ts']);
  const { stdout } = expectCode(await project.node('try.mjs'), 0);
  expect(JSON.parse(stdout)).toEqual(['10: begin 1, end 1', '20: begin 2, end 2', '30: begin 3, end 3']);
});
