import { expect, test } from 'vitest';
import { tempProject } from './temp-project.ts';

test('import.meta names the place of each source file, and is replaced only where it is syntax', async () => {
  const project = tempProject({
    'main.ts': [
      '#!/usr/bin/env node',
      '"use strict";',
      'import { deep, data } from "./lib/deep.ts";',
      '// import.meta.url in a comment',
      'const { filename } = import.meta;',
      'console.log(JSON.stringify({ deep, data, filename, text: "import.meta.url", url: import.meta.url }));',
    ].join('\n'),
    'lib/deep.ts': [
      'import { readFileSync } from "node:fs";',
      'export const deep = [import.meta.url, import.meta.dirname, import.meta.filename, import.meta.resolve("./x.js")];',
      'export const data = readFileSync(new URL("./data.csv", import.meta.url), "utf8");',
    ].join('\n'),
    'lib/data.csv': 'a,b',
  });
  const { stdout, code } = await project.run('main.ts');
  expect(JSON.parse(stdout)).toEqual({
    deep: [project.url('lib/deep.ts'), project.path('lib'), project.path('lib/deep.ts'), project.url('lib/x.js')],
    data: 'a,b',
    filename: project.path('main.ts'),
    text: 'import.meta.url',
    url: project.url('main.ts'),
  });
  expect(code.startsWith('#!/usr/bin/env node\n')).toBe(true);
});

test('import.meta is defined in a module of a cycle that is called before it is evaluated', async () => {
  const project = tempProject({
    'a.js': 'import "./b.js"; export function where() { return import.meta.url; }',
    'b.js': 'import { where } from "./a.js"; console.log(where());',
  });
  expect((await project.run('a.js')).stdout.trim()).toBe(project.url('a.js'));
});

test('a comment that mentions import.meta leaves a file CommonJS', async () => {
  const project = tempProject({
    'main.ts': 'import value from "./old.js"; console.log(value);',
    'old.js': '// no import.meta here\nmodule.exports = 41 + 1;',
  });
  expect((await project.run('main.ts')).stdout).toBe('42\n');
});

test('createRequire(import.meta.url) resolves from the file it is written in', async () => {
  const project = tempProject({
    'lib/a.ts':
      'import { createRequire } from "node:module"; const require = createRequire(import.meta.url); console.log(require("dep"));',
    'lib/node_modules/dep/index.js': 'module.exports = "dep of lib";',
  });
  expect((await project.run('lib/a.ts')).stdout).toBe('dep of lib\n');
});

test('a computed import takes relative paths from the file it is written in', async () => {
  const project = tempProject({
    'main.ts':
      'import { load } from "./plugins/load.ts"; console.log((await load("one")).name, "import(x)"); const b = "node:path"; console.log(typeof (await import(b)).join);',
    'plugins/load.ts': '// import(x)\nexport const load = (name: string) => import("./" + name + ".mjs");',
    'plugins/one.mjs': 'export const name = "one";',
  });
  const { stdout, stderr } = await project.run('main.ts');
  expect(stderr).toBe('');
  expect(stdout).toBe('one import(x)\nfunction\n');
});

test('a computed import in the root of the project takes in neither packages nor files that are no code', async () => {
  const project = tempProject({
    'package.json': '{ "type": "module" }',
    'main.ts': 'const name = "one.mjs"; console.log((await import("./" + name)).name);',
    'one.mjs': 'export const name = "one";',
    'README.md': '# text',
    'node_modules/broken/index.js': 'this is ( no code',
  });
  const { stdout, stderr } = await project.run('main.ts');
  expect(stderr).toBe('');
  expect(stdout).toBe('one\n');
});

test('__dirname and __filename are those of the CommonJS file, and a module may declare its own', async () => {
  const project = tempProject({
    'main.ts': 'import place from "./lib/old.cjs"; const __dirname = "mine"; console.log(place.join(" "), __dirname);',
    'lib/old.cjs': '"use strict"; module.exports = [__dirname, __filename];',
  });
  const { stdout } = await project.run('main.ts');
  expect(stdout.trim()).toBe(`${project.path('lib')} ${project.path('lib/old.cjs')} mine`);
});

test('a native addon is loaded from its own path', async () => {
  const project = tempProject({
    'main.ts': 'import addon from "./fake.node"; console.log(addon);',
    'fake.node': 'no addon',
  });
  const { stderr } = await project.run('main.ts');
  expect(stderr).toContain(project.path('fake.node'));
});
