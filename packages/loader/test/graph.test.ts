import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { createLoader } from '../src/esbuild-loader.ts';
import { tempProject } from './temp-project.ts';

const FILES = {
  'package.json': '{ "name": "app" }',
  'flow.ts': [
    'import type { T } from "./types.ts"; import { a } from "./a.ts"; import { b } from "./b.ts"; import { OnlyType } from "./types.ts";',
    'export const run = async (t: T, o: OnlyType) => [a, b, import.meta.url, await import("./late.ts"), t, o];',
  ].join('\n'),
  'a.ts': 'import { c } from "./c.ts"; export const a = c;',
  'b.ts': 'import { a } from "./a.ts"; import data from "./data.json"; export const b = [a, data];',
  'c.ts': 'import { b } from "./b.ts"; export const c = () => b;',
  'late.ts': 'import { c } from "./c.ts"; import { helper } from "./helper.ts"; export const late = [c, helper];',
  'helper.ts': 'export const helper = "é";',
  'data.json': '{}',
  'types.ts': 'export interface T { x: number }; export interface OnlyType { y: number }',
};

test('the graph lists modules in order of evaluation: dynamic imports last, types not at all', async () => {
  const project = tempProject(FILES);
  const { graph } = await createLoader().compile(project.path('flow.ts'));
  expect(graph.entry).toBe(project.path('flow.ts'));
  expect(graph.root).toBe(project.root);
  expect(graph.emit).toEqual({});
  const order = ['data.json', 'b.ts', 'c.ts', 'a.ts', 'flow.ts', 'helper.ts', 'late.ts'];
  expect(graph.modules.map((m) => m.path)).toEqual(order.map(project.path));
  expect(graph.modules.map((m) => m.loader)).toEqual(['json', 'ts', 'ts', 'ts', 'ts', 'ts', 'ts']);
  expect(graph.modules[4]?.imports).toEqual([
    { specifier: './a.ts', kind: 'import', target: { type: 'module', path: project.path('a.ts') } },
    { specifier: './b.ts', kind: 'import', target: { type: 'module', path: project.path('b.ts') } },
    { specifier: './late.ts', kind: 'dynamic-import', target: { type: 'module', path: project.path('late.ts') } },
  ]);
});

test('the graph holds the bytes on disk of each module, and their digest', async () => {
  const project = tempProject(FILES);
  const { graph } = await createLoader().compile(project.path('flow.ts'));
  for (const { path, contents, digest } of graph.modules) {
    const text = FILES[path.slice(project.root.length + 1) as keyof typeof FILES];
    expect(Buffer.from(contents).toString('utf8')).toBe(text);
    expect(digest).toBe(`sha256:${createHash('sha256').update(text).digest('hex')}`);
  }
});

test('editing one file changes its digest in the graph and that of the compiled code, and no other', async () => {
  const project = tempProject(FILES);
  const before = await createLoader().compile(project.path('flow.ts'));
  project.write({ 'helper.ts': 'export const helper = "edited";' });
  const after = await createLoader().compile(project.path('flow.ts'));
  const digests = new Map(before.graph.modules.map((m) => [m.path, m.digest]));
  const changed = after.graph.modules.filter((m) => digests.get(m.path) !== m.digest).map((m) => m.path);
  expect(changed).toEqual([project.path('helper.ts')]);
  expect(after.digest).not.toBe(before.digest);
});
