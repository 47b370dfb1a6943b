import type { Datastore } from '../../../contract/index.ts';

/** The calls that a layer replaces. */
export type Calls = Pick<Datastore, 'put' | 'get' | 'stat' | 'list' | 'delete'> & {
  readonly copy: NonNullable<Datastore['copy']>;
};

/** Replaces the calls of a store. `copy`, `close` and `getSync` exist only if the store below has them. */
export function wrapStore(store: Datastore, calls: Calls): Datastore {
  const { copy, ...required } = calls;
  const close = store.close?.bind(store);
  const getSync = store.getSync?.bind(store);
  return {
    name: store.name,
    // A store may find out only later what its server can do.
    get capabilities() {
      return store.capabilities;
    },
    ...required,
    ...(store.copy && { copy }),
    ...(close && { close }),
    ...(getSync && { getSync }),
  };
}

/** Calls `copy` of the store below. Layers may rely on it, because `wrapStore` offers `copy` only if there is one. */
export function copyOf(store: Datastore): NonNullable<Datastore['copy']> {
  return async (from, to, options) => {
    await store.copy?.(from, to, options);
  };
}
