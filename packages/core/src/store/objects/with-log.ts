import { type Clock, type Datastore, type Logger, StoreError } from '../../contract/index.ts';
import { copyOf, wrapStore } from './wrap.ts';

/** Tells a logger of every call, at level debug: which, on what key, how long in ms, and how it failed. */
export function withLog(store: Datastore, logger: Logger, clock: Clock): Datastore {
  const told = async <T>(call: string, key: string, action: () => Promise<T>): Promise<T> => {
    const start = clock.now();
    const say = (outcome: object) =>
      logger.debug(`${store.name} ${call} ${key}`, { call, key, ms: clock.now() - start, ...outcome });
    try {
      const result = await action();
      say({});
      return result;
    } catch (error) {
      say({ error: StoreError.is(error) ? error.code : String(error) });
      throw error;
    }
  };
  const copy = copyOf(store);
  return wrapStore(store, {
    put: (key, body, o) => told('put', key, () => store.put(key, body, o)),
    get: (key, o) => told('get', key, () => store.get(key, o)),
    stat: (key, o) => told('stat', key, () => store.stat(key, o)),
    list: (prefix, o) => {
      logger.debug(`${store.name} list ${prefix}`, { call: 'list', key: prefix });
      return store.list(prefix, o);
    },
    delete: (key, o) => told('delete', key, () => store.delete(key, o)),
    copy: (from, to, o) => told('copy', from, () => copy(from, to, o)),
  });
}
