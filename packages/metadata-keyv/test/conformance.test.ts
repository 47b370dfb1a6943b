import { KeyvPostgres } from '@keyv/postgres';
import KeyvRedis from '@keyv/redis';
import { describeMetadata } from '@varve/conformance/vitest';
import { startPostgres, startRedis } from '@varve/test-servers/databases';
import pg from 'pg';
import { afterAll } from 'vitest';
import { keyv, ownPool } from '../src/index.ts';

const map = new Map();
describeMetadata('metadata-keyv on a Map', () => keyv({ store: map }));

const redis = await startRedis();
const postgres = await startPostgres();
afterAll(async () => {
  await redis?.close();
  await postgres?.close();
});
if (redis !== undefined)
  describeMetadata('metadata-keyv on Redis', () =>
    keyv({ store: () => new KeyvRedis({ url: redis.url, disableOfflineQueue: true }) }),
  );
if (postgres !== undefined)
  describeMetadata('metadata-keyv on Postgres', () =>
    keyv({ store: () => ownPool(KeyvPostgres, new pg.Pool({ connectionString: postgres.url })) }),
  );
