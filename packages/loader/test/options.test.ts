import { expect, test } from 'vitest';
import { createLoader } from '../src/esbuild-loader.ts';
import { tempProject } from './temp-project.ts';

const FILES = {
  'package.json': '{ "name": "app", "type": "module" }',
  'main.ts': 'import { Sub } from "./lib/sub.ts"; console.log(Object.hasOwn(new Sub(), "x"));',
  'lib/sub.ts': 'class Base { set x(value: number) {} } export class Sub extends Base { x = 1; }',
  'node_modules/@cfg/base/package.json': '{ "name": "@cfg/base", "exports": { "./strict": "./configs/strict.json" } }',
  'node_modules/plain/package.json': '{ "name": "plain", "tsconfig": "configs/strict.json" }',
};
const options = (define: boolean) => `{ "compilerOptions": { "useDefineForClassFields": ${define} } }`;

/** Files of a folder, and the one among them that says how fields are made. */
const WAYS: Readonly<Record<string, readonly [files: Readonly<Record<string, string>>, deciding: string]>> = {
  'a relative path': [{ 'lib/tsconfig.json': '{ "extends": "./configs/base.json" }' }, 'lib/configs/base.json'],
  'a path without an extension': [{ 'lib/tsconfig.json': '{ "extends": "../base" }' }, 'base.json'],
  'two steps': [
    { 'lib/tsconfig.json': '{ "extends": "./middle.json" }', 'lib/middle.json': '{ "extends": "../base.json" }' },
    'base.json',
  ],
  'a list': [
    { 'lib/tsconfig.json': '{ "extends": ["./base.json", "./other.json"] }', 'lib/other.json': '{}' },
    'lib/base.json',
  ],
  'the exports of a package': [
    { 'lib/tsconfig.json': '{ "extends": "@cfg/base/strict" }' },
    'node_modules/@cfg/base/configs/strict.json',
  ],
  'the manifest of a package': [
    { 'lib/tsconfig.json': '{ "extends": "plain" }' },
    'node_modules/plain/configs/strict.json',
  ],
  'a jsconfig.json': [{}, 'lib/jsconfig.json'],
};

test.each(Object.entries(WAYS))('a file has the options it is compiled with, from %s', async (_, [files, deciding]) => {
  const project = tempProject({ ...FILES, ...files });
  for (const define of [true, false]) {
    project.write({ [deciding]: options(define) });
    expect((await project.run('main.ts')).stdout).toBe(`${define}\n`);
    const { graph } = await createLoader().compile(project.path('main.ts'));
    expect(graph.modules[0]).toMatchObject({ emit: { useDefineForClassFields: define } });
  }
});

test('a tsconfig.json goes before a jsconfig.json beside it, and a nearer one before both', async () => {
  const project = tempProject({ ...FILES, 'lib/tsconfig.json': options(false), 'lib/jsconfig.json': options(true) });
  expect((await project.run('main.ts')).stdout).toBe('false\n');
  const first = await createLoader().compile(project.path('main.ts'));
  expect(first.graph.modules[0]?.emit).toEqual({ useDefineForClassFields: false });
  project.write({ 'main.ts': 'import { Sub } from "./lib/near/sub.ts"; console.log(Object.hasOwn(new Sub(), "x"));' });
  project.write({ 'lib/near/sub.ts': FILES['lib/sub.ts'], 'lib/near/jsconfig.json': options(true) });
  expect((await project.run('main.ts')).stdout).toBe('true\n');
  const second = await createLoader().compile(project.path('main.ts'));
  expect(second.graph.modules[0]?.emit).toEqual({ useDefineForClassFields: true });
});

test.each([
  ['a file', './one.ts', './two.ts'],
  ['a condition', { node: './one.ts' }, { node: './two.ts' }],
])('an alias that leads to another file changes the graph: %s', async (_, one, two) => {
  const alias = (target: unknown) => JSON.stringify({ type: 'module', imports: { '#alias': target } });
  const project = tempProject({
    'package.json': '{ "name": "app", "type": "module" }',
    'main.ts': 'import { value } from "./lib/user.ts"; console.log(value);',
    'lib/package.json': alias(one),
    'lib/user.ts': 'export { value } from "#alias";',
    'lib/one.ts': 'export const value = 1;',
    'lib/two.ts': 'export const value = 2;',
  });
  const lead = async () => {
    const { graph } = await createLoader().compile(project.path('main.ts'));
    return graph.modules.find(({ path }) => path === project.path('lib/user.ts'))?.imports;
  };
  expect(await lead()).toMatchObject([{ target: { path: project.path('lib/one.ts') } }]);
  project.write({ 'lib/package.json': alias(two) });
  expect(await lead()).toMatchObject([{ target: { path: project.path('lib/two.ts') } }]);
  expect((await project.run('main.ts')).stdout).toBe('2\n');
});
