import { lutimesSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { ScannedFiles } from '../../../src/observe/load/files/scanned-files.ts';
import { readLoaded } from '../../../src/observe/load/loaded-modules.ts';
import type { LoadedScripts } from '../../../src/observe/load/loaded-scripts.ts';
import { json, type ModuleProject, moduleProject } from './module-project.ts';

const manifest = (name: string, more: object = {}) =>
  json({ name, version: '1.0.0', type: 'module', main: 'index.js', ...more });

const FILES = {
  'package.json': json({ name: 'app', type: 'module' }),
  'node_modules/a/package.json': manifest('a', { main: './index', dependencies: { b: '1' } }),
  'node_modules/a/index.js': 'import "./part.js"; import "b";',
  'node_modules/a/part.js': 'import "#in";',
  'node_modules/a/one.js': '',
  'node_modules/a/two.js': '',
  'node_modules/b/package.json': manifest('b'),
  'node_modules/b/index.js': 'export const b = 1;',
};

/** Reads what is loaded with `a` some time after it was written, ms, as a process that finds what the last one has kept. */
async function read(project: ModuleProject, required: LoadedScripts['required'] = [], later = 60_000) {
  const files = new ScannedFiles(project.path('.varve/cache/files.json'), () => Date.now() + later);
  const scanned = vi.spyOn(files, 'scan');
  const loaded = await readLoaded({
    root: project.root,
    own: [],
    externals: [[project.path('node_modules/a/index.js'), project.path('flow.ts')]],
    scripts: { required, asked: [], imported: [], since: Number.POSITIVE_INFINITY },
    files,
  });
  return { ...loaded, isRecalled: scanned.mock.calls.length === 0 };
}

/** A project whose files have been as they are for a while, and which was read once. */
async function known(): Promise<ModuleProject> {
  const project = moduleProject(FILES);
  await read(project);
  expect((await read(project)).isRecalled).toBe(true);
  return project;
}

const CHANGES: Readonly<Record<string, (project: ModuleProject) => void>> = {
  'a file is edited': (p) => p.write({ 'node_modules/b/index.js': 'export const b = 2;' }),
  'a file is edited and has its old times': (p) => {
    p.write({ 'node_modules/b/index.js': 'export const b = 3;' });
    lutimesSync(p.path('node_modules/b/index.js'), 1, 1);
  },
  'a version is another': (p) => p.write({ 'node_modules/b/package.json': manifest('b', { version: '1.0.1' }) }),
  'a manifest leads to another file': (p) =>
    p.write({ 'node_modules/a/package.json': manifest('a', { main: './index', imports: { '#in': './two.js' } }) }),
  'a package comes to lie nearer': (p) =>
    p.write({
      'node_modules/a/node_modules/b/package.json': manifest('b'),
      'node_modules/a/node_modules/b/index.js': '',
    }),
  'a package is exchanged by another folder': (p) => {
    p.write({ 'other/package.json': manifest('b'), 'other/index.js': 'export const b = 4;' });
    rmSync(p.path('node_modules/b'), { recursive: true });
    renameSync(p.path('other'), p.path('node_modules/b'));
  },
  'a folder gets a manifest of its own': (p) => p.write({ 'node_modules/a/package.json': manifest('A') }),
};

test.each(Object.entries(CHANGES))('what was kept is not used when %s', async (_, change) => {
  const project = await known();
  const before = await read(project);
  change(project);
  const after = await read(project);
  expect(after.isRecalled).toBe(false);
  expect(after.packages).not.toEqual(before.packages);
});

test('what was kept is not used when a module has required others', async () => {
  const project = await known();
  const entry = project.path('node_modules/a/index.js');
  expect((await read(project, [[entry, [project.path('node_modules/a/one.js')]]])).isRecalled).toBe(false);
});

test('files that have just changed are not kept', async () => {
  const project = moduleProject(FILES);
  await read(project, [], 500);
  expect((await read(project, [], 500)).isRecalled).toBe(false);
});

test('a state folder that cannot be written costs nothing but time', async () => {
  const project = moduleProject(FILES);
  mkdirSync(join(project.root, '.varve/cache/files.json'), { recursive: true });
  expect((await read(project)).packages.map(({ name }) => name)).toEqual(['a', 'b']);
});
