import { type CallOptions, type Datastore, StoreError } from '../../contract/index.ts';
import { quarantineKey } from '../objects/key.ts';

/**
 * Moves a damaged object aside, so that its key is free for a good one and the bad one can be looked at. Returns where
 * it went; `undefined` when it could not be moved, e.g. in a store that may only be read.
 */
export async function moveToQuarantine(
  store: Datastore,
  key: string,
  options: CallOptions = {},
): Promise<string | undefined> {
  const to = quarantineKey(key);
  try {
    const info = await store.stat(key, options);
    if (!info) return undefined;
    if (store.copy) await store.copy(key, to, options);
    else await store.put(to, { size: info.size, open: () => reopen(store, key, options) }, options);
    await store.delete(key, options);
    return to;
  } catch (error) {
    options.signal?.throwIfAborted();
    if (StoreError.is(error)) return undefined;
    throw error;
  }
}

async function* reopen(store: Datastore, key: string, options: CallOptions): AsyncGenerator<Uint8Array> {
  yield* await store.get(key, options);
}
