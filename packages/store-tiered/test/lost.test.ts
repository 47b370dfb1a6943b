import { truncateSync, writeFileSync } from 'node:fs';
import { StoreError } from '@varve/core/contract';
import { MemoryStore } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import { blob, copiesIn, inMemory, pathOf, readAll, world, worldOfStores } from './support.ts';

const LARGE = 5_000_000;

/** A blob that was written, and that the remote store has lost since. */
async function lost(size: number, remote = new MemoryStore()) {
  const one = world({ remote });
  const { key, bytes } = blob(size);
  await one.store.put(key, inMemory(bytes));
  remote.objects.delete(key);
  remote.calls.length = 0;
  return { ...one, key, bytes };
}

describe('a blob that the remote store has lost and a copy holds', () => {
  it.each([0, 300_000, LARGE])('is put back when somebody asks whether it is there: %d bytes', async (size) => {
    const { remote, store, key, bytes, warnings } = await lost(size);
    expect(await store.stat(key)).toMatchObject({ key, size });
    expect(Buffer.from(remote.bytes(key)).equals(bytes)).toBe(true);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`the remote store had lost ${key}: it was put back from the copies in the folder`);
    expect(warnings[0]).toContain('varve doctor');
  });

  it('is put back when it is read past the copies', async () => {
    const { remote, store, key, bytes } = await lost(300_000);
    expect((await readAll(store, key, { uncached: true })).equals(bytes)).toBe(true);
    expect(remote.keys()).toEqual([key]);
  });

  it('is put back from copies in another store', async () => {
    const { remote, store } = worldOfStores();
    const { key, bytes } = blob(LARGE);
    await store.put(key, inMemory(bytes));
    remote.objects.delete(key);
    expect(await store.stat(key)).toMatchObject({ size: LARGE });
    expect(Buffer.from(remote.bytes(key)).equals(bytes)).toBe(true);
  });

  it('is put back once for all who ask at the same time', async () => {
    const { remote, store, key } = await lost(300_000);
    const infos = await Promise.all(Array.from({ length: 5 }, () => store.stat(key)));
    expect(infos.map((info) => info?.size)).toEqual(Array(5).fill(300_000));
    expect(remote.count('put')).toBe(1);
  });

  it('replaces nothing that another process has put there meanwhile', async () => {
    const { remote, store, key, bytes } = await lost(300_000);
    remote.fault = ({ call }) => {
      if (call === 'put') remote.objects.set(key, { bytes: bytes.slice(), modifiedAt: 42 });
      return undefined;
    };
    expect(await store.stat(key)).toMatchObject({ modifiedAt: 42 });
  });

  it.each([300_000, LARGE])('stays lost when the copy is damaged: %d bytes', async (size) => {
    const { root, remote, store, key } = await lost(size);
    writeFileSync(pathOf(root, key), blob(size, 2).bytes);
    expect(await store.stat(key)).toBeUndefined();
    await expect(store.get(key, { uncached: true })).rejects.toMatchObject({ code: 'not-found' });
    expect([remote.keys(), copiesIn(root)]).toEqual([[], []]);
  });

  it('stays lost when the copy is cut while it is sent', async () => {
    const { root, remote, store, key } = await lost(LARGE);
    const put = remote.put.bind(remote);
    remote.put = (name, body, options) => {
      const open = async function* () {
        let isFirst = true;
        for await (const chunk of body.open()) {
          if (isFirst) truncateSync(pathOf(root, key), 1_500_000);
          isFirst = false;
          yield chunk;
        }
      };
      return put(name, { size: body.size, open }, options);
    };
    await expect(store.stat(key)).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    expect(remote.keys()).toEqual([]);
    expect(await store.stat(key), 'the next attempt finds the copy damaged').toBeUndefined();
  });

  it('stays lost, with one warning and one attempt, for a user who may only read', async () => {
    const { remote, store, key, bytes, warnings } = await lost(300_000);
    remote.fault = ({ call }) => {
      return call === 'put' ? { error: new StoreError('permission-denied', 'not yours to write') } : undefined;
    };
    for (let i = 0; i < 3; i++) expect(await store.stat(key)).toBeUndefined();
    expect(remote.count('put')).toBe(1);
    expect(warnings).toEqual([
      `the remote store has lost ${key}, and its copy in the folder could not be put back: not yours to write`,
    ]);
    expect((await readAll(store, key)).equals(bytes), 'here it is readable all the same').toBe(true);
  });

  it('lets the caller try again when the remote store cannot take it now', async () => {
    const { remote, store, key } = await lost(300_000);
    remote.fault = ({ call }) => (call === 'put' ? { error: new StoreError('unavailable', 'busy') } : undefined);
    await expect(store.stat(key)).rejects.toMatchObject({ code: 'unavailable' });
    remote.fault = undefined;
    expect(await store.stat(key)).toMatchObject({ size: 300_000 });
  });

  it('does not hold up a caller who gives up, and is there when the store is closed', async () => {
    const { remote, store, key } = await lost(300_000);
    const giveUp = new AbortController();
    let go: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    const put = remote.put.bind(remote);
    remote.put = async (...all) => {
      giveUp.abort(new Error('enough'));
      await held;
      return put(...all);
    };
    await expect(store.stat(key, { signal: giveUp.signal })).rejects.toThrow('enough');
    const closed = store.close();
    go();
    await closed;
    expect(remote.keys()).toEqual([key]);
  });
});

describe('an object that nobody has lost', () => {
  it('costs no more when it is asked for', async () => {
    const { remote, store } = world();
    const { key, bytes } = blob(300_000);
    expect(await store.stat(key), 'never written').toBeUndefined();
    await store.put(key, inMemory(bytes));
    expect(await store.stat(key)).toMatchObject({ size: 300_000 });
    expect(remote.calls.map(({ call }) => call)).toEqual(['stat', 'put', 'stat']);
  });

  it('stays deleted once it was deleted here', async () => {
    const { remote, store } = world();
    const { key, bytes } = blob(300_000);
    await store.put(key, inMemory(bytes));
    await store.delete(key);
    expect(await store.stat(key)).toBeUndefined();
    expect(remote.keys()).toEqual([]);
  });
});
