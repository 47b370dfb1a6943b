import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StoreErrorCode } from '@varve/core/contract';
import { describe, expect, it } from 'vitest';
import { FsDatastore } from '../src/datastore.ts';
import { type FileSystem, nodeFileSystem } from '../src/file-system.ts';
import { bodyOf, failing, readAll, streamOf, systemError, tempFiles, useFolders } from './support.ts';

const newFolder = useFolders();
const BYTES = Buffer.alloc(900_000, 'layer');

interface Fault {
  readonly call: keyof FileSystem;
  readonly nth: number;
  readonly errno: string;
  readonly words: string;
  readonly code: StoreErrorCode;
  readonly ifAbsent?: boolean;
}

const faults: readonly Fault[] = [
  { call: 'open', nth: 1, errno: 'EMFILE', words: 'too many open files', code: 'unavailable' },
  { call: 'open', nth: 1, errno: 'ENFILE', words: 'file table overflow', code: 'unavailable' },
  { call: 'open', nth: 1, errno: 'EACCES', words: 'permission denied', code: 'permission-denied' },
  { call: 'open', nth: 1, errno: 'EROFS', words: 'read-only file system', code: 'permission-denied' },
  { call: 'write', nth: 1, errno: 'EIO', words: 'i/o error', code: 'unavailable' },
  { call: 'write', nth: 3, errno: 'EIO', words: 'i/o error', code: 'unavailable' },
  { call: 'write', nth: 2, errno: 'ENOSPC', words: 'no space left on device', code: 'no-space' },
  { call: 'write', nth: 2, errno: 'EDQUOT', words: 'disk quota exceeded', code: 'no-space' },
  { call: 'write', nth: 1, errno: 'EFBIG', words: 'file too large', code: 'too-large' },
  { call: 'fsync', nth: 1, errno: 'EIO', words: 'i/o error', code: 'unavailable' },
  { call: 'statOpen', nth: 1, errno: 'EIO', words: 'i/o error', code: 'unavailable' },
  { call: 'close', nth: 1, errno: 'EIO', words: 'i/o error', code: 'unavailable' },
  { call: 'rename', nth: 1, errno: 'EIO', words: 'i/o error', code: 'unavailable' },
  { call: 'rename', nth: 1, errno: 'EBUSY', words: 'resource busy or locked', code: 'unavailable' },
  { call: 'rename', nth: 1, errno: 'ENOSPC', words: 'no space left on device', code: 'no-space' },
  { call: 'link', nth: 1, errno: 'EIO', words: 'i/o error', code: 'unavailable', ifAbsent: true },
  { call: 'link', nth: 1, errno: 'EMLINK', words: 'too many links', code: 'unexpected', ifAbsent: true },
];

describe('a put of store-fs in which a system call fails', () => {
  for (const { call, nth, errno, words, code, ifAbsent = false } of faults) {
    it(`reports ${call} ${nth} with ${errno} as ${code}, leaves nothing behind, and the next put works`, async () => {
      const root = newFolder();
      const sound = new FsDatastore({ root });
      if (!ifAbsent) await sound.put('dir/key', bodyOf('old'));
      const fileSystem = failing(nodeFileSystem, call, nth, systemError(errno, words, call));
      const store = new FsDatastore({ root, fileSystem, durability: 'power' });
      await sound.put('warm', bodyOf('makes the folder of temporary files'));
      const error = await store.put('dir/key', streamOf(BYTES), { ifAbsent }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'StoreError', code, key: 'dir/key', retryable: code === 'unavailable' });
      const { message } = error as Error;
      for (const part of [`fs:${root}`, '"dir/key"', errno, words]) expect(message).toContain(part);
      expect(tempFiles(root)).toEqual([]);
      if (ifAbsent) expect(await sound.stat('dir/key')).toBeUndefined();
      else expect((await readAll(sound, 'dir/key')).toString()).toBe('old');
      await store.put('dir/key', streamOf(BYTES), { ifAbsent });
      expect((await readAll(sound, 'dir/key')).equals(BYTES)).toBe(true);
    });
  }

  it('reports its error even when the temporary file cannot be removed', async () => {
    const root = newFolder();
    const disk = failing(nodeFileSystem, 'write', 1, systemError('EIO', 'i/o error', 'write'));
    const fileSystem = failing(disk, 'unlink', 1, systemError('EROFS', 'read-only file system', 'unlink'));
    const store = new FsDatastore({ root, fileSystem });
    // The write of .gitignore is the first one.
    mkdirSync(join(root, '~tmp'));
    await expect(store.put('key', bodyOf('x'))).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('reports a failed sync of the folder, because the name may be lost', async () => {
    const root = newFolder();
    await new FsDatastore({ root }).put('a', bodyOf('x'));
    const fileSystem = failing(nodeFileSystem, 'fsync', 2, systemError('EIO', 'i/o error', 'fsync'));
    const store = new FsDatastore({ root, fileSystem, durability: 'power' });
    await expect(store.put('b', bodyOf('x'))).rejects.toMatchObject({ code: 'unavailable' });
    expect(tempFiles(root)).toEqual([]);
  });

  it('keeps its object when the reply to its link was lost', async () => {
    const root = newFolder();
    const fileSystem: FileSystem = {
      ...nodeFileSystem,
      link(from, to) {
        nodeFileSystem.link(from, to);
        throw systemError('EEXIST', 'file already exists', 'link');
      },
    };
    const store = new FsDatastore({ root, fileSystem });
    await store.put('key', bodyOf('mine'), { ifAbsent: true });
    expect((await readAll(store, 'key')).toString()).toBe('mine');
    expect(tempFiles(root)).toEqual([]);
  });
});

describe('a put of store-fs to a disk that writes short or lies', () => {
  it('goes on where a short write stopped', async () => {
    const root = newFolder();
    const write: FileSystem['write'] = (fd, bytes, offset, length) =>
      nodeFileSystem.write(fd, bytes, offset, Math.min(length, 7777));
    const store = new FsDatastore({ root, fileSystem: { ...nodeFileSystem, write } });
    await store.put('key', streamOf(BYTES));
    expect((await readAll(store, 'key')).equals(BYTES)).toBe(true);
  });

  for (const [lie, write] of [
    [
      'takes half and says all',
      (fd, bytes, offset, length) => {
        nodeFileSystem.write(fd, bytes, offset, length >> 1);
        return length;
      },
    ],
    ['takes nothing and says so', () => 0],
    ['says more than it was given', (_fd, _bytes, _offset, length) => length + 1],
  ] satisfies readonly [string, FileSystem['write']][]) {
    it(`fails with corrupt when the disk ${lie}`, async () => {
      const root = newFolder();
      await new FsDatastore({ root }).put('key', bodyOf('old'));
      const store = new FsDatastore({ root, fileSystem: { ...nodeFileSystem, write } });
      await expect(store.put('key', streamOf(BYTES))).rejects.toMatchObject({ code: 'corrupt', key: 'key' });
      expect((await readAll(store, 'key')).toString()).toBe('old');
      expect(tempFiles(root)).toEqual([]);
    });
  }
});

describe('a read of store-fs in which a system call fails', () => {
  it('reports EMFILE at open as unavailable', async () => {
    const root = newFolder();
    await new FsDatastore({ root }).put('key', bodyOf('x'));
    const fileSystem = failing(nodeFileSystem, 'open', 1, systemError('EMFILE', 'too many open files', 'open'));
    const store = new FsDatastore({ root, fileSystem });
    await expect(store.get('key')).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    expect((await readAll(store, 'key')).toString()).toBe('x');
  });

  it('reports EIO halfway as unavailable, and closes the file', async () => {
    const root = newFolder();
    await new FsDatastore({ root }).put('key', bodyOf(Buffer.alloc(3 << 20)));
    let open = 0;
    const counted: FileSystem = {
      ...nodeFileSystem,
      open(path, flags) {
        open += 1;
        return nodeFileSystem.open(path, flags);
      },
      close(fd) {
        open -= 1;
        nodeFileSystem.close(fd);
      },
    };
    const store = new FsDatastore({
      root,
      fileSystem: failing(counted, 'read', 2, systemError('EIO', 'i/o error', 'read')),
    });
    await expect(readAll(store, 'key')).rejects.toMatchObject({ code: 'unavailable', key: 'key' });
    expect(open).toBe(0);
    for await (const chunk of await store.get('key')) {
      expect(chunk.length).toBe(1 << 20);
      break;
    }
    expect(open).toBe(0);
  });

  it('reports a file that ends before its length as corrupt', async () => {
    const root = newFolder();
    const store = new FsDatastore({ root });
    await store.put('key', bodyOf(Buffer.alloc(3 << 20)));
    const stream = (await store.get('key'))[Symbol.asyncIterator]();
    await stream.next();
    writeFileSync(join(root, 'key'), 'cut by somebody');
    await expect(stream.next()).rejects.toMatchObject({ code: 'corrupt' });
  });

  it('ends a reader with an error when the store is closed', async () => {
    const store = new FsDatastore({ root: newFolder() });
    await store.put('key', bodyOf(Buffer.alloc(3 << 20)));
    const stream = (await store.get('key'))[Symbol.asyncIterator]();
    await stream.next();
    await store.close();
    await store.close();
    await expect(stream.next()).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('store-fs on a file system without hard links', () => {
  const link = (): void => {
    throw systemError('EPERM', 'operation not permitted', 'link');
  };

  it('refuses conditional creates with a way out, and still takes plain puts', async () => {
    const root = newFolder();
    const store = new FsDatastore({ root, fileSystem: { ...nodeFileSystem, link } });
    const error = await store.put('key', bodyOf('x'), { ifAbsent: true }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'unsupported', key: 'key' });
    expect((error as Error).message).toContain('no hard links');
    expect(store.capabilities.conditionalPut).toBe(false);
    expect(await store.stat('key')).toBeUndefined();
    await store.put('key', bodyOf('plain'));
    expect((await readAll(store, 'key')).toString()).toBe('plain');
    expect(tempFiles(root)).toEqual([]);
  });

  it('is told apart from a folder without permission to write', async () => {
    const root = newFolder();
    const fileSystem: FileSystem = {
      ...nodeFileSystem,
      link: (from, to) => (to.includes('~tmp') ? nodeFileSystem.link(from, to) : link()),
    };
    const store = new FsDatastore({ root, fileSystem });
    await expect(store.put('key', bodyOf('x'), { ifAbsent: true })).rejects.toMatchObject({
      code: 'permission-denied',
    });
    expect(store.capabilities.conditionalPut).toBe(true);
    expect(tempFiles(root)).toEqual([]);
  });
});
