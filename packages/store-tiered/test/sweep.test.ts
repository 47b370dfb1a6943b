import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeDisk } from '../src/disk.ts';
import { blob, copiesIn, drafts, freshRoot, inMemory, pathOf, readAll, remoteBlob, world } from './support.ts';

const CAP = 2_000_000;
const SIZE = 100_000;
const HOUR = 3_600_000;

function bytesIn(root: string): number {
  return copiesIn(root).reduce((sum, key) => sum + statSync(pathOf(root, key)).size, 0);
}

/** Sets the time at which a copy was last used. */
function usedAt(root: string, key: string, hoursAgo: number): void {
  const path = pathOf(root, key);
  utimesSync(path, (Date.now() - hoursAgo * HOUR) / 1000, statSync(path).mtime);
}

async function fill(root: string, count: number, firstSeed = 1, maxBytes = CAP): Promise<string[]> {
  const { remote, store } = world({ root, maxBytes });
  const keys: string[] = [];
  for (let i = 0; i < count; i++) {
    const { key } = remoteBlob(remote, SIZE, firstSeed + i);
    await readAll(store, key);
    keys.push(key);
  }
  await store.close();
  return keys;
}

describe('the copies of a folder', () => {
  it('stay below their size, whatever is written', async () => {
    const { root, remote, store } = world({ maxBytes: CAP });
    for (let i = 0; i < 60; i++) {
      const { key, bytes } = blob(SIZE, i);
      if (i % 2) await store.put(key, inMemory(bytes));
      else await readAll(store, remoteBlob(remote, SIZE, i).key);
      // A sweep takes turns with other work.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await store.close();
    expect(bytesIn(root)).toBeLessThanOrEqual(CAP);
    expect(bytesIn(root)).toBeGreaterThan(CAP / 2);
  });

  it('stay below it though each process writes only a little', async () => {
    const root = freshRoot();
    for (let i = 0; i < 40; i++) await fill(root, 1, i * 10);
    expect(bytesIn(root)).toBeLessThanOrEqual(CAP);
    expect(bytesIn(root)).toBeGreaterThan(CAP / 2);
  });

  it('go in the order in which they were last used, by whatever process', async () => {
    const root = freshRoot();
    const keys = await fill(root, 15);
    for (const [i, key] of keys.entries()) usedAt(root, key, 100 - i);
    const [oldest = '', second = ''] = keys;
    // Another process uses the oldest one.
    const other = world({ root, maxBytes: CAP });
    await readAll(other.store, oldest);
    await fill(root, 4, 100);
    expect(existsSync(pathOf(root, oldest)), 'used a moment ago').toBe(true);
    expect(existsSync(pathOf(root, second)), 'used longest ago').toBe(false);
  });

  it('are marked as used once an hour, not at each read', async () => {
    let marks = 0;
    const utimesSync: typeof nodeDisk.utimesSync = (...all) => {
      marks += 1;
      nodeDisk.utimesSync(...all);
    };
    const { root, remote, store } = world({ disk: { utimesSync } });
    const { key } = remoteBlob(remote, SIZE);
    for (const _ of [1, 2, 3]) await readAll(store, key);
    expect(marks).toBe(0);
    usedAt(root, key, 2);
    const written = statSync(pathOf(root, key)).mtimeMs;
    for (const _ of [1, 2, 3]) await readAll(store, key);
    expect(marks).toBe(1);
    expect(statSync(pathOf(root, key)).mtimeMs).toBeCloseTo(written, -1);
  });

  it('are not looked through for each write', async () => {
    let looks = 0;
    const readdirSync = ((path: string) => {
      if (path.includes('copies')) looks += 1;
      return nodeDisk.readdirSync(path);
    }) as typeof nodeDisk.readdirSync;
    const { remote, store } = world({ maxBytes: 1e9, disk: { readdirSync } });
    for (let i = 0; i < 100; i++) await readAll(store, remoteBlob(remote, SIZE, i).key);
    await store.close();
    expect(looks).toBe(0);
  });

  it('do without a blob that is larger than half of their size', async () => {
    const { root, remote, store } = world({ maxBytes: CAP });
    const small = remoteBlob(remote, SIZE);
    await readAll(store, small.key);
    const large = remoteBlob(remote, CAP / 2 + 1, 2);
    expect((await readAll(store, large.key)).equals(large.bytes)).toBe(true);
    expect([copiesIn(root), drafts(root)]).toEqual([[small.key], []]);
  });

  it('obey the smallest size that any process names', async () => {
    const root = freshRoot();
    await fill(root, 30, 1, 1e9);
    expect(bytesIn(root)).toBe(30 * SIZE);
    await fill(root, 1, 100, 1e6);
    expect(bytesIn(root)).toBeLessThanOrEqual(1e6);
  });

  it('are counted anew by a sweep, so that what somebody deleted by hand makes room', async () => {
    const root = freshRoot();
    await fill(root, 18);
    rmSync(join(root, 'copies'), { recursive: true });
    let sweeps = 0;
    const readdirSync = ((path: string) => {
      if (path.endsWith('copies')) sweeps += 1;
      return nodeDisk.readdirSync(path);
    }) as typeof nodeDisk.readdirSync;
    const keys: string[] = [];
    for (let seed = 100; seed < 108; seed++) {
      const { remote, store } = world({ root, maxBytes: CAP, disk: { readdirSync } });
      const { key } = remoteBlob(remote, SIZE, seed);
      await readAll(store, key);
      await store.close();
      keys.push(key);
    }
    expect(copiesIn(root)).toEqual(keys.sort());
    expect(sweeps).toBe(1);
  });
});

describe('a copy that a killed process had begun', () => {
  it('is removed by a later process, when nobody has written to it for an hour', async () => {
    const root = freshRoot();
    mkdirSync(join(root, '~tmp'), { recursive: true });
    writeFileSync(join(root, '~tmp/old'), 'half a blob');
    writeFileSync(join(root, '~tmp/new'), 'half a blob');
    const past = (Date.now() - 2 * HOUR) / 1000;
    utimesSync(join(root, '~tmp/old'), past, past);
    await fill(root, 1);
    expect(drafts(root)).toEqual(['new']);
  });
});

describe('a sweep that a killed process had begun', () => {
  it('holds up no other for longer than ten minutes', async () => {
    const root = freshRoot();
    await fill(root, 18);
    const lock = join(root, '~sweep');
    writeFileSync(lock, '');
    await fill(root, 8, 100);
    expect(bytesIn(root), 'the other process may still be at it').toBeGreaterThan(CAP);
    const past = (Date.now() - HOUR) / 1000;
    utimesSync(lock, past, past);
    await fill(root, 2, 200);
    expect(bytesIn(root)).toBeLessThanOrEqual(CAP);
    expect(readdirSync(root)).not.toContain('~sweep');
  });
});
