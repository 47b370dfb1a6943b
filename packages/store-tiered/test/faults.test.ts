import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Disk, nodeDisk } from '../src/disk.ts';
import {
  blob,
  copiesIn,
  drafts,
  freshRoot,
  inMemory,
  pathOf,
  readAll,
  remoteBlob,
  streamed,
  systemError,
  world,
} from './support.ts';

const fail = (code: string) => () => {
  throw systemError(code);
};
const MB = 1024 * 1024;

describe('a local disk that fails', () => {
  const faults: readonly (readonly [string, Partial<Disk>])[] = [
    ['is full', { writeSync: fail('ENOSPC') }],
    ['is full after the first bytes', { writeSync: afterFirst('ENOSPC') }],
    ['may only be read', { openSync: unlessRead('EROFS') }],
    ['belongs to somebody else', { openSync: unlessRead('EACCES') }],
    ['cannot give a finished file its name', { renameSync: fail('EIO') }],
    ['cannot be read', { openSync: onlyWhenRead('EIO') }],
    ['fails while it is read', { readSync: fail('EIO') }],
    ['loses its ledger', { appendFileSync: fail('EIO') }],
    ['answers nothing at all', { openSync: fail('EIO'), statSync: fail('EIO'), unlinkSync: fail('EIO') }],
  ];

  it.each(faults)('neither fails a read nor a write when it %s, and is warned of once', async (_, disk) => {
    const { root, remote, store, warnings } = world({ disk });
    const read = remoteBlob(remote, 300_000, 1);
    const written = blob(300_000, 2);
    const stream = blob(300_000, 3);
    await store.put(written.key, inMemory(written.bytes));
    await store.put(stream.key, streamed(stream.bytes));
    for (const _ of [1, 2]) {
      for (const { key, bytes } of [read, written, stream])
        expect((await readAll(store, key)).equals(bytes)).toBe(true);
    }
    await store.delete(read.key);
    await store.close();
    expect(drafts(root)).toEqual([]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^copies in the folder cannot be used: E\w+: .* read from the remote store$/);
  });

  it('is not written to again once it is full, and copies that are there are read', async () => {
    let isFull = false;
    let writes = 0;
    const writeSync = ((...all: Parameters<typeof nodeDisk.writeSync>) => {
      writes += 1;
      if (isFull) throw systemError('ENOSPC');
      return nodeDisk.writeSync(...all);
    }) as typeof nodeDisk.writeSync;
    const { remote, store } = world({ disk: { writeSync } });
    const kept = remoteBlob(remote, 1000, 1);
    await readAll(store, kept.key);
    isFull = true;
    for (const seed of [2, 3, 4]) await readAll(store, remoteBlob(remote, 1000, seed).key);
    expect(writes).toBe(2);
    await readAll(store, kept.key);
    expect(remote.count('get', kept.key)).toBe(1);
  });

  it('that replaces no open file, as that of Windows, is not at fault when another process was first', async () => {
    const renameSync: typeof nodeDisk.renameSync = (from, to) => {
      mkdirSync(dirname(String(to)), { recursive: true });
      copyFileSync(from, to);
      throw systemError('EPERM');
    };
    const { root, remote, store, warnings } = world({ disk: { renameSync } });
    const [first, second] = [remoteBlob(remote, 1000, 1), remoteBlob(remote, 1000, 2)];
    await readAll(store, first.key);
    await readAll(store, second.key);
    expect([copiesIn(root), drafts(root), warnings]).toEqual([[first.key, second.key].sort(), [], []]);
  });

  it('lets readers of one blob go on, each from where it is, when it fails in the middle', async () => {
    let writes = 0;
    const writeSync = ((...all: Parameters<typeof nodeDisk.writeSync>) => {
      writes += 1;
      if (writes > 1) throw systemError('EIO');
      return nodeDisk.writeSync(...all);
    }) as typeof nodeDisk.writeSync;
    const { remote, store } = world({ disk: { writeSync } });
    remote.chunkBytes = 50_000;
    const { key, bytes } = remoteBlob(remote, 300_000);
    const all = await Promise.all([readAll(store, key), readAll(store, key), readAll(store, key)]);
    for (const one of all) expect(one.equals(bytes)).toBe(true);
    expect(writes, 'nothing is written for a copy that cannot become whole').toBe(2);
  });

  it('breaks a stream so that its reader can go on at the same place, when a copy cannot be read to its end', async () => {
    let isBroken = false;
    const readSync = ((...all: Parameters<typeof nodeDisk.readSync>) => {
      if (isBroken) throw systemError('EIO');
      return nodeDisk.readSync(...all);
    }) as typeof nodeDisk.readSync;
    const { remote, store } = world({ disk: { readSync } });
    const { key, bytes } = remoteBlob(remote, 9 * MB);
    await readAll(store, key);
    const chunks: Uint8Array[] = [];
    const reading = (async () => {
      for await (const chunk of await store.get(key)) {
        chunks.push(chunk);
        isBroken = true;
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    const start = Buffer.concat(chunks).length;
    const rest = await readAll(store, key, { range: { start, end: Number.MAX_SAFE_INTEGER } });
    expect(Buffer.concat([...chunks, rest]).equals(bytes)).toBe(true);
  });

  it('is a file where the folder should be', async () => {
    const root = join(freshRoot(), 'taken');
    writeFileSync(root, 'notes');
    const { remote, store, warnings } = world({ root });
    const { key, bytes } = remoteBlob(remote, 1000);
    expect((await readAll(store, key)).equals(bytes)).toBe(true);
    expect(warnings).toHaveLength(1);
    expect(readFileSync(root, 'utf8')).toBe('notes');
  });
});

describe('the folder of the copies', () => {
  it('may be deleted at any time: copies begin anew, without a word', async () => {
    const { root, remote, store, warnings } = world();
    const { key, bytes } = remoteBlob(remote, 300_000);
    await readAll(store, key);
    rmSync(root, { recursive: true });
    expect((await readAll(store, key)).equals(bytes)).toBe(true);
    expect(copiesIn(root)).toEqual([key]);
    rmSync(root, { recursive: true });
    const other = blob(300_000, 2);
    await store.put(other.key, streamed(other.bytes));
    expect(copiesIn(root)).toEqual([other.key]);
    expect(warnings).toEqual([]);
  });

  it('may be deleted while a blob is on its way', async () => {
    const { root, remote, store, warnings } = world();
    remote.chunkBytes = 50_000;
    const { key, bytes } = remoteBlob(remote, 300_000);
    const chunks: Uint8Array[] = [];
    for await (const chunk of await store.get(key)) {
      if (chunks.push(chunk) === 2) rmSync(root, { recursive: true });
    }
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    expect([copiesIn(root), warnings]).toEqual([[], []]);
    expect((await readAll(store, key)).equals(bytes)).toBe(true);
    expect(copiesIn(root)).toEqual([key]);
  });

  it('is created at the first copy, not before, and kept out of git', async () => {
    const root = join(freshRoot(), 'deep/folder');
    const { remote, store } = world({ root });
    await readAll(store, 'a').catch(() => {});
    expect(existsSync(root)).toBe(false);
    await readAll(store, remoteBlob(remote, 1000).key);
    expect(readFileSync(join(root, '.gitignore'), 'utf8')).toBe('*\n');
  });

  it('that was there before gets no .gitignore, and files in it that are not copies stay', async () => {
    const root = freshRoot();
    const { remote, store } = world({ root, maxBytes: 1e6 });
    // A local store that somebody names as the place of the copies.
    mkdirSync(join(root, 'cas/sha256/ab'), { recursive: true });
    writeFileSync(join(root, 'cas/sha256/ab/abcd'), new Uint8Array(2e6));
    for (let seed = 1; seed < 12; seed++) await readAll(store, remoteBlob(remote, 200_000, seed).key);
    await store.close();
    expect(existsSync(join(root, '.gitignore'))).toBe(false);
    expect(existsSync(join(root, 'cas/sha256/ab/abcd'))).toBe(true);
  });

  it('may hold copies of another user, which may only be read', async () => {
    const { root, remote, store } = world();
    const { key, bytes } = remoteBlob(remote, 1000);
    await readAll(store, key);
    chmodSync(pathOf(root, key), 0o444);
    const hours = 3_600_000 * 5;
    const late = world({ root, now: () => Date.now() + hours, disk: { utimesSync: fail('EPERM') } });
    expect((await readAll(late.store, key)).equals(bytes)).toBe(true);
    expect([late.warnings, late.remote.calls]).toEqual([[], []]);
  });
});

/** The first write takes some bytes, the next ones none. */
function afterFirst(code: string): typeof nodeDisk.writeSync {
  let count = 0;
  return ((...all: Parameters<typeof nodeDisk.writeSync>) => {
    count += 1;
    if (count > 1) throw systemError(code);
    return nodeDisk.writeSync(...all);
  }) as typeof nodeDisk.writeSync;
}

function unlessRead(code: string): typeof nodeDisk.openSync {
  return (path, flags, mode) => {
    if (flags !== 'r') throw systemError(code);
    return nodeDisk.openSync(path, flags, mode);
  };
}

function onlyWhenRead(code: string): typeof nodeDisk.openSync {
  return (path, flags, mode) => {
    if (flags === 'r') throw systemError(code);
    return nodeDisk.openSync(path, flags, mode);
  };
}
