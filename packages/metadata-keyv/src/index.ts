/** Keeps the journals of runs in anything Keyv reaches. */
export { type OwnPoolOptions, ownPool, type PostgresPool } from './own-pool.ts';
export { keyv } from './plugin.ts';
export type { KeyvStore, MetadataKeyvOptions } from './settings.ts';
