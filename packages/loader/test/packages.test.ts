import { expect, test } from 'vitest';
import { createLoader } from '../src/esbuild-loader.ts';
import { tempProject } from './temp-project.ts';

const json = (value: object) => JSON.stringify(value);

test('a package of a pnpm layout loads with its own sibling dependency', async () => {
  const project = tempProject({
    'package.json': json({ name: 'app', type: 'module' }),
    'flow.ts': 'import x from "x"; import { readFile } from "fs/promises"; console.log(x, typeof readFile);',
    'node_modules/.pnpm/x@1/node_modules/x/package.json': json({
      name: 'x',
      version: '1.2.3',
      exports: { import: './esm/index.js', require: './wrong.cjs' },
    }),
    'node_modules/.pnpm/x@1/node_modules/x/esm/package.json': json({ type: 'module' }),
    'node_modules/.pnpm/x@1/node_modules/x/esm/index.js': 'import y from "y"; export default "x and " + y.name;',
    'node_modules/.pnpm/y@2/node_modules/y/index.js': 'exports.name = "y";',
  });
  project.link('node_modules/x', 'node_modules/.pnpm/x@1/node_modules/x');
  project.link('node_modules/.pnpm/x@1/node_modules/y', 'node_modules/.pnpm/y@2/node_modules/y');
  expect((await project.run('flow.ts')).stdout).toBe('x and y function\n');
  const { graph } = await createLoader().compile(project.path('flow.ts'));
  const directory = project.path('node_modules/.pnpm/x@1/node_modules/x');
  expect(graph.modules.map((m) => m.imports)).toEqual([
    [
      {
        specifier: 'x',
        kind: 'import',
        target: { type: 'package', name: 'x', version: '1.2.3', directory, file: `${directory}/esm/index.js` },
      },
      { specifier: 'fs/promises', kind: 'import', target: { type: 'builtin', name: 'node:fs/promises' } },
    ],
  ]);
});

test('a workspace link is local source and finds its own dependency', async () => {
  const project = tempProject({
    'app/package.json': json({ name: 'app' }),
    'app/flow.ts': 'import { lib } from "lib"; console.log(lib);',
    'lib/package.json': json({ name: 'lib', exports: './src/index.ts' }),
    'lib/src/index.ts':
      'import dep from "dep"; import { own } from "#own"; import * as self from "lib";\nexport const lib: string = ["lib with", dep, own, Object.keys(self)].join(" ");',
    'lib/src/own.ts': 'export const own = "own";',
    'lib/node_modules/dep/index.js': 'module.exports = "dep";',
  });
  project.write({
    'lib/package.json': json({ name: 'lib', exports: './src/index.ts', imports: { '#own': './src/own.ts' } }),
  });
  project.link('app/node_modules/lib', 'lib');
  expect((await project.run('app/flow.ts')).stdout).toBe('lib with dep own lib\n');
  const { graph } = await createLoader().compile(project.path('app/flow.ts'));
  expect(graph.root).toBe(project.path('app'));
  expect(graph.modules.map((m) => m.path)).toEqual(
    ['lib/src/own.ts', 'lib/src/index.ts', 'app/flow.ts'].map(project.path),
  );
});

test('varve stays outside the compiled module even where it is linked', async () => {
  const project = tempProject({
    'fw/package.json': json({ name: '@varve/core', type: 'module', exports: './index.js' }),
    'fw/index.js': 'export const only = Symbol("only");',
    'app/flow.ts': 'import { only } from "@varve/core"; console.log(String(only));',
  });
  project.link('app/node_modules/@varve/core', 'fw');
  const { code, stdout } = await project.run('app/flow.ts');
  expect(code).toContain(`from "${project.url('fw/index.js')}"`);
  expect(stdout).toBe('Symbol(only)\n');
});

test('CommonJS names, JSON of a package and require from local CommonJS work', async () => {
  const project = tempProject({
    'flow.ts':
      'import { named } from "cjs"; import data from "cjs/data.json"; import old from "./old.cjs"; console.log(named, data.n, old.sep, old.named);',
    'old.cjs': 'exports.sep = require("path").posix.sep; exports.named = require("cjs").named;',
    'node_modules/cjs/package.json': json({ name: 'cjs', version: '1.0.0' }),
    'node_modules/cjs/index.js': 'exports.named = "named";',
    'node_modules/cjs/data.json': '{"n":7}',
  });
  expect((await project.run('flow.ts')).stdout).toBe('named 7 / named\n');
  const { graph } = await createLoader().compile(project.path('flow.ts'));
  const seen = graph.modules.map((m) => m.imports.map((i) => [i.specifier, i.kind, i.target.type]));
  expect(seen).toEqual([
    [
      ['path', 'require', 'builtin'],
      ['cjs', 'require', 'package'],
    ],
    [
      ['cjs', 'import', 'package'],
      ['cjs/data.json', 'import', 'package'],
      ['./old.cjs', 'import', 'module'],
    ],
  ]);
});

test('code can catch that an optional require is not installed', async () => {
  const project = tempProject({
    'flow.cjs': 'let found = true; try { require("not-there"); } catch { found = false; } console.log(found);',
  });
  expect((await project.run('flow.cjs')).stdout).toBe('false\n');
  const { graph } = await createLoader().compile(project.path('flow.cjs'));
  expect(graph.modules[0]?.imports).toEqual([
    { specifier: 'not-there', kind: 'require', target: { type: 'unresolved' } },
  ]);
});
