import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLoader } from '@varve/loader';
import { expect, test } from 'vitest';
import { createFingerprinter } from '../src/index.ts';
import { flow, makeProject } from './project.ts';

const setup = () => {
  const project = makeProject({
    'flow.ts': flow(
      `import { a } from './a.ts';\nimport { tool } from 'tool';\nimport { readFileSync } from 'node:fs';`,
      `  rows!: unknown;\n  @step() load() { this.rows = [a, readFileSync('data.txt'), tool()]; }\n  @step({ after: 'load' }) other() { this.rows = 1; }`,
    ),
    'a.ts': 'export const a = 1;\n',
    'data.txt': 'one\n',
    'node_modules/tool/package.json': '{ "name": "tool", "version": "1.0.0", "main": "index.js" }',
    'node_modules/tool/index.js': 'exports.tool = () => 1;\n',
  });
  const cacheDir = project.path('.varve/cache');
  const fingerprint = (dir = cacheDir) => project.fingerprint(['load', 'other'], { cacheDir: dir });
  const kept = () => readdirSync(cacheDir).filter((name) => name.startsWith('steps-'));
  return { project, cacheDir, fingerprint, kept };
};

test('what is remembered is what would be made', async () => {
  const { project, fingerprint, kept } = setup();
  const made = await fingerprint();
  expect(kept()).toHaveLength(1);
  expect(await fingerprint()).toEqual(made);
  expect(await project.fingerprint(['load', 'other'])).toEqual(made);
});

test('fingerprints are made anew after a change of code, of a file that is read, of a package', async () => {
  const { project, fingerprint, kept } = setup();
  const codes = [await fingerprint()];
  for (const change of [
    { 'a.ts': 'export const a = 2;\n' },
    { 'data.txt': 'two\n' },
    { 'node_modules/tool/index.js': 'exports.tool = () => 2;\n' },
  ]) {
    project.write(change);
    codes.push(await fingerprint());
    expect(codes.at(-1)).toEqual(await project.fingerprint(['load', 'other']));
  }
  expect(new Set(codes.map(([load]) => load?.code)).size).toBe(4);
  expect(new Set(codes.map(([, other]) => other?.code)).size).toBe(1);
  expect(kept()).toHaveLength(1);
});

test('a remembered set that is damaged is made again', async () => {
  const { cacheDir, fingerprint, kept } = setup();
  const made = await fingerprint();
  const file = join(cacheDir, kept()[0] ?? '');
  const good = readFileSync(file, 'utf8');
  for (const bad of ['', good.slice(0, -9), good.replace('"step":"load"', '"step":"toad"')]) {
    writeFileSync(file, bad);
    expect(await fingerprint()).toEqual(made);
  }
});

test('in one process, too, an edit is seen', async () => {
  const { project } = setup();
  const fingerprinter = createFingerprinter();
  const load = async () => {
    const { graph } = await createLoader().compile(project.path('flow.ts'));
    return (await fingerprinter.fingerprint(graph, 'Example', ['load']))[0]?.code;
  };
  const first = await load();
  expect(await load()).toBe(first);
  project.write({ 'data.txt': 'two\n' });
  expect(await load()).not.toBe(first);
  project.write({ 'data.txt': 'one\n' });
  expect(await load()).toBe(first);
});
