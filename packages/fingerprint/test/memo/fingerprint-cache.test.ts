import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLoader } from '@varve/loader';
import { expect, test } from 'vitest';
import { createFingerprinter } from '../../src/index.ts';
import { flow, makeProject } from '../project.ts';

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
  const includes = ['data.txt'];
  const fingerprint = (dir = cacheDir) => project.fingerprint(['load', 'other'], { cacheDir: dir, includes });
  const kept = () => readdirSync(cacheDir).filter((name) => name.startsWith('steps-'));
  return { project, cacheDir, fingerprint, kept };
};

test('cached fingerprints are equal to those made without a cache', async () => {
  const { project, fingerprint, kept } = setup();
  const made = await fingerprint();
  expect(kept()).toHaveLength(1);
  expect(await fingerprint()).toEqual(made);
  expect(await project.fingerprint(['load', 'other'], { includes: ['data.txt'] })).toEqual(made);
});

test('cached fingerprints are updated after a change of code, of a file that is read, or of a package', async () => {
  const { project, fingerprint, kept } = setup();
  const codes = [await fingerprint()];
  for (const change of [
    { 'a.ts': 'export const a = 2;\n' },
    { 'data.txt': 'two\n' },
    { 'node_modules/tool/index.js': 'exports.tool = () => 2;\n' },
    { 'node_modules/tool/package.json': '{ "name": "tool", "version": "1.1.0", "main": "index.js" }' },
  ]) {
    project.write(change);
    codes.push(await fingerprint());
    expect(codes.at(-1)).toEqual(await project.fingerprint(['load', 'other'], { includes: ['data.txt'] }));
  }
  expect(new Set(codes.map(([load]) => load?.code)).size).toBe(5);
  // The data file is part of every step.
  expect(new Set(codes.map(([, other]) => other?.code)).size).toBe(2);
  expect(kept()).toHaveLength(1);
});

test('cached fingerprints are updated after several changes at once', async () => {
  const { project, fingerprint } = setup();
  project.write({
    'a.ts': `import more from './more.json';\nconst b = () => 1;\nexport const a = [more, b, 1];\n`,
    'more.json': '{ "x": 1 }',
  });
  const codes = [await fingerprint()];
  const text = `import more from './more.json';\nimport { tool } from 'tool';\nconst b = () => 1;\n`;
  for (const change of [
    { 'more.json': '{ "x": 2 }' },
    { 'more.json': '{ "x": 3 }', 'data.txt': 'two\n' },
    { 'a.ts': `${text}export const a = [more, tool, 2];\n`, 'data.txt': 'three\n' },
    { 'a.ts': `${text}export const c = 1;\nexport const a = [more, b, c];\n`, 'more.json': '{ "x": 4 }' },
    { 'a.ts': `${text}export const c = 1;\nexport const a = [more, process.env.A, b, c];\n` },
    { 'a.ts': `${text}export const c = 1;\nexport const a = [more, new URL('more.json', import.meta.url)];\n` },
    { 'node_modules/tool/index.js': 'exports.tool = () => 3;\n' },
    {
      'a.ts': `${text}export const a = [more, tool, 3];\n`,
      'node_modules/tool/package.json': '{ "name": "tool", "version": "1.2.0", "main": "index.js" }',
    },
    { 'a.ts': 'exports.a = 1;\n' },
    { 'a.ts': 'export const a = (;\n' },
  ]) {
    project.write(change);
    const kept = await fingerprint().catch(() => undefined);
    if (!kept) continue;
    expect(kept, JSON.stringify(change)).toEqual(
      await project.fingerprint(['load', 'other'], { includes: ['data.txt'] }),
    );
    codes.push(kept);
  }
  expect(new Set(codes.map(([load]) => load?.code)).size).toBe(codes.length);
  expect(codes.length).toBeGreaterThan(8);
});

test.each([[['steps-']], [['links-']], [['steps-', 'links-']]])(
  'damaged cache files (%s) are made again',
  async (starts) => {
    const { project, cacheDir, fingerprint } = setup();
    await fingerprint();
    const files = readdirSync(cacheDir).filter((name) => starts.some((start) => name.startsWith(start)));
    expect(files).toHaveLength(starts.length);
    const good = new Map(files.map((file) => [file, readFileSync(join(cacheDir, file), 'utf8')]));
    for (const [i, damage] of [() => '', cutOff, swapped].entries()) {
      for (const [file, text] of good) writeFileSync(join(cacheDir, file), damage(text));
      project.write({ 'a.ts': `const b = 1;\nexport const a = [b, ${i}];\n` });
      expect(await fingerprint()).toEqual(await project.fingerprint(['load', 'other'], { includes: ['data.txt'] }));
    }
  },
);

const cutOff = (text: string) => text.slice(0, -9);
const swapped = (text: string) => text.replaceAll('load', 'toad');

test('a file that changes while fingerprints are made does not leave a stale cache entry', async () => {
  const { project, cacheDir, fingerprint } = setup();
  await fingerprint();
  for (const code of ['export const a = 2;\n', 'const b = 1;\nexport const a = [b, 3];\n']) {
    project.write({ 'a.ts': code, 'data.txt': `before ${code}` });
    const { graph } = await createLoader().compile(project.path('flow.ts'));
    const making = createFingerprinter({ cacheDir, includes: ['data.txt'] }).fingerprint(graph, 'Example', [
      'load',
      'other',
    ]);
    project.write({ 'data.txt': 'meanwhile\n' });
    await making;
    project.write({ 'data.txt': `before ${code}` });
    expect(await fingerprint()).toEqual(await project.fingerprint(['load', 'other'], { includes: ['data.txt'] }));
  }
});

test('a fingerprinter without a cache folder updates its fingerprints after an edit', async () => {
  const { project } = setup();
  const fingerprinter = createFingerprinter({ includes: ['data.txt'] });
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
