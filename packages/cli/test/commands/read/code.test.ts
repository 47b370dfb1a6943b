import { rmSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { outcomeOf } from '../../support/outcome.ts';
import { expectCode, Project } from '../../support/project.ts';

// Each test starts several processes, which is slow on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

it('varve code lists the code of a run although a folder has taken the place of a file', async () => {
  const project = new Project({
    'flow.ts': `import { Flow, step } from 'varve';
import rows from './rows.json' with { type: 'json' };
export default class Listed extends Flow { n!: number; @step() only() { this.n = rows.length; } }
`,
    'rows.json': '[1]\n',
  });
  await outcomeOf(project, ['run', 'flow.ts']);
  rmSync(project.path('rows.json'));
  project.write('rows.json/all.json', '[1]\n');
  const { stdout } = expectCode(await project.varve(['code', '@last']), 0);
  expect(stdout).toMatch(/rows\.json +4 B +gone/);
});
