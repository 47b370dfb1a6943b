import type { Datastore } from '../../contract/index.ts';

/** The calls a layer changes. */
export type Calls = Pick<Datastore, 'put' | 'get' | 'stat' | 'list' | 'delete'> & {
  readonly copy: NonNullable<Datastore['copy']>;
};

/** A store with other calls: `copy`, `close` and `getSync` are there only if the store below has them. */
export function wrapStore(store: Datastore, calls: Calls): Datastore {
  const { copy, ...required } = calls;
  const close = store.close?.bind(store);
  const getSync = store.getSync?.bind(store);
  return {
    name: store.name,
    capabilities: store.capabilities,
    ...required,
    ...(store.copy && { copy }),
    ...(close && { close }),
    ...(getSync && { getSync }),
  };
}

/** `copy` of a store that a layer knows to have one, because `wrapStore` offers it only then. */
export function copyOf(store: Datastore): NonNullable<Datastore['copy']> {
  return async (from, to, options) => {
    await store.copy?.(from, to, options);
  };
}
