import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FsDatastore } from '../src/datastore.ts';
import { type FileSystem, nodeFileSystem } from '../src/file-system.ts';
import { bodyOf, useFolders } from './support.ts';

const newFolder = useFolders();

/** Records the calls that matter for durability, with paths relative to the folder and `tmp` for temporary files. */
function recording(base: string): { readonly fileSystem: FileSystem; readonly calls: string[] } {
  const calls: string[] = [];
  const paths = new Map<number, string>();
  const short = (path: string): string => path.replace(base, '.').replace(/~tmp\/.*/, 'tmp');
  const fileSystem: FileSystem = {
    ...nodeFileSystem,
    open(path, flags) {
      const fd = nodeFileSystem.open(path, flags);
      paths.set(fd, short(path));
      return fd;
    },
    fsync(fd) {
      nodeFileSystem.fsync(fd);
      calls.push(`fsync ${paths.get(fd)}`);
    },
    rename(from, to) {
      nodeFileSystem.rename(from, to);
      calls.push(`rename ${short(to)}`);
    },
    link(from, to) {
      nodeFileSystem.link(from, to);
      calls.push(`link ${short(to)}`);
    },
    mkdir(path) {
      nodeFileSystem.mkdir(path);
      calls.push(`mkdir ${short(path)}`);
    },
  };
  return { fileSystem, calls };
}

it('store-fs calls no fsync with durability `process`', async () => {
  const base = newFolder();
  const { fileSystem, calls } = recording(base);
  const store = new FsDatastore({ root: join(base, 'store'), fileSystem });
  await store.put('a/b', bodyOf('x'));
  await store.put('a/c', bodyOf('x'), { ifAbsent: true });
  expect(calls.filter((call) => call.startsWith('fsync'))).toEqual([]);
});

for (const ifAbsent of [false, true]) {
  it(`store-fs flushes a file before it publishes its name, and the name after${ifAbsent ? ', when conditional' : ''}`, async () => {
    const base = newFolder();
    const { fileSystem, calls } = recording(base);
    const store = new FsDatastore({ root: join(base, 'store'), fileSystem, durability: 'power' });
    await store.put('a/b', bodyOf('x'));
    calls.length = 0;
    await store.put('a/c', bodyOf('x'), { ifAbsent });
    expect(calls).toEqual(['fsync ./store/tmp', `${ifAbsent ? 'link' : 'rename'} ./store/a/c`, 'fsync ./store/a']);
  });
}

it('store-fs flushes the names of folders, also of folders that it did not create', async () => {
  const base = newFolder();
  mkdirSync(join(base, 'store/~tmp'), { recursive: true });
  mkdirSync(join(base, 'store/a'));
  const { fileSystem, calls } = recording(base);
  const store = new FsDatastore({ root: join(base, 'store'), fileSystem, durability: 'power' });
  await store.put('a/b/c', bodyOf('x'));
  const renamed = calls.indexOf('rename ./store/a/b/c');
  expect(calls.slice(renamed)).toEqual(expect.arrayContaining(['fsync ./store/a/b']));
  const flushed = new Set(calls.filter((call) => call.startsWith('fsync')));
  expect([...flushed].sort()).toEqual([
    'fsync .',
    'fsync ./store',
    'fsync ./store/a',
    'fsync ./store/a/b',
    'fsync ./store/tmp',
  ]);
  expect(calls.indexOf('mkdir ./store/a/b')).toBeLessThan(calls.lastIndexOf('fsync ./store/a'));
});
