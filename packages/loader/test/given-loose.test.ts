import { expect, it } from 'vitest';
import { createLoader } from '../src/esbuild-loader.ts';
import { keep } from './keep-sources.ts';
import { tempProject } from './temp-project.ts';

const PACKAGE = { 'package.json': '{ "name": "app", "type": "module" }' };

it('compiling kept sources takes a module that a computed import() finds from the disk', async () => {
  const project = tempProject({
    ...PACKAGE,
    'main.ts': "export const load = (name: string) => import(`./models/${name}.ts`);\nexport * from './own.ts';\n",
    'own.ts': 'export const own = 1;\n',
    'models/a.ts': "export { own } from '../own.ts';\nexport * from './b.ts';\n",
    'models/b.ts': 'export const b = 2;\n',
  });
  const kept = await keep(project);
  project.write({ 'own.ts': 'export const own = 99;\n', 'models/b.ts': 'export const b = 3;\n' });
  const { code } = await createLoader().compile(project.path('main.ts'), kept);
  expect(code).toContain('own = 1');
  expect(code).toContain('b = 3');
});

it('compiling kept sources leaves out a file that was missing when they were kept', async () => {
  const project = tempProject({
    ...PACKAGE,
    'main.ts': "let found = 'none';\ntry { found = require('./later.cjs'); } catch {}\nexport { found };\n",
  });
  const kept = await keep(project);
  project.write({ 'later.cjs': "module.exports = 'later';\n" });
  const { code } = await createLoader().compile(project.path('main.ts'), kept);
  expect(code).toBe(kept.code);
});
