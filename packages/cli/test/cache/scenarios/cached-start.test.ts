import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { Project } from '../../support/project.ts';

/** Says when the process ends which native modules it has loaded. */
const LOADED = `process.on('exit', () => {
  process.report.excludeNetwork = true;
  const { sharedObjects } = process.report.getReport();
  process.stderr.write(sharedObjects.some((path) => /oxc.*\\.node$/.test(path)) ? 'with a parser' : 'without a parser');
});`;

it('a cached start parses no file, and one after an edit does', async () => {
  const flow = (text: string) => `import { Flow, step } from 'varve';
export default class Two extends Flow { x!: string; @step() first() { this.x = '${text}'; } }
`;
  const project = new Project({
    'two.ts': flow('one'),
    'loaded.mjs': LOADED,
    // It is compiled before the folder of the project is known to any part.
    'varve.config.ts': `import { defineConfig } from 'varve'; export default defineConfig({});`,
  });
  const env = { NODE_OPTIONS: `--import=${pathToFileURL(project.path('loaded.mjs')).href}` };
  const run = async () => (await project.varve(['run', 'two.ts'], env)).stderr;
  expect(await run()).toContain('with a parser');
  expect(await run()).toContain('without a parser');
  project.write('two.ts', flow('two'));
  expect(await run()).toContain('with a parser');
});
