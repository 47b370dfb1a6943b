/** Redis and Postgres in processes of their own, on a free port of this machine, to kill and to start again. */
export { startPostgres } from './postgres.ts';
export { startRedis } from './redis.ts';
export type { DatabaseProcess } from './server-process.ts';
