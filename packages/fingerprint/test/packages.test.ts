import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FileDigests } from '../src/files/file-digests.ts';
import { type LoadedContents, PackageDigests } from '../src/packages/package-digests.ts';
import { makeProject } from './project.ts';

const manifest = (name: string, dependencies: Readonly<Record<string, string>> = {}) =>
  JSON.stringify({ name, version: '1.0.0', dependencies });

const FILES = {
  'package-lock.json': JSON.stringify({
    packages: Object.fromEntries(
      ['a', 'b', 'c'].map((name) => [`node_modules/${name}`, { version: '1.0.0', integrity: `sha512-${name}` }]),
    ),
  }),
  'node_modules/a/package.json': manifest('a', { b: '1' }),
  'node_modules/b/package.json': manifest('b'),
  'node_modules/c/package.json': manifest('c'),
};

function digestsWith(loaded: (folder: (name: string) => string) => LoadedContents) {
  const project = makeProject(FILES);
  const folder = (name: string) => project.path(`node_modules/${name}`);
  const digests = new PackageDigests(project.root, new FileDigests(), false, loaded(folder));
  return ['a', 'c'].map((name) => {
    const target = {
      type: 'package',
      name,
      version: '1.0.0',
      directory: folder(name),
      file: join(folder(name), 'x.js'),
    } as const;
    return digests.infoOf(target).digest;
  });
}

test('files of a package that were loaded, or of one below it, are part of its digest and of no other', () => {
  const [a, c] = digestsWith(() => new Map());
  const own = digestsWith((folder) => new Map([[folder('a'), 'edited']]));
  const below = digestsWith((folder) => new Map([[folder('b'), 'edited']]));
  expect(own[0]).not.toBe(a);
  expect(below[0]).not.toBe(a);
  expect(below[0]).not.toBe(own[0]);
  expect([own[1], below[1]]).toEqual([c, c]);
});

test('the same contents give the same digests in another folder', () => {
  const loaded = (folder: (name: string) => string) => new Map([[folder('a'), 'contents']]);
  expect(digestsWith(loaded)).toEqual(digestsWith(loaded));
});
