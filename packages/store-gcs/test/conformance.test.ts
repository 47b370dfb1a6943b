import { describeDatastore } from '@varve/conformance/vitest';
import { GcsServer } from '@varve/test-servers/gcs';
import { afterAll } from 'vitest';
import { gcsStore } from '../src/index.ts';

const server = await GcsServer.start();
afterAll(() => server.stop());

describeDatastore('store-gcs', () => gcsStore({ bucket: 'bucket', apiEndpoint: server.url }), { timeoutMs: 180_000 });
const inFolder = () => gcsStore({ bucket: 'bucket', prefix: 'Team_1/varve', apiEndpoint: server.url });
describeDatastore('store-gcs in a folder of the bucket', inFolder, { heavy: false });
