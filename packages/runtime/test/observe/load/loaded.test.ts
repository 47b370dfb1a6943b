import { utimesSync } from 'node:fs';
import { expect, test } from 'vitest';
import { stampAt } from '../../../src/observe/load/files/stamp.ts';
import { loadTokens } from '../../../src/observe/load/loaded-modules.ts';
import { json, type ModuleProject, moduleProject } from './module-project.ts';

const APP = { 'package.json': json({ name: 'app', type: 'module' }) };
const text = (value: string) => JSON.stringify(value);
const manifest = (name: string, more: object = {}) => json({ name, version: '1.0.0', type: 'module', ...more });

const ESM = {
  ...APP,
  'node_modules/esm/package.json': manifest('esm', {
    exports: { '.': { types: './x.d.ts', import: './lib/index.js', require: './wrong.cjs' }, './deep/*': './lib/*.js' },
    imports: { '#own': { node: './lib/own.js', default: './wrong.js' } },
  }),
  'node_modules/esm/lib/index.js': 'export * from "./part.js"; import own from "#own"; import "dep"; export { own };',
  'node_modules/esm/lib/part.js': 'export const part = 1;',
  'node_modules/esm/lib/own.js': 'import self from "esm/deep/self"; export default self;',
  'node_modules/esm/lib/self.js': 'export default 2;',
  'node_modules/esm/lib/unused.js': 'export default 3;',
  'node_modules/dep/package.json': manifest('dep', { type: 'commonjs' }),
  'node_modules/dep/index.js': 'exports.data = require("./data"); exports.inner = require("undeclared");',
  'node_modules/dep/data.json': '{"a":1}',
  'node_modules/undeclared/package.json': manifest('undeclared', { type: 'commonjs', main: './main' }),
  'node_modules/undeclared/main.js': 'exports.x = 1;',
};
const USES_ESM = (project: ModuleProject) =>
  `import * as esm from ${text(project.url('node_modules/esm/lib/index.js'))};`;
const ENTRY = ['node_modules/esm/lib/index.js'];

async function digests(project: ModuleProject, body: string, externals: readonly string[]) {
  const { packages, unrecorded } = await project.load(body, externals);
  expect(unrecorded).toBeUndefined();
  return Object.fromEntries(packages.map(({ name, digest }) => [name, digest]));
}

test('lists what was loaded by ES modules and by CommonJS, also what nobody declared', async () => {
  const project = moduleProject(ESM);
  const { packages } = await project.load(USES_ESM(project), ENTRY);
  expect(packages.map(({ name, version, directory }) => [name, version, directory])).toEqual(
    ['dep', 'esm', 'undeclared'].map((name) => [name, '1.0.0', project.path(`node_modules/${name}`)]),
  );
});

test('what nobody declared belongs to every step', async () => {
  const project = moduleProject({
    ...ESM,
    'node_modules/esm/package.json': ESM['node_modules/esm/package.json'].replace('{', '{"dependencies":{"dep":"1"},'),
  });
  const loaded = await project.load(USES_ESM(project), ENTRY);
  expect(loaded.packages.map(({ name, isDeclared }) => [name, isDeclared])).toEqual([
    ['dep', true],
    ['esm', true],
    ['undeclared', false],
  ]);
  expect(Object.keys(loadTokens(loaded))).toEqual(['@package undeclared@1.0.0']);
});

test('what an undeclared package loads belongs to every step, though another one declares it', async () => {
  const project = moduleProject({
    ...APP,
    'node_modules/a/package.json': manifest('a', { dependencies: { c: '1' }, main: 'index.js' }),
    'node_modules/a/index.js': 'import "b"; import "c";',
    'node_modules/b/package.json': manifest('b', { dependencies: { c: '1' }, main: 'index.js' }),
    'node_modules/b/index.js': 'import "c";',
    'node_modules/c/package.json': manifest('c', { main: 'index.js' }),
    'node_modules/c/index.js': '',
  });
  const loaded = await project.load(`import ${text(project.url('node_modules/a/index.js'))};`, [
    'node_modules/a/index.js',
  ]);
  expect(loaded.packages.map(({ name, isDeclared }) => [name, isDeclared])).toEqual([
    ['a', true],
    ['b', false],
    ['c', false],
  ]);
});

const EDITS: readonly (readonly [file: string, owner: string | undefined])[] = [
  ['node_modules/esm/lib/index.js', 'esm'],
  ['node_modules/esm/lib/part.js', 'esm'],
  ['node_modules/esm/lib/own.js', 'esm'],
  ['node_modules/esm/lib/self.js', 'esm'],
  ['node_modules/dep/index.js', 'dep'],
  ['node_modules/undeclared/main.js', 'undeclared'],
  ['node_modules/esm/lib/unused.js', undefined],
];

test.each(EDITS)('an edit of %s in place, version unchanged, changes the digest of %s', async (file, owner) => {
  const project = moduleProject(ESM);
  const before = await digests(project, USES_ESM(project), ENTRY);
  project.write({ [file]: `${(ESM as Record<string, string>)[file]}\n// edited` });
  const after = await digests(project, USES_ESM(project), ENTRY);
  expect(Object.keys(after).filter((name) => after[name] !== before[name])).toEqual(owner === undefined ? [] : [owner]);
});

test('data that CommonJS requires counts', async () => {
  const project = moduleProject(ESM);
  const before = await digests(project, USES_ESM(project), ENTRY);
  project.write({ 'node_modules/dep/data.json': '{"a":2}' });
  expect((await digests(project, USES_ESM(project), ENTRY)).dep).not.toBe(before.dep);
});

test('the same packages have the same digests wherever and by whatever tool they are installed', async () => {
  const npm = moduleProject(ESM);
  const files: Record<string, string> = { ...APP };
  for (const [name, text] of Object.entries(ESM)) {
    const [, pkg, rest] = /^node_modules\/(\w+)\/(.*)$/.exec(name) ?? [];
    if (pkg) files[`node_modules/.pnpm/${pkg}@1.0.0/node_modules/${pkg}/${rest}`] = text;
  }
  const pnpm = moduleProject(files);
  const store = (name: string) => `node_modules/.pnpm/${name}@1.0.0/node_modules/${name}`;
  pnpm.link('node_modules/esm', store('esm'));
  pnpm.link('node_modules/.pnpm/esm@1.0.0/node_modules/dep', store('dep'));
  pnpm.link('node_modules/.pnpm/dep@1.0.0/node_modules/undeclared', store('undeclared'));
  const entry = `${store('esm')}/lib/index.js`;
  const linked = await digests(pnpm, `import ${text(pnpm.url(entry))};`, [entry]);
  expect(linked).toEqual(await digests(npm, USES_ESM(npm), ENTRY));
});

test('a client that was generated below node_modules counts by its content', async () => {
  const project = moduleProject({
    ...APP,
    'node_modules/@prisma/client/package.json': manifest('@prisma/client', { type: 'commonjs', main: 'index.js' }),
    'node_modules/@prisma/client/index.js': 'module.exports = require(".prisma/client/default");',
    'node_modules/.prisma/client/default.js': 'exports.tables = ["a"];',
  });
  const load = () => digests(project, `import ${text(project.url(entry))};`, [entry]);
  const entry = 'node_modules/@prisma/client/index.js';
  const before = await load();
  project.write({ 'node_modules/.prisma/client/default.js': 'exports.tables = ["b"];' });
  const after = await load();
  expect(Object.keys(after)).toEqual(['.prisma', '@prisma/client']);
  expect(after['.prisma']).not.toBe(before['.prisma']);
});

test('local files that createRequire, a computed import or a package load belong to every step', async () => {
  const project = moduleProject({
    ...APP,
    'data.json': '{"a":1}',
    'plugins/one.mjs': 'import { two } from "./two.mjs"; import "tool"; export const one = two;',
    'plugins/two.mjs': 'export const two = 2;',
    'config/default.js': 'module.exports = 1;',
    'config/package.json': '{"type":"commonjs"}',
    'node_modules/tool/package.json': manifest('tool'),
    'node_modules/tool/index.js': 'export {};',
    'node_modules/config/package.json': manifest('config', { type: 'commonjs' }),
    'node_modules/config/index.js':
      'exports.get = require(process.env.PWD_OF_TEST || __dirname + "/../../config/default.js");',
  });
  const loaded = await project.load(
    `import ${text(project.url('node_modules/config/index.js'))};
     process.getBuiltinModule('node:module').createRequire(${text(project.url('flow.ts'))})('./data.json');
     const name = ${text(project.url('plugins/one.mjs'))};
     await globalThis[Symbol.for('varve.load')].imports(${text(project.url('flow.ts'))}, name, () => import(name));`,
    ['node_modules/config/index.js'],
  );
  expect(Object.keys(loaded.files).sort()).toEqual([
    'config/default.js',
    'data.json',
    'plugins/one.mjs',
    'plugins/two.mjs',
  ]);
  expect(loaded.packages.map(({ name }) => name)).toEqual(['config', 'tool']);
});

test('an import that a package writes out counts before it is executed, one that it computes counts as all its files', async () => {
  const project = moduleProject({
    ...APP,
    'node_modules/lazy/package.json': manifest('lazy'),
    'node_modules/lazy/index.js': 'export const later = (name) => [import("./later.js"), import(name)];',
    'node_modules/lazy/later.js': 'import "other"; export {};',
    'node_modules/lazy/any.js': 'export {};',
    'node_modules/other/package.json': manifest('other'),
    'node_modules/other/index.js': 'export {};',
  });
  const entry = 'node_modules/lazy/index.js';
  const load = () => digests(project, `import ${text(project.url(entry))};`, [entry]);
  const before = await load();
  expect(Object.keys(before)).toEqual(['lazy', 'other']);
  project.write({ 'node_modules/lazy/any.js': 'export default 1;' });
  expect((await load()).lazy).not.toBe(before.lazy);
});

test('a file that is replaced after it was loaded and put back has another stamp', async () => {
  const project = moduleProject(ESM);
  const { stamps } = await project.load(USES_ESM(project), ENTRY);
  const changed = () => Object.entries(stamps).flatMap(([path, stamp]) => (stampAt(path) === stamp ? [] : [path]));
  expect(changed()).toEqual([]);
  const file = 'node_modules/dep/index.js';
  project.write({ [file]: 'exports.other = 1;' });
  project.write({ [file]: ESM[file] });
  utimesSync(project.path(file), 1, 1);
  expect(changed()).toEqual([project.path(file)]);
});

test('a file that changes while it is loaded makes the results unusable for others', async () => {
  const project = moduleProject(ESM);
  const file = text(project.path('node_modules/esm/lib/part.js'));
  const loaded = await project.load(
    `${USES_ESM(project)} process.getBuiltinModule('fs').writeFileSync(${file}, 'export const part = 2;');`,
    ENTRY,
  );
  expect(loaded.unrecorded).toBe('the package esm changed while it was loaded');
});
