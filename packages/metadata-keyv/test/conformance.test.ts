import { KeyvPostgres } from '@keyv/postgres';
import KeyvRedis from '@keyv/redis';
import { describeMetadata } from '@varve/conformance/vitest';
import { NO_POSTGRES, NO_REDIS, startPostgres, startRedis } from '@varve/test-servers/databases';
import pg from 'pg';
import { afterAll, it } from 'vitest';
import { keyv, ownPool } from '../src/index.ts';

const map = new Map();
describeMetadata('metadata-keyv on a Map', () => keyv({ store: map }));

const redis = await startRedis();
const postgres = await startPostgres();
afterAll(async () => {
  await redis?.close();
  await postgres?.close();
});

if (!redis) it('metadata-keyv on Redis', ({ skip }) => skip(NO_REDIS));
else {
  const store = () => new KeyvRedis({ url: redis.url, disableOfflineQueue: true });
  describeMetadata('metadata-keyv on Redis', () => keyv({ store }));
}

if (!postgres) it('metadata-keyv on Postgres', ({ skip }) => skip(NO_POSTGRES));
else {
  const store = () => ownPool(KeyvPostgres, new pg.Pool({ connectionString: postgres.url }));
  describeMetadata('metadata-keyv on Postgres', () => keyv({ store }));
}
