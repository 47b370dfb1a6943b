import { copyFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { type Datastore, type GetOptions, StoreError } from '@varve/core/contract';
import { MemoryStore, settle } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import { nodeDisk } from '../src/disk.ts';
import {
  blob,
  copiesIn,
  drafts,
  inMemory,
  pathOf,
  readAll,
  remoteBlob,
  streamed,
  world,
  worldOfStores,
} from './support.ts';

const MB = 1024 * 1024;

describe('a blob that was read before', () => {
  it.each([
    ['small', 20_000],
    ['of several megabytes', 9 * MB],
    ['empty', 0],
  ])('is read from its copy, when it is %s', async (_, size) => {
    const { remote, store, root } = world();
    const { key, bytes } = remoteBlob(remote, size);
    expect((await readAll(store, key)).equals(bytes)).toBe(true);
    expect(copiesIn(root)).toEqual([key]);
    expect((await readAll(store, key)).equals(bytes)).toBe(true);
    expect(remote.count('get')).toBe(1);
    expect(drafts(root)).toEqual([]);
  });

  it('is read in parts from its copy', async () => {
    const { remote, store } = world();
    const { key, bytes } = remoteBlob(remote, 9 * MB);
    await readAll(store, key);
    for (const [start, end] of [
      [0, 10],
      [4 * MB - 3, 7 * MB + 1],
      [9 * MB - 5, 10 * MB],
      [20 * MB, 30 * MB],
    ] as const) {
      expect((await readAll(store, key, { range: { start, end } })).equals(bytes.subarray(start, end))).toBe(true);
    }
    expect(remote.count('get')).toBe(1);
  });

  it('is checked in full before the first part is read, and then no more', async () => {
    let read = 0;
    const readSync = ((...all: Parameters<typeof nodeDisk.readSync>) => {
      const count = nodeDisk.readSync(...all);
      read += count;
      return count;
    }) as typeof nodeDisk.readSync;
    const { remote, store } = world({ disk: { readSync } });
    const { key } = remoteBlob(remote, 9 * MB);
    await readAll(store, key);
    const range = { start: 5, end: 15 };
    await readAll(store, key, { range });
    expect(read).toBe(9 * MB + 10);
    await readAll(store, key, { range });
    expect(read).toBe(9 * MB + 20);
    await readAll(store, key);
    expect(read).toBe(18 * MB + 20);
  });

  it('is read from its copy by another process, whatever remote store that has', async () => {
    const { root, remote, store } = world();
    const { key, bytes } = remoteBlob(remote, 20_000);
    await readAll(store, key);
    const other = world({ root });
    expect((await readAll(other.store, key)).equals(bytes)).toBe(true);
    expect(other.remote.calls).toEqual([]);
  });

  it('is read to its end though its copy is removed meanwhile', async () => {
    const { root, remote, store } = world();
    const { key, bytes } = remoteBlob(remote, 9 * MB);
    await readAll(store, key);
    const chunks: Uint8Array[] = [];
    for await (const chunk of await store.get(key)) {
      chunks.push(chunk);
      rmSync(root, { recursive: true, force: true });
    }
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });
});

describe('what the remote store alone answers', () => {
  it('is every object that is not named by its content', async () => {
    const { root, remote, store } = world();
    for (const key of [
      'runs/_a/1/batch/00000000',
      'cache/v1/k/1-00000000',
      'leases/gc/00000000',
      'cas/sha256/ab/abcd',
      'quarantine/'.concat(blob(2).key),
      blob(2).key.replace('sha256', 'md5'),
      blob(2).key.replace(/\/..\//, '/zz/'),
      blob(2).key.replace(/\/..\//, '/00/'),
    ]) {
      await store.put(key, inMemory(blob(2).bytes));
      await readAll(store, key);
      await readAll(store, key);
      expect(remote.count('get', key)).toBe(2);
    }
    expect(copiesIn(root)).toEqual([]);
  });

  it('is which objects exist, so that a copy does not hide a loss from a list', async () => {
    const { remote, store } = world();
    const { key } = remoteBlob(remote, 20_000);
    await readAll(store, key);
    remote.objects.delete(key);
    const keys: string[] = [];
    for await (const info of store.list('cas/')) keys.push(info.key);
    expect(keys).toEqual([]);
    expect(await readAll(store, key), 'bytes that match their digest are right').toHaveLength(20_000);
  });

  it('is told the size that the reader expects', async () => {
    const asked: unknown[] = [];
    const remote = new (class extends MemoryStore {
      override get(key: string, { size, range }: GetOptions = {}) {
        asked.push([size, range]);
        return super.get(key, range ? { range } : {});
      }
    })();
    const { store } = world({ remote });
    const { key } = remoteBlob(remote, 20_000);
    await readAll(store, key, { size: 20_000, range: { start: 1, end: 2 } });
    await readAll(store, key, { size: 20_000, uncached: true });
    await readAll(store, key, { size: 20_000 });
    expect(asked).toEqual([
      [20_000, { start: 1, end: 2 }],
      [20_000, undefined],
      [20_000, undefined],
    ]);
  });

  it('is a read of an object that is in doubt', async () => {
    const { remote, store } = world();
    const { key } = remoteBlob(remote, 20_000);
    await readAll(store, key);
    const other = blob(20_000, 2).bytes;
    remote.objects.set(key, { bytes: other.slice(), modifiedAt: 2 });
    expect((await readAll(store, key, { uncached: true })).equals(other)).toBe(true);
  });

  it('is a part of a blob without a copy, and no copy comes of it', async () => {
    const { root, remote, store } = world();
    const { key, bytes } = remoteBlob(remote, 20_000);
    expect((await readAll(store, key, { range: { start: 5, end: 9 } })).equals(bytes.subarray(5, 9))).toBe(true);
    expect(copiesIn(root)).toEqual([]);
  });

  it('is that a blob is not there', async () => {
    const { root, store } = world();
    await expect(store.get(blob(10).key)).rejects.toMatchObject({ code: 'not-found' });
    expect([copiesIn(root), drafts(root)]).toEqual([[], []]);
  });
});

describe('a copy with other bytes than its name says', () => {
  const damage: readonly (readonly [string, (path: string) => void])[] = [
    ['one bit is wrong', (path) => writeFileSync(path, readFileSync(path).fill(0, 1, 2))],
    ['its end is missing', (path) => truncateSync(path, 10)],
    ['it is empty, as after a power cut', (path) => truncateSync(path, 0)],
  ];
  it.each(damage.flatMap(([what, act]) => [20_000, 9 * MB].map((size) => [what, size, act] as const)))(
    'is dropped and fetched again when %s, of %i bytes',
    async (_, size, act) => {
      const { root, remote, store } = world();
      const { key, bytes } = remoteBlob(remote, size);
      await readAll(store, key);
      act(pathOf(root, key));
      const fresh = world({ root, remote });
      expect((await readAll(fresh.store, key)).equals(bytes)).toBe(true);
      expect(remote.count('get')).toBe(2);
      expect(readFileSync(pathOf(root, key)).equals(bytes)).toBe(true);
    },
  );

  it('is noticed by a read of a part', async () => {
    const { root, remote, store } = world();
    const { key, bytes } = remoteBlob(remote, 20_000);
    const other = blob(20_000, 2);
    await store.put(other.key, inMemory(other.bytes));
    await readAll(store, key);
    copyFileSync(pathOf(root, other.key), pathOf(root, key));
    const fresh = world({ root, remote });
    expect((await readAll(fresh.store, key, { range: { start: 0, end: 9 } })).equals(bytes.subarray(0, 9))).toBe(true);
    expect(copiesIn(root)).toEqual([other.key]);
  });

  it('is checked again once it is in doubt, though it was checked before and looks the same', async () => {
    // A disk that loses a bit changes neither the size nor the time of a file.
    const fstatSync = ((fd: number) => ({ ...nodeDisk.fstatSync(fd), mtimeMs: 0 })) as typeof nodeDisk.fstatSync;
    const { root, remote, store } = world({ disk: { fstatSync } });
    const { key, bytes } = remoteBlob(remote, 9 * MB);
    await readAll(store, key);
    await readAll(store, key);
    const path = pathOf(root, key);
    writeFileSync(path, readFileSync(path).fill(0, 1, 2), { flag: 'r+' });
    await readAll(store, key, { uncached: true });
    expect((await readAll(store, key)).equals(bytes)).toBe(true);
  });
});

describe('a read from the remote store that does not end well', () => {
  it('leaves no copy when the stream breaks', async () => {
    const { root, remote, store } = world({ remote: breaking(100_000) });
    const { key } = remoteBlob(remote, 300_000);
    await expect(readAll(store, key)).rejects.toMatchObject({ code: 'unavailable' });
    expect([copiesIn(root), drafts(root)]).toEqual([[], []]);
  });

  it('leaves no copy when the reader stops early, and tells the remote store', async () => {
    let isStopped = false;
    const remote = new MemoryStore();
    const get = remote.get.bind(remote);
    remote.get = async (key, options) => {
      const stream = await get(key, options);
      return (async function* () {
        try {
          yield* stream;
        } finally {
          isStopped = true;
        }
      })();
    };
    const { root, store } = world({ remote });
    const { key } = remoteBlob(remote, 300_000);
    for await (const _ of await store.get(key)) break;
    await settle();
    expect(isStopped).toBe(true);
    expect([copiesIn(root), drafts(root)]).toEqual([[], []]);
  });

  it('rejects with the reason of an abort, and leaves no copy', async () => {
    const { root, remote, store } = world();
    const { key } = remoteBlob(remote, 300_000);
    const reason = new Error('seen enough');
    const controller = new AbortController();
    const reading = (async () => {
      for await (const _ of await store.get(key, { signal: controller.signal })) controller.abort(reason);
    })();
    await expect(reading).rejects.toBe(reason);
    expect([copiesIn(root), drafts(root)]).toEqual([[], []]);
  });

  it('rejects with the reason of an abort also when it reads a copy', async () => {
    const { remote, store } = world();
    const { key } = remoteBlob(remote, 9 * MB);
    await readAll(store, key);
    const reason = new Error('seen enough');
    const controller = new AbortController();
    const reading = (async () => {
      for await (const _ of await store.get(key, { signal: controller.signal })) controller.abort(reason);
    })();
    await expect(reading).rejects.toBe(reason);
    await expect(store.get(key, { signal: controller.signal })).rejects.toBe(reason);
  });

  it('hands on wrong bytes of the remote store for its caller to judge, and keeps no copy of them', async () => {
    const { root, remote, store } = world();
    const { key, bytes } = remoteBlob(remote, 300_000);
    remote.flip(key, 7);
    expect((await readAll(store, key)).equals(bytes)).toBe(false);
    expect([copiesIn(root), drafts(root)]).toEqual([[], []]);
  });
});

describe('a tiered store', () => {
  it('leaves no file open, however reads and writes end', async () => {
    const open = new Set<number>();
    const openSync: typeof nodeDisk.openSync = (...all) => {
      const fd = nodeDisk.openSync(...all);
      open.add(fd);
      return fd;
    };
    const closeSync: typeof nodeDisk.closeSync = (fd) => {
      nodeDisk.closeSync(fd);
      open.delete(fd);
    };
    const { remote, store } = world({ disk: { openSync, closeSync } });
    for (const size of [1000, 9 * MB]) {
      const { key, bytes } = remoteBlob(remote, size);
      await Promise.all([readAll(store, key), readAll(store, key)]);
      for await (const _ of await store.get(key)) break;
      await readAll(store, key, { range: { start: 1, end: 9 } });
      await store.put(key, inMemory(bytes));
      await store.put(key, streamed(bytes));
      await store.delete(key);
    }
    expect([...open]).toEqual([]);
  });
});

describe('readers of one blob at the same time', () => {
  it('share one fetch, however fast each of them is', async () => {
    const { remote, store, root } = world();
    const { key, bytes } = remoteBlob(remote, 3 * MB);
    const [fast, slow] = await Promise.all([store.get(key), store.get(key)]);
    const first = slow[Symbol.asyncIterator]();
    const start = (await first.next()).value as Uint8Array;
    const late = store.get(key);
    const all: Uint8Array[] = [];
    for await (const chunk of fast) all.push(chunk);
    expect(Buffer.concat(all).equals(bytes)).toBe(true);
    const rest: Uint8Array[] = [start];
    for (let next = await first.next(); !next.done; next = await first.next()) rest.push(next.value);
    expect(Buffer.concat(rest).equals(bytes)).toBe(true);
    const lateChunks: Uint8Array[] = [];
    for await (const chunk of await late) lateChunks.push(chunk);
    expect(Buffer.concat(lateChunks).equals(bytes)).toBe(true);
    expect(remote.count('get')).toBe(1);
    expect([copiesIn(root), drafts(root)]).toEqual([[key], []]);
  });

  it('each own their bytes', async () => {
    const { remote, store } = world();
    const { key, bytes } = remoteBlob(remote, 300_000);
    const spoil = async () => {
      const seen: Uint8Array[] = [];
      for await (const chunk of await store.get(key)) {
        seen.push(chunk.slice());
        chunk.fill(0);
      }
      return Buffer.concat(seen).equals(bytes);
    };
    expect(await Promise.all([spoil(), spoil(), spoil()])).toEqual([true, true, true]);
    expect((await readAll(store, key)).equals(bytes)).toBe(true);
  });

  it('do not lose it when the first of them leaves', async () => {
    const { remote, store, root } = world();
    const { key, bytes } = remoteBlob(remote, 300_000);
    const controller = new AbortController();
    const [first, second] = await Promise.all([store.get(key, { signal: controller.signal }), store.get(key)]);
    const leaving = (async () => {
      for await (const _ of first) controller.abort(new Error('gone'));
    })();
    await expect(leaving).rejects.toThrow('gone');
    const chunks: Uint8Array[] = [];
    for await (const chunk of second) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    expect([remote.count('get'), copiesIn(root)]).toEqual([1, [key]]);
  });

  it('all hear that the remote store failed, and the next read begins anew', async () => {
    const { remote, store } = world({ remote: breaking(100_000) });
    const { key, bytes } = remoteBlob(remote, 300_000);
    const read = () =>
      readAll(store, key).then(
        () => 'all of it',
        (error: StoreError) => error.code,
      );
    expect(await Promise.all([read(), read(), read()])).toEqual(['unavailable', 'unavailable', 'unavailable']);
    expect(remote.count('get')).toBe(1);
    remote.get = MemoryStore.prototype.get;
    expect((await readAll(store, key)).equals(bytes)).toBe(true);
  });

  it('all hear that there is no such blob', async () => {
    const { store } = world();
    const { key } = blob(10);
    const read = () => store.get(key).catch((error: StoreError) => error.code);
    expect(await Promise.all([read(), read()])).toEqual(['not-found', 'not-found']);
  });
});

describe('a read in one synchronous call', () => {
  it.each([20_000, 9 * MB])(
    'is offered where the remote store offers it, and keeps a copy of %i bytes',
    async (size) => {
      const { key, bytes } = blob(size);
      let calls = 0;
      const remote: Datastore = Object.assign(new MemoryStore(), {
        getSync: (_: string, { range = { start: 0, end: size } } = {}) => {
          calls += 1;
          return bytes.slice(range.start, range.end);
        },
      });
      const { store, root } = world({ remote });
      const read = (range?: { readonly start: number; readonly end: number }) =>
        Buffer.from(store.getSync?.(key, range && { range }) ?? []);
      for (const _ of [1, 2]) expect(read().equals(bytes)).toBe(true);
      expect(read({ start: 3, end: 5 }).equals(bytes.subarray(3, 5))).toBe(true);
      expect([calls, copiesIn(root)]).toEqual([1, [key]]);
      truncateSync(pathOf(root, key), 5);
      expect(read().equals(bytes)).toBe(true);
      expect(calls).toBe(2);
    },
  );

  it('keeps its copy in another store before that is closed', async () => {
    const { key, bytes } = blob(20_000);
    const remote = Object.assign(new MemoryStore(), { getSync: () => bytes });
    const { local, store } = worldOfStores(1e9, remote);
    store.getSync?.(key);
    await store.close();
    expect(local.keys()).toEqual([key.replace('cas/', 'copies/')]);
  });

  it('is not offered over a remote store that would have to wait', () => {
    expect(world().store.getSync).toBeUndefined();
  });
});

describe('copies in another store', () => {
  it.each([20_000, 9 * MB])('serve a blob of %i bytes and its parts', async (size) => {
    const { remote, local, store } = worldOfStores();
    const { key, bytes } = remoteBlob(remote, size);
    for (const _ of [1, 2]) expect((await readAll(store, key)).equals(bytes)).toBe(true);
    expect((await readAll(store, key, { range: { start: 3, end: 9 } })).equals(bytes.subarray(3, 9))).toBe(true);
    expect(remote.count('get')).toBe(1);
    expect(local.keys()).toEqual([key.replace('cas/', 'copies/')]);
    await store.close();
    expect([remote.closed, local.closed]).toEqual([1, 1]);
  });

  it('are dropped and fetched again when they are damaged', async () => {
    const { remote, local, store } = worldOfStores();
    for (const { key, bytes } of [remoteBlob(remote, 20_000), remoteBlob(remote, 9 * MB, 2)]) {
      await readAll(store, key);
      local.flip(key.replace('cas/', 'copies/'), 5);
      local.objects.set(key.replace('cas/', 'copies/'), {
        bytes: local.bytes(key.replace('cas/', 'copies/')),
        modifiedAt: 0,
      });
      expect((await readAll(store, key)).equals(bytes)).toBe(true);
      expect(remote.count('get', key)).toBe(2);
    }
  });

  it('are dropped by a read of a part when they are damaged', async () => {
    const { remote, local, store } = worldOfStores();
    for (const size of [20_000, 9 * MB]) {
      const { key, bytes } = remoteBlob(remote, size, size);
      await readAll(store, key);
      local.flip(local.keys()[0] ?? '', 5);
      expect((await readAll(store, key, { range: { start: 1, end: 9 } })).equals(bytes.subarray(1, 9))).toBe(true);
      expect(local.keys()).toEqual([]);
    }
  });

  it('are swept to the end before their store is closed', async () => {
    const { remote, local, store } = worldOfStores();
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    local.list = async function* (prefix, options) {
      await gate;
      yield* MemoryStore.prototype.list.call(local, prefix, options);
    };
    await readAll(store, remoteBlob(remote, 1000).key);
    const closing = store.close();
    await settle();
    expect(local.closed).toBe(0);
    release();
    await closing;
    expect(local.closed).toBe(1);
  });

  it('never fail a read or a write, and are warned of once', async () => {
    const { remote, local, store, warnings } = worldOfStores();
    local.fault = () => ({ error: new StoreError('no-space', 'the near store is full') });
    const { key, bytes } = remoteBlob(remote, 20_000);
    expect((await readAll(store, key)).equals(bytes)).toBe(true);
    const other = blob(500, 2);
    await store.put(other.key, inMemory(other.bytes));
    expect(remote.keys()).toContain(other.key);
    await store.delete(key);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('the near store is full');
  });

  it('stay below their size: those written first go first', async () => {
    const { remote, local, store } = worldOfStores(2_000_000);
    for (let i = 0; i < 12; i++) {
      local.now = () => i;
      await readAll(store, remoteBlob(remote, 300_000, i).key);
    }
    await store.close();
    const total = [...local.objects.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
    expect(total).toBeLessThanOrEqual(2_000_000);
    expect(Math.min(...[...local.objects.values()].map(({ modifiedAt }) => modifiedAt))).toBeGreaterThan(4);
  });
});

/** A store whose streams break after so many bytes. */
function breaking(after: number): MemoryStore {
  const remote = new MemoryStore();
  remote.chunkBytes = 50_000;
  remote.get = async (key, options) => {
    const stream = await MemoryStore.prototype.get.call(remote, key, options);
    return (async function* () {
      let size = 0;
      for await (const chunk of stream) {
        if (size >= after) throw new StoreError('unavailable', 'the line is cut', { key });
        size += chunk.length;
        yield chunk;
      }
    })();
  };
  return remote;
}
