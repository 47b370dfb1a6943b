import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { json, type ModuleProject, moduleProject } from './module-project.ts';

const manifest = (name: string, more: object = {}) => json({ name, version: '1.0.0', ...more });

const FILES = {
  'package.json': json({ name: 'app', type: 'module' }),
  'data.json': '{"a":1}',
  'plugins/one.mjs': 'import { two } from "./two.mjs"; import { x } from "a"; export default two + x;',
  'plugins/two.mjs': 'export const two = 2;',
  'plugins/three.mjs': 'export default (name) => import(name);',
  'lib/package.json': '{"type":"commonjs"}',
  'lib/helper.js': 'exports.load = (name) => require("./parts/" + name); exports.part = require("./parts/always");',
  'flow.ts': '',
  'lib/folder/index.js': 'module.exports = 5;',
  'lib/optional.js': 'for (const name of ["./there", "absent"]) try { require(name); } catch {} module.exports = 6;',
  'lib/parts/always.js': 'exports.always = 1;',
  'lib/parts/some.js': 'module.exports = require("a").x;',
  'node_modules/a/package.json': manifest('a'),
  'node_modules/a/index.js': 'exports.x = 1; exports.more = () => require("./more"); exports.b = () => require("b");',
  'node_modules/a/more.js': 'module.exports = 2;',
  'node_modules/a/node_modules/b/package.json': manifest('b'),
  'node_modules/a/node_modules/b/index.js': 'module.exports = require("c");',
  'node_modules/d/package.json': manifest('d'),
  'node_modules/d/index.js': 'exports.e = () => require("e");',
  'node_modules/d/node_modules/e/package.json': manifest('e'),
  'node_modules/d/node_modules/e/index.js': 'module.exports = () => require("f");',
  'node_modules/d/node_modules/e/node_modules/f/package.json': manifest('f'),
  'node_modules/d/node_modules/e/node_modules/f/index.js': 'module.exports = 4;',
  'node_modules/c/package.json': manifest('c'),
  'node_modules/c/index.js': 'module.exports = 3;',
};

const HEAD = (project: ModuleProject) => `
  const require = process.getBuiltinModule('node:module').createRequire(${text(project.url('flow.ts'))});
  const load = (name, options) => {
    const target = name.startsWith('.') ? new URL(name, ${text(project.url('flow.ts'))}).href : name;
    const pass = () => import(target, options);
    const listener = globalThis[Symbol.for('varve.load')];
    const loaded = listener ? listener.imports(${text(project.url('flow.ts'))}, target, pass) : pass();
    return loaded.then((module) => module.default);
  };
`;
const text = (value: string) => JSON.stringify(value);

/** Runs tasks whose bodies these are in one thread. */
async function tasks(project: ModuleProject, ...bodies: readonly string[]) {
  const exports = bodies.map((body, i) => `export const task${i} = async () => ${body};`).join('\n');
  const report = await project.run(
    HEAD(project) + exports,
    bodies.map((_, i) => `task${i}`),
  );
  return report.tasks.map(({ value, error, reads }) => ({
    value,
    error,
    ...reads,
    names: Object.keys(reads?.tokens ?? {}),
  }));
}

const WAYS: Readonly<Record<string, readonly [body: string, value: unknown, ...names: string[]]>> = {
  'a package through createRequire': ['require("a").x', 1, '@package a'],
  'JSON through createRequire': ['require("./data.json").a', 1, '@file data.json'],
  'a computed require in CommonJS, and all that comes with it': [
    'require("./lib/helper.js").load("so" + "me")',
    1,
    '@file lib/helper.js',
    '@file lib/parts/always',
    '@file lib/parts/always.js',
    '@file lib/parts/some',
    '@file lib/parts/some.js',
    '@package a',
  ],
  'files that a require without an extension would have preferred': [
    'require("./data").a',
    1,
    '@file data',
    '@file data.js',
    '@file data.json',
  ],
  'a computed import of a local file, with what it imports': [
    'await load("./plugins/" + "one.mjs")',
    3,
    '@file plugins/one.mjs',
    '@file plugins/two.mjs',
    '@package a',
  ],
  'JSON through a computed import': [
    'await load("./data." + "json", { with: { type: "json" } }).then(({ a }) => a)',
    1,
    '@file data.json',
  ],
  'a package that another package loads': ['require("a").b()', 3, '@package a', '@package a > b', '@package c'],
  'a package below one below one': ['require("d").e()()', 4, '@package d', '@package d > e', '@package d > e > f'],
  'a name that is resolved and not loaded': [
    'require.resolve("./lib/parts/so" + "me").length > 0',
    true,
    '@exists lib/parts/some.js',
    '@file lib/parts/some',
  ],
  'a name that is resolved to nothing': [
    '(() => { try { return require.resolve("./lib/none.js"); } catch { return 0; } })()',
    0,
    ...['', '.js', '.json', '.node'].map((end) => `@file lib/none.js${end}`),
  ],
  'a folder, and the files beside it that would come first': [
    'require("./lib/folder")',
    5,
    ...['.js', '.json', '.node', '/index.js', '/package.json'].map((end) => `@file lib/folder${end}`),
  ],
  'what a module did not find when it was evaluated': [
    'require("./lib/optional.js")',
    6,
    '@file lib/optional.js',
    ...['', '.js', '.json', '.node'].map((end) => `@file lib/there${end}`),
    '@package absent',
  ],
  'a package that is resolved and not loaded': ['require.resolve("a").length > 0', true, '@package a'],
  'Module._load': [
    'process.getBuiltinModule("node:module")._load("./data.json", { filename: require.resolve("./flow.ts"), paths: [], id: "x" }).a',
    1,
    '@exists flow.ts',
    '@file data.json',
  ],
  'more of a package': ['require("a").more()', 2, '@package a'],
};

test.each(Object.entries(WAYS))('notes %s', async (_, [body, value, ...names]) => {
  const [task] = await tasks(moduleProject(FILES), body);
  expect(task).toMatchObject({ value, names });
  expect(task?.unrecorded).toBeUndefined();
});

test.each(Object.entries(WAYS))('notes %s for the second task of a thread, too', async (_, [body, value, ...names]) => {
  const [first, second] = await tasks(moduleProject(FILES), body, body);
  expect(second).toMatchObject({ value, names, tokens: first?.tokens });
});

test('names the place of a package that a module of before the task loads', async () => {
  const project = moduleProject(FILES);
  const report = await project.run(`${HEAD(project)} const e = require('d').e(); export const f = () => e();`, [
    'f',
    'f',
  ]);
  expect(report.tasks.map(({ reads }) => Object.keys(reads?.tokens ?? {}))).toEqual([
    ['@package d > e > f'],
    ['@package d > e > f'],
  ]);
});

test('notes the same, and takes nothing for a patch, beside all other observers', async () => {
  const bodies = Object.values(WAYS).map(([body], i) => `export const task${i} = async () => ${body};`);
  const names = bodies.map((_, i) => `task${i}`);
  const project = moduleProject(FILES);
  const { patched, tasks: seen } = await project.run(HEAD(project) + bodies.join('\n'), names, true);
  expect(patched).toEqual({ packages: [], modules: [] });
  expect(seen.map(({ isThreadIntact }) => isThreadIntact)).not.toContain(false);
  for (const [i, [, , ...expected]] of Object.values(WAYS).entries()) {
    expect(Object.keys(seen[i]?.reads?.tokens ?? {}).sort()).toEqual([...expected].sort());
    expect(seen[i]?.reads?.calls ?? []).toEqual([]);
    expect(seen[i]?.reads?.unrecorded).toBeUndefined();
  }
});

const LED = {
  'lib/package.json': json({ type: 'commonjs', main: './one.js', imports: { '#alias': './one.js' } }),
  'lib/alias.js': 'exports.later = () => require("#alias"); exports.now = require("#alias");',
  'lib/outer.js': 'module.exports = require("./inner");',
  'lib/inner/package.json': json({ main: 'x.js' }),
  'lib/inner/x.js': 'module.exports = 3;',
  'lib/one.js': 'module.exports = 1;',
  'lib/plugin.mjs': 'export { default } from "#alias";',
};

test.each([
  ['an alias of a module, in a function', 'require("./lib/alias.js").later()', 'lib/package.json'],
  ['an alias of a module', 'require("./lib/alias.js").now', 'lib/package.json'],
  ['an alias of an ES module', 'load("./lib/" + "plugin.mjs")', 'lib/package.json'],
  ['a folder', 'require("./lib")', 'lib/package.json'],
  ['a folder that another module loads', 'require("./lib/outer.js")', 'lib/inner/package.json'],
  ['a folder without a manifest', 'require("./lib/none")', 'lib/none/package.json'],
])('notes the package.json that decides what is loaded: %s', async (_, body, name) => {
  const project = moduleProject({ ...FILES, ...LED, 'lib/none/index.js': '' });
  const [first, second] = await tasks(project, body, body);
  expect(first?.error).toBeUndefined();
  expect(first?.names).toContain(`@file ${name}`);
  expect(second?.tokens).toEqual(first?.tokens);
});

test('notes what would make a folder loadable', async () => {
  const project = moduleProject({ ...FILES, 'lib/bare/note.txt': '' });
  const [task] = await tasks(project, '(() => { try { return require("./lib/bare"); } catch { return 0; } })()');
  const names = ['lib/bare.js', 'lib/bare/index.js', 'lib/bare/package.json'].map((name) => `@file ${name}`);
  expect(task?.names).toEqual(expect.arrayContaining(names));
});

test('notes no package.json for a file that is loaded by its path', async () => {
  const project = moduleProject({
    ...FILES,
    'package.json': json({ imports: { '#alias': './x.js' }, main: './x.js' }),
  });
  const [task] = await tasks(project, 'require("./data.json").a');
  expect(task?.names).toEqual(['@file data.json']);
});

test('notes files and packages that are not there', async () => {
  const [task] = await tasks(
    moduleProject(FILES),
    '[() => require("./no"), () => require("nothing")].map((f) => { try { return f(); } catch { return 0; } })',
    'load("./plugins/no.mjs")',
  );
  expect(task?.tokens).toEqual({
    '@file no': '-',
    '@file no.js': '-',
    '@file no.json': '-',
    '@file no.node': '-',
    '@package nothing': '-',
  });
  const [, other] = await tasks(moduleProject(FILES), '0', 'load("./plugins/no.mjs")');
  expect(other?.tokens).toEqual({ '@file plugins/no.mjs': '-' });
});

test('built-in modules, and tasks that load nothing, leave nothing', async () => {
  const [task] = await tasks(moduleProject(FILES), 'typeof require("node:fs") + typeof (await load("path"))');
  expect(task).toMatchObject({ value: 'objectobject', names: [] });
});

test('looking at a package gives the token that a task has noted, until it changes', async () => {
  const project = moduleProject(FILES);
  const [task] = await tasks(project, 'require("a").b()');
  for (const [read, token] of Object.entries(task?.tokens ?? {})) {
    expect([read, await project.look(read.slice('@package '.length))]).toEqual([read, token]);
  }
  project.write({ 'node_modules/a/node_modules/b/index.js': 'module.exports = 4;' });
  expect(await project.look('a > b')).not.toBe(task?.tokens?.['@package a > b']);
  expect(await project.look('a')).toBe(task?.tokens?.['@package a']);
  expect(await project.look('a > no')).toBe('-');
});

test('packages that tools install in different places have the same names', async () => {
  const pnpm = moduleProject({
    'package.json': json({ name: 'app', type: 'module' }),
    'node_modules/.pnpm/a@1/node_modules/a/package.json': FILES['node_modules/a/package.json'],
    'node_modules/.pnpm/a@1/node_modules/a/index.js': FILES['node_modules/a/index.js'],
    'node_modules/.pnpm/a@1/node_modules/a/more.js': FILES['node_modules/a/more.js'],
    'node_modules/.pnpm/b@1/node_modules/b/package.json': manifest('b'),
    'node_modules/.pnpm/b@1/node_modules/b/index.js': 'module.exports = 3;',
  });
  pnpm.link('node_modules/a', 'node_modules/.pnpm/a@1/node_modules/a');
  pnpm.link('node_modules/.pnpm/a@1/node_modules/b', 'node_modules/.pnpm/b@1/node_modules/b');
  const npm = moduleProject({ ...FILES, 'node_modules/a/node_modules/b/index.js': 'module.exports = 3;' });
  const [linked] = await tasks(pnpm, 'require("a").b()');
  const [nested] = await tasks(npm, 'require("a").b()');
  expect(linked?.tokens).toEqual(nested?.tokens);
  expect(await pnpm.look('a > b')).toBe(linked?.tokens?.['@package a > b']);
});

test('a task that is given a module of before an edit notes what it was given', async () => {
  const project = moduleProject(FILES);
  const edit = `process.getBuiltinModule('fs').writeFileSync(${text(project.path('data.json'))}, '{"a":2}')`;
  const [first, , third] = await tasks(project, 'require("./data.json").a', edit, 'require("./data.json").a');
  expect(third).toMatchObject({ value: 1, tokens: first?.tokens });
});

test('a module that has changed before its first use in a task cannot be told from the one that was loaded', async () => {
  const project = moduleProject(FILES);
  const edit = `process.getBuiltinModule('fs').writeFileSync(${text(project.path('lib/parts/always.js'))}, 'exports.always = 2;')`;
  const [, , third] = await tasks(
    project,
    'require("./lib/parts/always")',
    edit,
    'require("./lib/helper.js").part.always',
  );
  expect(third?.unrecorded).toBeUndefined();
  const other = moduleProject(FILES);
  writeFileSync(other.path('flow.ts'), '');
  const report = await other.run(
    `${HEAD(other)} require('./lib/helper.js');
     export const edit = () => process.getBuiltinModule('fs').writeFileSync(${text(other.path('lib/parts/always.js'))}, '0');
     export const use = () => require('./lib/helper.js').part.always;`,
    ['edit', 'use'],
  );
  expect(report.tasks[1]?.reads?.unrecorded).toBe('lib/parts/always.js changed after it was loaded');
});

test('a local module that computes what it imports makes the result unusable for others', async () => {
  const [task] = await tasks(moduleProject(FILES), '(await load("./plugins/three.mjs")).name');
  expect(task?.unrecorded).toMatch(/^plugins\/three.mjs computes the name of an import/);
});
