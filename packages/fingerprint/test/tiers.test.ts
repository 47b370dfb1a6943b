import { expect, test } from 'vitest';
import type { FingerprintOptions } from '../src/index.ts';
import { type Files, flow, makeProject } from './project.ts';

const STEPS = ['load', 'train'] as const;
const BODY = `  rows!: unknown;\n  @step() load() { this.rows = a; }\n  @step({ after: 'load' }) train() { this.rows = 2; }`;
const FILES: Files = {
  'flow.ts': flow(`import { a } from './a.ts';`, BODY),
  'a.ts': 'export const a = 1;\n',
  'data/rules.txt': 'one\n',
};

/** Steps whose fingerprint differs after the change. */
async function changed(files: Files, change: Files, options: FingerprintOptions = {}, then = options) {
  const project = makeProject(files);
  const before = await project.fingerprint(STEPS, options);
  project.write(change);
  const after = await project.fingerprint(STEPS, then);
  return STEPS.filter((_, i) => before[i]?.code !== after[i]?.code);
}

test('a flow whose class is made while its file is loaded depends on all its code, and has the tier `runtime`', async () => {
  const made = `import { Flow, step } from 'varve';\nimport { a } from './a.ts';\nconst make = (Base: typeof Flow) => class Example extends Base {\n${BODY}\n};\nexport default make(Flow);\n`;
  const files = { ...FILES, 'flow.ts': made };
  const found = await makeProject(files).fingerprint(STEPS);
  expect(found.map(({ tier }) => tier)).toEqual(['runtime', 'runtime']);
  expect(found[0]?.hazards.map(({ kind }) => kind)).toEqual(['runtime-class']);
  expect(await changed(files, { 'a.ts': 'export const a = 1; // other bytes\n' })).toEqual(STEPS);
  expect(await changed(files, {}, {}, { codeVersion: { 'Example.load': 'v1' } })).toEqual(['load']);
});

test('fingerprints of different tiers never share a hash', async () => {
  const project = makeProject(FILES);
  const all = [
    await project.fingerprint(STEPS),
    await project.fingerprint(STEPS, { effects: 'file' }),
    await project.fingerprint(STEPS, { codeVersion: { 'Example.load': '1', 'Example.train': '2' } }),
  ].flat();
  expect(all.map(({ tier }) => tier)).toEqual(['source', 'source', 'files', 'files', 'version', 'version']);
  project.write({
    'flow.ts': `import { Flow } from 'varve';\nexport default ((x) => x)(class Example extends Flow {});\n`,
  });
  const made = await project.fingerprint(STEPS);
  expect(made.map(({ tier }) => tier)).toEqual(['runtime', 'runtime']);
  const codes = new Set([...all, ...made].map(({ code }) => code));
  // In the tiers `files` and `runtime` all steps of a flow share one hash.
  expect(codes.size).toBe(6);
});

test('a version given by the user replaces the code of its step', async () => {
  const edit = { 'a.ts': 'export const a = 2;\n' };
  const options = (version: string) => ({ codeVersion: { 'Example.load': version, 'Other.train': 'v1' } });
  expect(await changed(FILES, edit)).toEqual(['load']);
  expect(await changed(FILES, edit, options('v1'))).toEqual([]);
  expect(await changed(FILES, edit, options('v1'), options('v2'))).toEqual(['load']);
});

test('every step depends on the included files and folders, even missing ones', async () => {
  const edit = { 'data/rules.txt': 'two\n' };
  expect(await changed(FILES, edit)).toEqual([]);
  expect(await changed(FILES, edit, { includes: ['data/rules.txt'] })).toEqual(STEPS);
  expect(await changed(FILES, edit, { includes: ['./data'] })).toEqual(STEPS);
  expect(await changed(FILES, edit, { includes: ['data'], effects: 'file' })).toEqual(STEPS);
  expect(await changed(FILES, { 'later.txt': '' }, { includes: ['later.txt'] })).toEqual(STEPS);
  const [load] = await makeProject(FILES).fingerprint(STEPS, { includes: ['data/rules.txt', 'none'] });
  expect(load?.assets.map(({ file }) => file)).toEqual(['data/rules.txt', 'none']);
});

test('a salt is part of every hash', async () => {
  expect(await changed(FILES, {}, {}, { salt: 'b' })).toEqual(STEPS);
  expect(await changed(FILES, {}, { effects: 'file' }, { effects: 'file', salt: 'b' })).toEqual(STEPS);
});
