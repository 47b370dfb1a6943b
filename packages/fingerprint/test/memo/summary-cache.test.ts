import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { wholeFile } from '../../src/summary/summary.ts';
import { fileSummaryCache, summaryKey } from '../../src/summary/summary-cache.ts';
import { flow, makeProject } from '../project.ts';

const setup = () =>
  makeProject({
    'flow.ts': flow(`import { a } from './a.ts';`, '  rows!: unknown;\n  @step() load() { this.rows = a; }'),
    'a.ts': 'export const a = 1;\n',
  });

test('fingerprints do not depend on the summary cache, even if it is damaged', async () => {
  const project = setup();
  const cacheDir = project.path('cache');
  const code = async (dir?: string) =>
    (await project.fingerprint(['load'], dir === undefined ? {} : { cacheDir: dir })).map((each) => each.code);
  const plain = await code();
  expect(await code(cacheDir)).toEqual(plain);
  const kept = (start: string) => readdirSync(cacheDir).filter((name) => name.startsWith(start));
  // Cached fingerprints would be returned without reading the summaries.
  const forget = () => {
    for (const name of kept('steps-')) rmSync(join(cacheDir, name));
  };
  const path = join(cacheDir, kept('summaries-')[0] ?? '');
  const good = readFileSync(path, 'utf8');
  expect(good.trim().split('\n')).toHaveLength(2);
  for (const bad of [
    good.slice(0, -40),
    good.replaceAll('"', "'"),
    good.replace('"binds":["a"]', '"binds":["b"]'),
    '\u0000\n',
    '',
  ]) {
    writeFileSync(path, bad);
    forget();
    expect(await code(cacheDir)).toEqual(plain);
  }
  appendFileSync(path, 'cut off');
  project.write({ 'a.ts': 'export const a = 2;\n' });
  const edited = await code();
  expect(edited).not.toEqual(plain);
  expect(await code(cacheDir)).toEqual(edited);
  forget();
  expect(await code(cacheDir)).toEqual(edited);
});

test('a cache folder that cannot be written leads to no hazard', async () => {
  const project = setup();
  const found = await project.fingerprint(['load'], { cacheDir: project.path('package.json') });
  expect(found[0]?.hazards).toEqual([]);
});

test('a cached summary is found by text and loader, also by another process', () => {
  const project = setup();
  const path = project.path('cache/x.jsonl');
  const cache = fileSummaryCache(path);
  const summary = wholeFile({ kind: 'commonjs', line: 1 });
  cache.set(summaryKey('sha256:a', 'ts'), summary);
  cache.flush();
  const other = fileSummaryCache(path);
  expect(other.get(summaryKey('sha256:a', 'ts'))).toEqual(summary);
  expect(other.get(summaryKey('sha256:a', 'tsx'))).toBeUndefined();
});
