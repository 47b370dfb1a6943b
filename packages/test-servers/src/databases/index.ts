/** Redis and Postgres in processes of their own, on a free port of this machine, to kill and to start again. */
export { NO_POSTGRES, startPostgres } from './postgres.ts';
export { NO_REDIS, startRedis } from './redis.ts';
export type { DatabaseProcess } from './server-process.ts';
