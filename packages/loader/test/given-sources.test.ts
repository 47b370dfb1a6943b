import { rmSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createLoader } from '../src/esbuild-loader.ts';
import { keep } from './keep-sources.ts';
import { tempProject } from './temp-project.ts';

const FILES = {
  'package.json': '{ "name": "app", "type": "module" }',
  'main.ts': "import { a } from './lib/a.js';\nexport { dep } from 'dep';\nexport const b = a + 1;\n",
  'lib/a.ts': 'export const a: number = 1;\n',
  'node_modules/dep/package.json': '{ "name": "dep", "version": "1.0.0", "type": "module", "exports": "./index.js" }',
  'node_modules/dep/index.js': 'export const dep = 1;\n',
};

it('compiling kept sources gives the same module, whatever is on disk by now', async () => {
  const project = tempProject(FILES);
  const kept = await keep(project);
  project.write({ 'main.ts': 'broken(', 'lib/a.ts': 'export const a = 99;\n', 'lib/a.js': 'export const a = 77;\n' });
  const changed = await createLoader().compile(project.path('main.ts'), kept);
  expect(changed.code).toBe(kept.code);
  for (const name of ['main.ts', 'lib']) rmSync(project.path(name), { recursive: true });
  const gone = await createLoader().compile(project.path('main.ts'), kept);
  expect(gone.code).toBe(kept.code);
  expect(gone.graph.modules.map(({ path }) => path)).toEqual([project.path('lib/a.ts'), project.path('main.ts')]);
});

it('compiling kept sources names a package that is no longer installed, with the line of the kept import', async () => {
  const project = tempProject(FILES);
  const kept = await keep(project);
  rmSync(project.path('node_modules'), { recursive: true });
  project.write({ 'main.ts': '// another file\n' });
  const error = await createLoader()
    .compile(project.path('main.ts'), kept)
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'VARVE_COMPILE', location: { file: project.path('main.ts'), line: 2 } });
  expect(String(error)).toContain("cannot resolve 'dep'");
});

it('compiling kept sources refuses a local folder that has taken the place of a package', async () => {
  const project = tempProject(FILES);
  const kept = await keep(project);
  rmSync(project.path('node_modules/dep'), { recursive: true });
  project.write({
    'dep/package.json': FILES['node_modules/dep/package.json'],
    'dep/index.js': 'export const dep = 2;\n',
  });
  project.link('node_modules/dep', 'dep');
  const error = await createLoader()
    .compile(project.path('main.ts'), kept)
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'VARVE_COMPILE' });
  expect(JSON.stringify((error as { findings: unknown }).findings)).toContain(project.path('dep/index.js'));
});
