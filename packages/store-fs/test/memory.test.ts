import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { FsDatastore } from '../src/datastore.ts';
import { useFolders } from './support.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const folder = useFolders();

const CHUNKS = 64;
const SIZE = 64 * 1024;

describe('writing a large object to store-fs', () => {
  it.each([
    ['without a signal', {}],
    ['with a signal', { signal: new AbortController().signal }],
  ])('lets go of each chunk once it is on disk, %s', async (_, options) => {
    const chunks: WeakRef<Uint8Array>[] = [];
    let alive = CHUNKS;
    async function* open() {
      for (let i = 0; i < CHUNKS; i++) {
        const chunk = new Uint8Array(SIZE).fill(i);
        chunks.push(new WeakRef(chunk));
        yield chunk;
      }
      await new Promise((resolve) => setImmediate(resolve));
      collect();
      alive = chunks.filter((chunk) => chunk.deref() !== undefined).length;
    }
    const store = new FsDatastore({ root: folder() });
    await store.put('large', { size: CHUNKS * SIZE, open }, options);
    expect(alive).toBeLessThan(8);
  });
});
