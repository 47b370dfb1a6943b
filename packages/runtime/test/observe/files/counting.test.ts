import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compileGlobs } from '../../../src/observe/files/facts/exclude.ts';
import { Places } from '../../../src/observe/files/facts/places.ts';
import { openProject, put } from './observed.ts';

/** It is a dependency of a dependency here: where none has it, it is not tried. */
const GRACEFUL = findGraceful();

function findGraceful(): string | undefined {
  const hoisted = new URL('../../../../../node_modules/.pnpm/node_modules/x.js', import.meta.url);
  try {
    return createRequire(hoisted).resolve('graceful-fs');
  } catch {
    return undefined;
  }
}

it('counts nothing for what is excluded', async () => {
  const project = await openProject(
    { 'logs/a.log': 'a', 'data/a.txt': 'a', 'data/b.tmp': 'b' },
    { files: { exclude: ['logs', '**/*.tmp'] } },
  );
  const { tokens } = await project.run(`
    for (const file of ['logs/a.log', 'data/a.txt', 'data/b.tmp']) fs.readFileSync(path.join(ROOT, file));
    fs.writeFileSync(path.join(ROOT, 'logs/b.log'), '');
    fs.existsSync('/proc/self/status'); fs.existsSync('/dev/null');`);
  await project.close();
  expect(Object.keys(tokens)).toEqual(['@file data/a.txt']);
});

it('counts what a package reads in its own folder, for all tasks after it, too, and nothing that Node reads to load it', async () => {
  const project = await openProject();
  const one = 'node_modules/one';
  const read = `(file) => require('node:fs').readFileSync(file, 'utf8')`;
  project.reset({
    [`${one}/package.json`]: '{ "main": "a.js" }',
    [`${one}/a.js`]: `exports.read = ${read}; exports.own = exports.read(__dirname + '/data.txt'); exports.later = () => exports.read(__dirname + '/data.txt')`,
    [`${one}/data.txt`]: 'one',
    'node_modules/@two/two/index.js': `exports.read = ${read}`,
    'local.txt': 'local',
  });
  const load = (name: string) => `require(path.join(ROOT, 'node_modules/${name}'))`;
  const file = `path.join(ROOT, '${one}/data.txt')`;
  const reads = async (code: string) => Object.keys((await project.run(code)).tokens);
  const local = await reads(`${load('@two/two')}.read(path.join(ROOT, 'local.txt'))`);
  expect(local).toEqual(['@file local.txt']);
  expect(await reads(`export const result = ${load('one')}.own`)).toEqual([`@file ${one}/data.txt`]);
  expect(await reads(`export const result = ${load('one')}.later()`)).toEqual([`@file ${one}/data.txt`]);
  expect(await reads('export const result = 1')).toEqual([`@file ${one}/data.txt`]);
  expect(await reads(`${load('one')}.read(path.join(ROOT, 'local.txt'))`)).toEqual([
    '@file local.txt',
    `@file ${one}/data.txt`,
  ]);
  expect(await reads(`${load('@two/two')}.read(${file})`)).toEqual([`@file ${one}/data.txt`]);
  expect(await reads(`fs.readFileSync(${file})`)).toEqual([`@file ${one}/data.txt`]);
  await project.close();
});

it('names what lies outside of the project by its absolute path', () => {
  const places = new Places({ root: '/home/ada/project', own: ['/home/ada/project/.varve'] }, ['/tmp']);
  const nameOf = (path: string) => places.place(path)?.name;
  expect(nameOf('/home/ada/project/data/a.txt')).toBe('data/a.txt');
  expect(nameOf('/home/ada/project')).toBe('.');
  expect(nameOf('/home/ada/project-2/a.txt')).toBe('/home/ada/project-2/a.txt');
  expect(nameOf('/home/ada/node_modules/one/a.txt')).toBe('../node_modules/one/a.txt');
  expect(nameOf('/home/bob/node_modules/one/a.txt')).toBe('/home/bob/node_modules/one/a.txt');
  for (const path of ['/tmp', '/proc/1/status', '/home/ada/project/.varve/x', '/home/ada/project/.varve'])
    expect(nameOf(path)).toBeUndefined();
});

it('counts a project in the folder of temporary files, and not such a folder in a project', () => {
  const inside = new Places({ root: '/tmp/project', own: [] }, ['/tmp']);
  expect(inside.place('/tmp/project/a.txt')?.name).toBe('a.txt');
  expect(inside.place('/tmp/other/a.txt')).toMatchObject({ name: '/tmp/other/a.txt', isTemporary: true });
  const around = new Places({ root: '/srv/project', own: [] }, ['/srv/project/tmp']);
  expect(around.place('/srv/project/tmp/a.txt')).toMatchObject({ name: 'tmp/a.txt', isTemporary: true });
});

it.each([
  ['*.txt', ['a.txt'], ['a/b.txt', 'a.txts']],
  ['**/*.txt', ['a.txt', 'a/b/c.txt'], ['a.md']],
  ['logs', ['logs', 'logs/a/b'], ['logs2', 'a/logs']],
  ['./logs/', ['logs/a'], ['log']],
  ['a/**', ['a/b', 'a/b/c'], ['b/a']],
  ['{a,b}/?.txt', ['a/x.txt', 'b/y.txt'], ['c/x.txt', 'a/xy.txt']],
  ['[!a-c].txt', ['d.txt'], ['a.txt']],
  ['a+(b).txt', ['a+(b).txt'], ['aab.txt']],
])('understands the glob %s', (glob, fits, others) => {
  const expression = compileGlobs([glob]);
  expect(fits.filter((name) => !expression?.test(name))).toEqual([]);
  expect(others.filter((name) => expression?.test(name))).toEqual([]);
});

it('keeps working below and above others that replace functions of Node', async () => {
  const project = await openProject({ 'a.txt': 'hello', 'b.txt': 'b' });
  const patched = await project.run(`
    const { readFileSync } = fs;
    fs.readFileSync = (file, ...more) => String(file).startsWith('/virtual') ? 'virtual' : readFileSync(file, ...more);
    export const result = [fs.readFileSync('/virtual/x'), fs.readFileSync(path.join(ROOT, 'a.txt'), 'utf8')];
    fs.readFileSync = readFileSync;`);
  expect(patched.result).toEqual(['virtual', 'hello']);
  expect(Object.keys(patched.tokens)).toEqual(['@file a.txt']);
  await project.close();
});

it.runIf(GRACEFUL !== undefined)('sees what graceful-fs reads, and keeps its patches', async () => {
  const project = await openProject({ 'a.txt': 'hello', 'd/b.txt': 'b' });
  const { result, tokens, error } = await project.run(`
    const graceful = require(${JSON.stringify(GRACEFUL)});
    graceful.gracefulify(fs);
    const file = path.join(ROOT, 'a.txt');
    let streamed = '';
    for await (const chunk of fs.createReadStream(file)) streamed += chunk;
    export const result = [
      await promisify(graceful.readFile)(file, 'utf8'), streamed,
      await promisify(fs.readdir)(path.join(ROOT, 'd')),
      new fs.ReadStream(file).destroy() instanceof fs.ReadStream,
    ];`);
  await project.close();
  expect(error).toBeUndefined();
  expect(result).toEqual(['hello', 'hello', ['b.txt'], true]);
  expect(Object.keys(tokens)).toEqual(['@dir d', '@file a.txt']);
});

it('keeps no thread alive, and takes what is left running for late', async () => {
  const project = await openProject({ 'a.txt': 'hello' });
  put(join(project.root, 'a.txt'), 'hello');
  await project.run(
    `globalThis.left = new Promise((done) => setTimeout(() => done(fs.readFileSync(path.join(ROOT, 'a.txt'), 'utf8')), 20))`,
  );
  expect((await project.run('export const result = await globalThis.left')).result).toBe('hello');
  await project.close();
});
