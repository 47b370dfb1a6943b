import { type CallOptions, type Datastore, StoreError, VarveError } from '../../contract/index.ts';
import { bodyOf, joinBytes, readObject } from './body.ts';

/**
 * Creates an object that must be nobody else's. `false` when the key holds other bytes.
 *
 * A put whose answer was lost is repeated and then meets its own object, so the same bytes count as created: callers
 * put something into them that only they would write. Throws `VARVE_STORE_UNSUITABLE` for a store without a
 * conditional put.
 */
export async function createOnce(
  store: Datastore,
  key: string,
  parts: readonly Uint8Array[],
  options: CallOptions = {},
): Promise<boolean> {
  requireConditionalPut(store);
  try {
    await store.put(key, bodyOf(parts), { ...options, ifAbsent: true });
    return true;
  } catch (error) {
    if (!StoreError.is(error, 'already-exists')) throw error;
  }
  const found = await readObject(store, key, options);
  return found !== undefined && Buffer.compare(found, joinBytes(parts)) === 0;
}

/** Two processes could both believe they were first: no run is written to such a store. */
export function requireConditionalPut(store: Datastore): void {
  if (store.capabilities.conditionalPut) return;
  throw new VarveError('VARVE_STORE_UNSUITABLE', `${store.name} cannot create an object only if it is absent.`, {
    hint: 'Runs need that to number themselves and to fence each other: choose a store whose capabilities say conditionalPut: true.',
  });
}
