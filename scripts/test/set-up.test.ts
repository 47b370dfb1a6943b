import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildIfStale } from '../setup/build.mjs';
import { missingCommands } from '../setup/link.mjs';
import { inBuildOrder, readMembers } from '../setup/members.mjs';
import { checkNode } from '../setup/node-version.mjs';
import { progressTo } from '../setup/progress.mjs';

let root: string;
let lines: string[];

const progress = progressTo(
  (line) => lines.push(line),
  () => 0,
);

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function writePackage(name: string, dependencies: Record<string, string>, more: object = {}): void {
  write(`packages/${name}/package.json`, JSON.stringify({ name, dependencies, scripts: { build: 'tsdown' }, ...more }));
  write(`packages/${name}/src/index.ts`, `export const name = '${name}';`);
}

async function built(): Promise<string[]> {
  lines = [];
  await buildIfStale(root, readMembers(root), progress);
  return lines.filter((line) => line.endsWith('...')).map((line) => line.replace(/^ *building | \.\.\.$/g, ''));
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'varve-set-up-'));
  lines = [];
  const tool = `import { cpSync } from 'node:fs'; cpSync('src', 'dist', { recursive: true });`;
  write('node_modules/tsdown/dist/run.mjs', tool);
  writePackage('app', { base: 'workspace:^' });
  writePackage('base', {});
  writePackage('other', {});
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('npm run setup', () => {
  it('builds dependencies first, and nothing the second time', async () => {
    expect(await built()).toEqual(['base', 'other', 'app']);
    expect(await built()).toEqual([]);
    expect(readFileSync(join(root, 'packages/app/dist/index.ts'), 'utf8')).toContain('app');
  });

  it('builds a changed package and those that depend on it', async () => {
    await built();
    write('packages/base/src/index.ts', 'export {};');
    expect(await built()).toEqual(['base', 'app']);
  });

  it('builds anew when the output was changed or removed by hand', async () => {
    await built();
    write('packages/other/dist/index.ts', 'export {};');
    expect(await built()).toEqual(['other']);
    rmSync(join(root, 'packages/base/dist'), { recursive: true });
    expect(await built()).toEqual(['base']);
  });

  it('builds a package before those whose tests use it, though it depends on them', async () => {
    writePackage('base', {}, { devDependencies: { app: 'workspace:^' } });
    expect(await built()).toEqual(['base', 'other', 'app']);
    write('packages/app/src/index.ts', 'export {};');
    expect(await built()).toEqual(['app']);
  });

  it('builds a new package in its place', async () => {
    await built();
    writePackage('first', {});
    writePackage('base', { first: 'workspace:^' });
    expect(await built()).toEqual(['first', 'base', 'app']);
  });

  it('builds everything when the lockfile changed', async () => {
    await built();
    write('pnpm-lock.yaml', 'lockfileVersion: 9');
    expect(await built()).toEqual(['base', 'other', 'app']);
  });

  it('shows the output of a build that fails, and tries again the next time', async () => {
    write('node_modules/tsdown/dist/run.mjs', `console.error('no such export'); process.exitCode = 3;`);
    await expect(built()).rejects.toThrow(/build of (base|other) ended with code 3:\nno such export/);
    await expect(built()).rejects.toThrow(/code 3/);
  });
});

it('set-up finds a command missing until it is linked in the packages that depend on its own', () => {
  write('packages/base/package.json', JSON.stringify({ name: 'base', bin: { bass: './dist/bin.js' } }));
  expect(missingCommands(root, readMembers(root))).toEqual(['packages/app/node_modules/.bin/bass']);
  write('packages/app/node_modules/.bin/bass', '');
  expect(missingCommands(root, readMembers(root))).toEqual([]);
});

it('set-up refuses packages that depend on each other, and names them', () => {
  writePackage('base', { app: 'workspace:^' });
  expect(() => inBuildOrder(readMembers(root))).toThrow(/depend on each other: app, base/);
});

it.each(['18.20.0', '20.18.3'])('set-up refuses Node %s', (version) => {
  expect(() => checkNode(version)).toThrow(`this is Node ${version}, but varve needs 20.19 or newer`);
});

it.each(['20.19.0', '20.20.2', '24.1.0'])('set-up accepts Node %s', (version) => {
  expect(() => checkNode(version)).not.toThrow();
});
