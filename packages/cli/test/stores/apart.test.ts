import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { refuseOverlap } from '../../src/api/copy/apart.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'varve-apart-')));
afterAll(() => rmSync(root, { recursive: true, force: true }));
mkdirSync(join(root, 'store'));
symlinkSync(join(root, 'store'), join(root, 'link'));
symlinkSync(root, join(root, 'up'));

const at = (path: string) => `fs:${join(root, path)}`;
const codeOf = (from: string, to: string, byPlugin = false): string | undefined => {
  try {
    refuseOverlap({ name: from }, { name: to }, byPlugin);
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

it.each([
  ['a store and itself', at('store'), at('store'), 'VARVE_COPY_SAME'],
  ['a folder and a link to it', at('store'), at('link'), 'VARVE_COPY_SAME'],
  ['a folder that is not there yet, below a link', at('new'), at('up/new'), 'VARVE_COPY_SAME'],
  ['a folder and one in it', at('store'), at('store/inner'), 'VARVE_COPY_NESTED'],
  ['a folder and one in it that a link leads to', at('store'), at('link/cas/inner'), 'VARVE_COPY_NESTED'],
  ['a folder and the one it lies in', at('store'), at(''), 'VARVE_COPY_NESTED'],
  ['a folder and one whose name begins alike', at('store'), at('store2'), undefined],
  ['a prefix and one below it', 's3://b/team', 's3://b/team/inner', 'VARVE_COPY_NESTED'],
  ['a prefix and its bucket', 'gs://b/team', 'gs://b', 'VARVE_COPY_NESTED'],
  ['a bucket and one whose name begins alike', 's3://b', 's3://b2/team', undefined],
  ['prefixes that begin alike', 's3://b/team', 's3://b/team2', undefined],
  ['buckets of two services', 's3://b/team', 'gs://b/team', undefined],
  ['a folder and a bucket', at('store'), 's3://b', undefined],
])('%s', (_, from, to, code) => {
  expect(codeOf(from, to)).toBe(code);
});

it('the names of two plugins may be alike, unless they are places', () => {
  expect(codeOf('memory', 'memory')).toBe('VARVE_COPY_SAME');
  expect(codeOf('memory', 'memory', true)).toBeUndefined();
  expect(codeOf(at('store'), at('link'), true)).toBe('VARVE_COPY_SAME');
});
