import type { Datastore, ObjectInfo } from '../../../contract/index.ts';
import { Semaphore } from '../../../store-kit/index.ts';
import { copyOf, wrapStore } from './wrap.ts';

/**
 * Limits the calls under way to `most` reads and `most` writes; the others queue in order. The two are counted apart,
 * because a write whose body is read from the same store would otherwise wait for itself. A stream
 * counts while it is opened and while a chunk is awaited, never while its reader is busy.
 */
export function withLimit(store: Datastore, most: number): Datastore {
  const reads = new Semaphore(most);
  const writes = new Semaphore(most);
  const copy = copyOf(store);
  return wrapStore(store, {
    put: (key, body, o) => writes.pass(() => store.put(key, body, o), o),
    get: async (key, o) => limitChunks(await reads.pass(() => store.get(key, o), o), reads),
    stat: (key, o) => reads.pass(() => store.stat(key, o), o),
    list: (prefix, o) => limitChunks<ObjectInfo>(store.list(prefix, o), reads),
    delete: (key, o) => writes.pass(() => store.delete(key, o), o),
    copy: (from, to, o) => writes.pass(() => copy(from, to, o), o),
  });
}

async function* limitChunks<T>(stream: AsyncIterable<T>, semaphore: Semaphore): AsyncGenerator<T> {
  const iterator = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await semaphore.pass(() => iterator.next());
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}
