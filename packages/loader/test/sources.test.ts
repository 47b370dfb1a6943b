import { expect, test } from 'vitest';
import { createLoader } from '../src/esbuild-loader.ts';
import { tempProject } from './temp-project.ts';

const DECORATED = `
function tag(value: unknown, context?: unknown): any {
  const standard = typeof context === 'object' && context !== null && 'kind' in context;
  console.log(standard ? 'standard' : 'legacy');
}
export default class Thing { @tag go() {} x!: number; }
console.log(Thing.name, 'x' in new Thing());
`;

test('each file is compiled by its own nearest tsconfig', async () => {
  const project = tempProject({
    'main.ts': 'import "./legacy/thing.ts"; import "./standard/thing.ts";',
    'legacy/tsconfig.json': '{ "extends": "../base.json", /* a comment */ }',
    'base.json':
      '{ "compilerOptions": { "experimentalDecorators": true, "useDefineForClassFields": false, "target": "es2022", "strict": true } }',
    'legacy/thing.ts': DECORATED,
    'standard/thing.ts': DECORATED,
  });
  expect((await project.run('main.ts')).stdout).toBe('legacy\nThing false\nstandard\nThing true\n');
  const { graph } = await createLoader().compile(project.path('legacy/thing.ts'));
  expect(graph.emit).toEqual({ target: 'es2022', experimentalDecorators: true, useDefineForClassFields: false });
});

test('compiled code runs with dynamic imports, JSON, text, JSX, cycles, paths and top-level await', async () => {
  const project = tempProject({
    'tsconfig.json': '{ "compilerOptions": { "paths": { "@lib/*": ["./lib/*"] }, "jsx": "react", "jsxFactory": "h" } }',
    'main.tsx': [
      'import data from "./data.json"; import text from "./note.txt"; import { even } from "@lib/even.js";',
      'const h = (name: string) => name;',
      'const later = await import("./lib/later.ts");',
      'console.log(data.n, text, even(10), <p />, later.value);',
    ].join('\n'),
    'data.json': '{"n":1}',
    'note.txt': 'note',
    'lib/even.ts':
      'import { odd } from "./odd"; export function even(n: number): boolean { return n === 0 || odd(n - 1); }',
    'lib/odd.ts':
      'import { even } from "./even"; export function odd(n: number): boolean { return n !== 0 && even(n - 1); }',
    'lib/later.ts': 'export const value = "later";',
  });
  expect((await project.run('main.tsx')).stdout).toBe('1 note true p later\n');
});

test('a module imported for its effects runs even if its package says it has none', async () => {
  const project = tempProject({
    'package.json': '{ "name": "app", "sideEffects": false }',
    'main.ts': 'import "./effect.ts"; console.log("main");',
    'effect.ts': 'console.log("effect");',
  });
  expect((await project.run('main.ts')).stdout).toBe('effect\nmain\n');
});

test('the compiled module exports what the file exports', async () => {
  const project = tempProject({
    'flow.ts': 'export default class Penguins {}; export class Other {}; export const n: number = 1;',
  });
  const { code } = await createLoader().compile(project.path('flow.ts'));
  const module = await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`);
  expect([Object.keys(module), module.default.name, module.Other.name]).toEqual([
    ['Other', 'default', 'n'],
    'Penguins',
    'Other',
  ]);
});

test('the same sources compile to the same bytes from any current folder', async () => {
  const project = tempProject({
    'a/main.ts': 'import { b } from "../b.ts"; console.log(b, import.meta.url);',
    'b.ts': 'export const b = 1;',
  });
  const before = process.cwd();
  const first = await createLoader().compile(project.path('a/main.ts'));
  process.chdir(project.path('a'));
  const second = await createLoader()
    .compile('main.ts')
    .finally(() => process.chdir(before));
  expect(second.code).toBe(first.code);
  expect(second.digest).toBe(first.digest);
});

test('a file has compiler options of its own where another tsconfig.json applies to it', async () => {
  const project = tempProject({
    'tsconfig.json': '{ "compilerOptions": { "target": "es2022", "strict": true } }',
    'flow.ts': 'import { a } from "./part/a.ts"; import { b } from "./same/b.ts"; console.log(a, b);',
    'part/tsconfig.json': '{ "extends": "../tsconfig.json", "compilerOptions": { "useDefineForClassFields": false } }',
    'part/a.ts': 'export const a = 1;',
    'same/tsconfig.json': '{ "compilerOptions": { "target": "es2022" } }',
    'same/b.ts': 'export const b = 1;',
  });
  const { graph } = await createLoader().compile(project.path('flow.ts'));
  expect(graph.modules.map(({ emit }) => emit)).toEqual([
    { target: 'es2022', useDefineForClassFields: false },
    undefined,
    undefined,
  ]);
});
