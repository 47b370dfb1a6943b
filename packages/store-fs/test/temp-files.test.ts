import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FsDatastore } from '../src/datastore.ts';
import { nodeFileSystem } from '../src/file-system.ts';
import { currentOwner } from '../src/owner.ts';
import { bodyOf, streamOf, systemError, tempFiles, useFolders } from './support.ts';

const newFolder = useFolders();
const DAY = 24 * 60 * 60 * 1000;

/** The process id of a process that has ended. */
function deadPid(): number {
  return Number(execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }));
}

function leave(root: string, name: string): void {
  mkdirSync(join(root, '~tmp'), { recursive: true });
  writeFileSync(join(root, '~tmp', name), 'half an object');
}

it('store-fs removes the temporary files of dead processes of this host at the first write', async () => {
  const root = newFolder();
  const { host } = currentOwner();
  leave(root, `${host}-${deadPid()}-0123456789ab-1`);
  leave(root, `${host}-${process.ppid}-0123456789ab-2`);
  leave(root, 'ffffffff-1-0123456789ab-3');
  leave(root, 'notes of mine');
  const store = new FsDatastore({ root });
  await store.stat('key');
  expect(tempFiles(root)).toHaveLength(4);
  await store.put('key', bodyOf('x'));
  expect(tempFiles(root).sort()).toEqual(
    [`${host}-${process.ppid}-0123456789ab-2`, 'ffffffff-1-0123456789ab-3', 'notes of mine'].sort(),
  );
});

it('store-fs removes temporary files of any process that were not written to for a day', async () => {
  const root = newFolder();
  leave(root, 'ffffffff-1-0123456789ab-1');
  await new FsDatastore({ root, now: () => Date.now() + DAY - 60_000 }).put('key', bodyOf('x'));
  expect(tempFiles(root)).toHaveLength(1);
  await new FsDatastore({ root, now: () => Date.now() + DAY + 60_000 }).put('key', bodyOf('x'));
  expect(tempFiles(root)).toEqual([]);
});

it('store-fs leaves no part of an object when the process is killed while it writes', async () => {
  const root = newFolder();
  const script = `
    import { fsStore } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)};
    const context = { projectRoot: '/', clock: { now: () => Date.now() } };
    const store = fsStore({ root: ${JSON.stringify(root)} }).provides.datastore(context);
    const chunk = new Uint8Array(100000);
    await store.put('done', { size: 100000, async *open() { yield chunk; } });
    await store.put('half', { size: 200000, async *open() { yield chunk; process.kill(process.pid, 'SIGKILL'); yield chunk; } });
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
  const [, signal] = await once(child, 'exit');
  expect(signal).toBe('SIGKILL');
  expect(tempFiles(root)).toHaveLength(1);
  const store = new FsDatastore({ root });
  expect((await store.stat('done'))?.size).toBe(100_000);
  expect(await store.stat('half')).toBeUndefined();
  await store.put('half', streamOf(new Uint8Array(10)), { ifAbsent: true });
  expect(tempFiles(root)).toEqual([]);
});

it('store-fs lets exactly one of several processes create a key', async () => {
  const root = newFolder();
  const script = `
    import { fsStore } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)};
    const context = { projectRoot: '/', clock: { now: () => Date.now() } };
    const store = fsStore({ root: ${JSON.stringify(root)} }).provides.datastore(context);
    const won = [];
    for (let key = 0; key < 200; key++) {
      const bytes = new Uint8Array(10);
      const body = { size: 10, bytes, async *open() { yield bytes; } };
      await store.put('race/' + key, body, { ifAbsent: true }).then(() => won.push(key), (error) => {
        if (error.code !== 'already-exists') throw error;
      });
    }
    console.log(won.length);
  `;
  const run = async (): Promise<number> => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    await once(child, 'close');
    return Number(output);
  };
  const wins = await Promise.all([run(), run(), run()]);
  expect(wins.reduce((sum, count) => sum + count, 0)).toBe(200);
  expect(tempFiles(root)).toEqual([]);
});

it('store-fs makes its folders again when they were removed', async () => {
  const root = join(newFolder(), 'store');
  const store = new FsDatastore({ root });
  await store.put('a/b', bodyOf('x'));
  rmSync(root, { recursive: true });
  await store.put('a/b', bodyOf('x'), { ifAbsent: true });
  expect(readdirSync(root).sort()).toEqual(['.gitignore', 'a', '~tmp']);
});

it('store-fs gives up on a folder that vanishes again and again', async () => {
  const root = newFolder();
  const rename = (): void => {
    throw systemError('ENOENT', 'no such file or directory', 'rename');
  };
  const store = new FsDatastore({ root, fileSystem: { ...nodeFileSystem, rename } });
  await expect(store.put('a/b', bodyOf('x'))).rejects.toMatchObject({ code: 'unexpected' });
});

it('store-fs refuses a key beneath an object, and an object in the place of a folder', async () => {
  const root = newFolder();
  const store = new FsDatastore({ root });
  await store.put('a', bodyOf('x'));
  await store.put('b/c', bodyOf('x'));
  for (const ifAbsent of [false, true]) {
    await expect(store.put('a/b', bodyOf('y'), { ifAbsent })).rejects.toMatchObject({ code: 'unsupported' });
  }
  await expect(store.put('b', bodyOf('y'))).rejects.toMatchObject({ code: 'unsupported' });
  expect(tempFiles(root)).toEqual([]);
});

it('store-fs lists no links inside the root, so that a circle of links ends', async () => {
  const root = newFolder();
  const store = new FsDatastore({ root });
  await store.put('far/object', bodyOf('x'));
  symlinkSync(join(root, 'far'), join(root, 'near'));
  symlinkSync(root, join(root, 'far', 'round'));
  const keys: string[] = [];
  for await (const { key } of store.list('')) keys.push(key);
  expect(keys).toEqual(['far/object']);
});

it('store-fs refuses names that Windows does not allow, on Windows', async () => {
  const root = newFolder();
  const windows = new FsDatastore({ root, platform: 'win32' });
  for (const key of ['con', 'a/nul.txt', 'com1', 'a./b', 'x/...']) {
    await expect(windows.put(key, bodyOf('x'))).rejects.toMatchObject({ code: 'unsupported' });
    await new FsDatastore({ root }).put(key, bodyOf('x'));
  }
  await windows.put('console/nullable', bodyOf('x'));
});
