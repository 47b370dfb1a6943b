import { expect, test } from 'vitest';
import { createLoader } from '../src/esbuild-loader.ts';
import { type Declare, loadDeclare } from '../src/graph/declared.ts';
import { showVariables } from '../src/graph/shown-variables.ts';
import { type TempProject, tempProject } from './temp-project.ts';

const LISTENS = `const namesOf = (found) =>
  [...found.files.filter(([, digest]) => digest !== '-'), ...found.packages].map(([path]) => path.split('/').at(-1)).join();
globalThis[Symbol.for('varve.load')] = {
  bodyBegins: () => console.log('body', globalThis.loaded.join()),
  lazy: (init) => () => { console.log('asked'); return init(); },
  variables: (path, getters, patterns) => (globalThis.seen ??= []).push([path.split('/').at(-1), getters, patterns]),
  bundled: (from, name, found) => console.log('bundled', from.split('/').at(-1), name, namesOf(found)),
  imports: (from, target, load) => { console.log('import', from.split('/').at(-1), target.split('/').at(-1)); return load(); },
};
(globalThis.loaded ??= []).push('package');`;

/** A package that listens, since packages are evaluated before the body of the compiled module. */
const project = (files: Readonly<Record<string, string>>): TempProject =>
  tempProject({
    'package.json': '{"name":"app","type":"module"}',
    'node_modules/listens/package.json': '{"name":"listens","version":"1.0.0","type":"module","exports":"./index.js"}',
    'node_modules/listens/index.js': LISTENS,
    ...files,
  });

test('a compiled module tells when its packages are evaluated and none of its own modules is', async () => {
  const { run } = project({
    'flow.ts': '#!/usr/bin/env node\nimport "./first.ts"; import "listens"; console.log("flow");',
    'first.ts': 'globalThis.loaded.push("first"); console.log("first");\ndeclare global { var loaded: string[] }',
  });
  expect((await run('flow.ts')).stdout).toBe('body package\nfirst\nflow\n');
});

test('a compiled module tells what its computed imports lead to, and imports it', async () => {
  const { run } = project({
    'flow.ts':
      'import "listens"; for (const name of ["./plugins/one.mjs", "node:path"]) console.log((await import(name)).sep ?? "own");',
    'plugins/one.mjs': 'export const one = 1;',
  });
  expect((await run('flow.ts')).stdout).toBe(
    'body package\nimport flow.ts one.mjs\nown\nimport flow.ts node:path\n/\n',
  );
});

test('a compiled module tells of each time that a lazy module is asked for', async () => {
  const { run } = project({
    'flow.ts':
      'import "listens"; for (const _ of [1, 2]) console.log((await import("./one.ts")).one, (await import("./two.cjs")).default.two);',
    'one.ts': 'export const one = await 1;',
    'two.cjs': 'exports.two = 2;',
  });
  expect((await run('flow.ts')).stdout).toBe('body package\nasked\nasked\n1 2\nasked\nasked\n1 2\n');
});

test('a compiled module lets the listener look into its variables', async () => {
  const { run } = project({
    'flow.ts': `import "listens"; import { fill } from './memo.ts'; fill();
const shown = (globalThis as any).seen.map(([file, getters]: any) => [file, ...Object.entries(getters).map(([name, get]: any) => {
  try { return name + ':' + typeof get(); } catch { return name + '?'; }
})].join(' '));
const patterns = (globalThis as any).seen.map(([, , patterns]: any) => JSON.stringify(patterns));
console.log(shown.join(), patterns.join());`,
    'memo.ts': `import type { Model } from './types.ts';
let kept: { Model: Model, new: number } | undefined;
export let other = 1, more = 2;
let a, b;
var c: string; let [d] = [1]
const { first, at: [second] } = { first: 'f', at: ['s'] };
export class Kept {}
async function later() {}
const text = \`
let us go;
let nobody, in;
let there;
\`;
export const fill = () => { kept ??= { Model: {}, new: 1 } as any; a = b = c = text.length > d; return other + more + second + first + Kept + later; };
// the last line has no end`,
    'types.ts': 'export interface Model {}',
  });
  expect((await run('flow.ts')).stdout).toBe(
    'body package\nmemo.ts kept:object other:number more:number a:boolean b:boolean c:boolean d:number first:string second:string Kept:function later:function text:string fill:function [["first","second"]]\n',
  );
});

test.each([
  [
    `import { x } from './x.ts'; export const a = /x/g; let b = f(1, 2), c = { d: 1 }, { e, f: [g = 1, ...h] } = y();`,
    'a b c e g h',
  ],
  [
    '"use strict";import{x}from"./x.ts";const a=1;function b(){const z=1}class c{}export{a as q};var d={},e=[];',
    'a b c d e',
  ],
  ['  const a = {\n    v: 1,\n  }, b = 2;\n  enum c { one }\n/* text */ export let d = 1', 'a b c d'],
  [
    'if (1) { var a = 1; let z = 2; for (var b of []) { try { var c = 1 } catch { var d = 2 } } } l: for (var e = 0; ; ) break;',
    'a c d b e',
  ],
  ['switch (1) { case 1: var a = 1 } export default class b {}', 'a b'],
  [
    'declare const z: 1; interface y {} type w = 1; namespace a { export const v = 1; } export const b = `\nlet nobody = 1;`;',
    'a b',
  ],
  ['export default () => { var z }; const a = <T,>(y: T) => y', 'a default'],
])('the variables of a module are found wherever they stand: %s', async (source, names) => {
  const declare = (await loadDeclare()) as Declare;
  const shown = showVariables(source, '/p/m.ts', declare(source, '/p/m.ts', 'ts')).slice(source.length);
  expect([...shown.matchAll(/(\w+): \(\) =>/g)].map(([, name]) => name).join(' ')).toBe(names);
});

test('a compiled module tells which file of a folder is loaded, and what comes with it', async () => {
  const { run } = project({
    'flow.ts': `import "listens"; import helper from './helper.cjs';
for (const name of ['one', 'two', 'none', '__proto__'])
  try { console.log((await import('./plugins/' + name + '.ts')).v); } catch { console.log('fails'); }
console.log(helper.get('c'));
console.log(await import(\`./it's "quoted"/\${['a'].join()}.ts\`).then(({ v }) => v));`,
    'helper.cjs': `exports.get = (name) => require('./data/' + name + '.json').n;`,
    'data/c.json': '{ "n": 7 }',
    'plugins/one.ts': `import { v as w } from '../lib'; import 'listens'; export const v = w;`,
    'plugins/two.ts': `export const { v } = await import('./deep/' + ['x'].join() + '.ts');`,
    'plugins/deep/x.ts': 'export const v = 2;',
    'plugins/deep/y.ts': 'export const v = 3;',
    'lib/index.ts': 'export const v = 1;',
    [`it's "quoted"/a.ts`]: 'export const v = 4;',
  });
  const { stdout, stderr } = await run('flow.ts');
  expect(stderr).toBe('');
  const told = stdout.split('\n').slice(1, -1);
  expect(told.filter((line) => line !== 'asked')).toEqual([
    ...['bundled flow.ts ./plugins/one.ts one.ts,index.ts,index.js', '1'],
    ...['bundled flow.ts ./plugins/two.ts two.ts,x.ts,y.ts', 'bundled two.ts ./deep/x.ts x.ts', '2'],
    ...['import flow.ts none.ts', 'fails'],
    ...['import flow.ts __proto__.ts', 'fails'],
    ...['bundled helper.cjs ./data/c.json c.json', '7'],
    ...[`bundled flow.ts ./it's "quoted"/a.ts a.ts`, '4'],
  ]);
});

test('lines of errors after a table of files are those of the source', async () => {
  const { run } = project({
    'flow.ts': `const get = (name) => import('./plugins/' + name + '.ts');\nawait get('one');\nthrow new Error('here');`,
    'plugins/one.ts': 'export const v = 1;',
  });
  expect((await run('flow.ts')).stderr).toMatch(/flow\.ts:3:7/);
});

test('a computed name in a folder that holds no such file leads to nothing', async () => {
  const { run } = project({
    'flow.ts': `import "listens"; import helper from './helper.cjs'; const name = ['one'].join();
for (const get of [(name) => import('./none/' + name + '.ts'), (name) => import('./plugins/' + name + '.ts'), helper.get])
  console.log(await Promise.resolve().then(() => get('one')).then(({ v }) => v, () => 'fails'));`,
    'helper.cjs': `exports.get = (name) => require('./data/' + name + '.json');`,
    'none/other.md': '',
    'data/other.md': '',
    'plugins/one.ts': 'export const v = 1;',
  });
  const { stdout, stderr } = await run('flow.ts');
  expect(stderr).toBe('');
  expect(
    stdout
      .split('\n')
      .filter((line) => line !== 'asked')
      .slice(1, -1),
  ).toEqual([...['import flow.ts one.ts', 'fails'], ...['bundled flow.ts ./plugins/one.ts one.ts', '1'], 'fails']);
});

test('names of the user that esbuild has in its helper, too, change nothing', async () => {
  const { run } = project({
    'flow.ts': `import "listens"; import path, { join as fn } from 'node:path'; const map = [path, fn].length, at = map;
console.log((await import('./plugins/' + ['one'].join() + '.ts')).v + map + at);`,
    'plugins/one.ts': 'export const v = 1;',
  });
  const { stdout, stderr } = await run('flow.ts');
  expect(stderr).toBe('');
  expect(stdout.split('\n').slice(1, -1)).toEqual(['bundled flow.ts ./plugins/one.ts one.ts', 'asked', '5']);
});

test('where nobody listens, nothing is said and everything works', async () => {
  const { run } = tempProject({
    'flow.ts': 'for (const name of ["node:path"]) console.log((await import(name)).sep);',
  });
  expect(await run('flow.ts')).toMatchObject({ stdout: '/\n', stderr: '' });
});

test('lines and columns of errors are those of the source, in the first line, too', async () => {
  const { run } = project({ 'flow.ts': 'const fail = (): never => { throw new Error("here"); }; fail();' });
  expect((await run('flow.ts')).stderr).toMatch(/flow\.ts:1:35/);
});

test('the same sources compile to the same module', async () => {
  const { path } = project({ 'flow.ts': 'export const name = "x"; export const load = () => import(name);' });
  const digests = [1, 2].map(async () => (await createLoader().compile(path('flow.ts'))).digest);
  const [first, second] = await Promise.all(digests);
  expect(first).toBe(second);
});
