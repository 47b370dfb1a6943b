/** Keeps the journals of runs in anything Keyv reaches. */
export { type KeyvStore, keyv, type MetadataKeyvOptions } from './plugin.ts';
export { type OwnPoolOptions, ownPool, type PostgresPool } from './own-pool.ts';
