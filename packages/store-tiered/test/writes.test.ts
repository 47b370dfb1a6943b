import { StoreError } from '@varve/core/contract';
import { MemoryStore } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import { blob, copiesIn, drafts, inMemory, readAll, remoteBlob, streamed, world } from './support.ts';

const forms = [
  ['in memory', inMemory],
  ['as a stream', streamed],
] as const;

describe.each(forms)('a blob that is written %s', (_, bodyOf) => {
  it('goes to the remote store and to a copy, and is not fetched afterwards', async () => {
    const { root, remote, store } = world();
    const { key, bytes } = blob(300_000);
    await store.put(key, bodyOf(bytes));
    expect(Buffer.from(remote.bytes(key)).equals(bytes)).toBe(true);
    expect(copiesIn(root)).toEqual([key]);
    expect((await readAll(store, key)).equals(bytes)).toBe(true);
    expect(remote.count('get')).toBe(0);
  });

  it('is no copy before the remote store has it', async () => {
    const { root, remote, store } = world();
    const { key, bytes } = blob(300_000);
    let seen: string[] | undefined;
    remote.put = async (...all) => {
      await MemoryStore.prototype.put.apply(remote, all);
      seen = copiesIn(root);
    };
    await store.put(key, bodyOf(bytes));
    expect(seen).toEqual([]);
    expect(copiesIn(root)).toEqual([key]);
  });

  it('leaves no copy when the remote store refuses it', async () => {
    const { root, remote, store } = world();
    const { key, bytes } = blob(300_000);
    remote.fault = () => ({ error: new StoreError('no-space', 'the bucket is full'), after: true });
    await expect(store.put(key, bodyOf(bytes))).rejects.toMatchObject({ code: 'no-space' });
    expect([copiesIn(root), drafts(root)]).toEqual([[], []]);
  });

  it('is copied too when the remote store has it already', async () => {
    const { root, remote, store } = world();
    const { key, bytes } = remoteBlob(remote, 300_000);
    await expect(store.put(key, bodyOf(bytes), { ifAbsent: true })).rejects.toMatchObject({ code: 'already-exists' });
    expect([copiesIn(root), drafts(root)]).toEqual([[key], []]);
  });

  it('is no copy when its bytes are not those of its name', async () => {
    const { root, remote, store } = world();
    const { key } = blob(300_000);
    const { bytes } = blob(300_000, 2);
    await store.put(key, bodyOf(bytes));
    expect(Buffer.from(remote.bytes(key)).equals(bytes), 'what the remote store takes is its own affair').toBe(true);
    expect([copiesIn(root), drafts(root)]).toEqual([[], []]);
  });
});

describe('a body that streams', () => {
  it('leaves no copy when it breaks, and one copy when a store opens it again', async () => {
    const { root, remote, store } = world();
    const { key, bytes } = blob(300_000);
    let opened = 0;
    const whole = streamed(bytes);
    const body = {
      size: bytes.length,
      async *open() {
        opened += 1;
        let left = opened === 1 ? 2 : 100;
        for await (const chunk of whole.open()) {
          if (left-- === 0) throw new StoreError('unavailable', 'the source is slow today');
          yield chunk;
        }
      },
    };
    remote.put = async (...all) => {
      await MemoryStore.prototype.put.apply(remote, all).catch(() => {});
      expect([copiesIn(root), drafts(root)]).toEqual([[], []]);
      await MemoryStore.prototype.put.apply(remote, all);
    };
    await store.put(key, body);
    expect([opened, copiesIn(root), drafts(root)]).toEqual([2, [key], []]);
  });
});

describe('an object that is deleted', () => {
  it('is gone from the remote store and from the copies', async () => {
    const { root, remote, store } = world();
    const { key, bytes } = blob(300_000);
    await store.put(key, inMemory(bytes));
    await store.delete(key);
    expect([remote.keys(), copiesIn(root)]).toEqual([[], []]);
    await expect(store.get(key)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('keeps its copy when the remote store cannot delete it', async () => {
    const { root, remote, store } = world();
    const { key, bytes } = blob(300_000);
    await store.put(key, inMemory(bytes));
    remote.fault = () => ({ error: new StoreError('permission-denied', 'not yours') });
    await expect(store.delete(key)).rejects.toMatchObject({ code: 'permission-denied' });
    expect(copiesIn(root)).toEqual([key]);
  });
});

describe('a tiered store', () => {
  it('has the name and the abilities of the remote store, as they are at the time', () => {
    const { remote, store } = world();
    remote.capabilities = { conditionalPut: false, rangeRead: false, maxObjectBytes: 5 };
    expect([store.name, store.capabilities]).toEqual([remote.name, remote.capabilities]);
  });

  it('copies objects inside the remote store if that can', async () => {
    const remote = new MemoryStore();
    expect(world({ remote }).store.copy).toBeUndefined();
    remote.offerCopy();
    const { store } = world({ remote });
    const { key } = remoteBlob(remote, 100);
    await store.copy?.(key, 'quarantine/a');
    expect(remote.keys()).toEqual([key, 'quarantine/a']);
  });

  it('reads a blob from a remote store without ranges, also when its copy cannot be kept', async () => {
    const remote = new MemoryStore({ capabilities: { rangeRead: false } });
    remote.chunkBytes = 50_000;
    const { store, root } = world({ remote, maxBytes: 500_000 });
    const { key, bytes } = remoteBlob(remote, 300_000);
    const all = await Promise.all([readAll(store, key), readAll(store, key)]);
    for (const one of all) expect(one.equals(bytes)).toBe(true);
    expect([copiesIn(root), drafts(root)]).toEqual([[], []]);
  });

  it('breaks off what is being read when it is closed, and closes the remote store once', async () => {
    const { root, remote, store } = world();
    const { key } = remoteBlob(remote, 300_000);
    const iterator = (await store.get(key))[Symbol.asyncIterator]();
    await iterator.next();
    await Promise.all([store.close(), store.close()]);
    await expect(iterator.next()).rejects.toMatchObject({ code: 'unavailable', retryable: false });
    expect([remote.closed, copiesIn(root), drafts(root)]).toEqual([1, [], []]);
  });
});
