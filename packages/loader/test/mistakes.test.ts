import { VarveError } from '@varve/core/contract';
import { expect, test } from 'vitest';
import { createLoader } from '../src/esbuild-loader.ts';
import { tempProject } from './temp-project.ts';

async function failure(entry: string): Promise<VarveError> {
  const error: unknown = await createLoader()
    .compile(entry)
    .then(
      () => undefined,
      (e: unknown) => e,
    );
  if (!VarveError.is(error)) throw new Error(`expected a VarveError, got ${String(error)}`);
  return error;
}

test('a syntax error names file, line and column, also after import.meta and letters beyond ASCII', async () => {
  const project = tempProject({ 'flow.ts': 'const a = "é" + import.meta.url; const = 1;\n' });
  const error = await failure(project.path('flow.ts'));
  expect(error.code).toBe('VARVE_COMPILE');
  expect(error.location).toEqual({ file: project.path('flow.ts'), line: 1, column: 40 });
});

test('compiling reports the mistakes of several files at once', async () => {
  const project = tempProject({
    'flow.ts':
      'import "./broken.ts";\nimport { nope } from "./good.ts";\nimport "./goood.ts";\nimport "not-installed/sub";\nimport "@scope/pkg";\nimport "#alias";\nconsole.log(nope);\n',
    'broken.ts': 'export const x = ;\n',
    'good.ts': 'export const yes = 1;\n',
    'package.json': '{ "name": "app" }',
  });
  const { findings } = await failure(project.path('flow.ts'));
  const flow = project.path('flow.ts');
  const seen = findings.map((f) => [f.location?.file, f.location?.line, f.message, f.hint]);
  expect(seen).toContainEqual([project.path('broken.ts'), 1, 'Unexpected ";"', undefined]);
  expect(seen).toContainEqual([
    flow,
    3,
    `cannot resolve './goood.ts', imported by ${flow}:3`,
    `${project.root} holds good.ts.`,
  ]);
  expect(seen).toContainEqual([
    flow,
    4,
    `cannot resolve 'not-installed/sub', imported by ${flow}:4`,
    `Install it in ${project.root}: npm install not-installed`,
  ]);
  expect(seen.map(([, , , hint]) => hint)).toContain(`Install it in ${project.root}: npm install @scope/pkg`);
  expect(seen.map(([, , , hint]) => hint)).toContain(
    `Add "#alias" to "imports" in the package.json of ${project.root}.`,
  );
  expect(findings).toHaveLength(5);
});

test('importing a name that a local module does not export is reported with its line', async () => {
  const project = tempProject({
    'flow.js': 'import { nope } from "./good.js";\nconsole.log(nope);\n',
    'good.js': 'export const yes = 1;\n',
  });
  const error = await failure(project.path('flow.js'));
  expect(error.message).toContain('nope');
  expect(error.location).toEqual({ file: project.path('flow.js'), line: 1, column: 10 });
});

test('importing a path that a package does not export is reported as not exported', async () => {
  const project = tempProject({
    'flow.ts': 'import "x/inner.js";',
    'node_modules/x/package.json': '{ "name": "x", "version": "1.0.0", "exports": { ".": "./index.js" } }',
    'node_modules/x/index.js': '',
    'node_modules/x/inner.js': '',
  });
  const error = await failure(project.path('flow.ts'));
  expect(error.hint).toContain('"./inner.js" is not exported');
});

test('importing a file that is neither code nor data is refused with the way to read it', async () => {
  const project = tempProject({ 'flow.ts': 'import csv from "./rows.csv";\nconsole.log(csv);', 'rows.csv': 'a,b' });
  const error = await failure(project.path('flow.ts'));
  expect(error.hint).toContain('import.meta.url');
  expect(error.location).toMatchObject({ file: project.path('flow.ts'), line: 1 });
});

test('compiling a missing file names files with a similar name', async () => {
  const project = tempProject({ 'penguins.ts': '', 'other.ts': '' });
  const near = await failure(project.path('pengiuns.ts'));
  expect([near.code, near.hint]).toEqual(['VARVE_FILE_NOT_FOUND', 'Did you mean penguins.ts?']);
  const far = await failure(project.path('no/such/folder.ts'));
  expect(far.code).toBe('VARVE_FILE_NOT_FOUND');
  expect(far.message).toContain(project.path('no/such'));
});

test('compiling a folder, or a file that is no code, is refused', async () => {
  const project = tempProject({ 'flows/hello.ts': '', 'data.csv': 'a' });
  const folder = await failure(project.path('flows'));
  expect([folder.code, folder.message]).toEqual([
    'VARVE_NOT_CODE',
    `${project.path('flows')} is a folder, not a file of code`,
  ]);
  expect(folder.hint).toContain(project.path('flows/hello.ts'));
  expect((await failure(project.path('data.csv'))).code).toBe('VARVE_NOT_CODE');
});

test('compiling names a tsconfig.json that extends a missing file', async () => {
  const project = tempProject({ 'flow.ts': '', 'tsconfig.json': '{ "extends": "./gone.json" }' });
  const error = await failure(project.path('flow.ts'));
  expect(error.code).toBe('VARVE_COMPILE');
  expect(error.message).toContain('tsconfig.json');
});

test.each(['E.A = 2;', '(E as any).A++;', '[E.A] = [2];', 'for (E.B of ["b"]);', '({ x: E.B } = { x: "é" });'])(
  'a member of an imported enum that is changed is reported where that is written: %s',
  async (code) => {
    const project = tempProject({
      'flow.ts': `import { E } from './e.ts';\nexport const before = 'é' + E.A;\nexport function change() {\n  ${code}\n}\n`,
      'e.ts': 'export enum E { A = 1, B = "x" }\n',
    });
    const { code: id, location, message } = await failure(project.path('flow.ts'));
    expect([id, location?.file, location?.line]).toEqual(['VARVE_COMPILE', project.path('flow.ts'), 4]);
    expect(message).toMatch(/^[AB] is a member of an enum/);
  },
);

test('members of an imported enum may be read everywhere', async () => {
  const project = tempProject({
    'flow.ts': `import { E } from './e.ts';\nexport const all = [E.A, E.B, E.A === 1, { E: E.B }];\n`,
    'e.ts': 'export enum E { A = 1, B = "x" }\n',
  });
  await expect(createLoader().compile(project.path('flow.ts'))).resolves.toBeDefined();
});
