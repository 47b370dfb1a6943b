import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeDatastore } from '@varve/conformance/vitest';
import { afterAll, describe, expect, it } from 'vitest';
import { FsDatastore } from '../src/datastore.ts';
import { type FileSystem, nodeFileSystem } from '../src/file-system.ts';
import { bodyOf, readAll, streamOf, tempFiles } from './support.ts';

const base = mkdtempSync(join(tmpdir(), 'varve-fs-'));
afterAll(() => rmSync(base, { recursive: true }));

const unicode = join(base, 'a b', 'Ünïcødé ✓ 名前', "it's #1 100%");
describeDatastore('a root with spaces and unicode', () => new FsDatastore({ root: unicode }), { heavy: false });

const real = join(base, 'real');
mkdirSync(real);
symlinkSync(real, join(base, 'link'));
describeDatastore('a symlinked root', () => new FsDatastore({ root: join(base, 'link') }), { heavy: false });

/** Ignores the case of names, and lists names as they were first written, as APFS and NTFS do. */
function foldingCase(root: string): FileSystem {
  const fold = (path: string): string => root + path.slice(root.length).toLowerCase();
  return {
    ...nodeFileSystem,
    open: (path, flags) => nodeFileSystem.open(fold(path), flags),
    stat: (path) => nodeFileSystem.stat(fold(path)),
    rename: (from, to) => nodeFileSystem.rename(fold(from), fold(to)),
    link: (from, to) => nodeFileSystem.link(fold(from), fold(to)),
    unlink: (path) => nodeFileSystem.unlink(fold(path)),
    mkdir: (path) => nodeFileSystem.mkdir(fold(path)),
    rmdir: (path) => nodeFileSystem.rmdir(fold(path)),
    entries: (path) => nodeFileSystem.entries(fold(path)),
    copy: (from, to) => nodeFileSystem.copy(fold(from), fold(to)),
  };
}
const folded = join(base, 'folded');
const openFolded = () => new FsDatastore({ root: folded, fileSystem: foldingCase(folded) });
describeDatastore('a file system that ignores case', openFolded, { heavy: false });

const mayMount = process.platform === 'linux' && process.getuid?.() === 0;
const skipMount = !mayMount && process.env.CI === undefined;
if (skipMount) process.stderr.write('SKIPPED: the tests on a full and a read-only tmpfs need root, to mount one.\n');

describe.skipIf(skipMount)('a small tmpfs', () => {
  function withTmpfs(use: (root: string) => Promise<void>): () => Promise<void> {
    return async () => {
      const root = join(base, 'tmpfs');
      mkdirSync(root, { recursive: true });
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', root]);
      try {
        await use(root);
      } finally {
        execFileSync('umount', [root]);
      }
    };
  }

  it(
    'that is full: no-space, nothing left behind, and it works again once there is room',
    withTmpfs(async (root) => {
      const store = new FsDatastore({ root });
      await store.put('filler', bodyOf(Buffer.alloc(300_000)));
      await store.put('key', bodyOf('old'));
      for (const body of [bodyOf(Buffer.alloc(400_000)), streamOf(Buffer.alloc(400_000))]) {
        const error = await store.put('key', body).catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ code: 'no-space', key: 'key', retryable: false });
        expect((error as Error).message).toMatch(/ENOSPC.*Free some space/);
        expect(tempFiles(root)).toEqual([]);
        expect((await readAll(store, 'key')).toString()).toBe('old');
      }
      await store.delete('filler');
      await store.put('key', bodyOf(Buffer.alloc(400_000)));
      expect((await store.stat('key'))?.size).toBe(400_000);
    }),
  );

  it(
    'that is read-only: reads work, a put is permission-denied',
    withTmpfs(async (root) => {
      await new FsDatastore({ root }).put('key', bodyOf('old'));
      execFileSync('mount', ['-o', 'remount,ro', root]);
      const store = new FsDatastore({ root });
      await expect(store.put('key', bodyOf('new'))).rejects.toMatchObject({ code: 'permission-denied' });
      await expect(store.delete('key')).rejects.toMatchObject({ code: 'permission-denied' });
      expect((await readAll(store, 'key')).toString()).toBe('old');
    }),
  );
});
