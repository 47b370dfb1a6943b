import { describeDatastore } from '@varve/conformance/vitest';
import { httpStore } from '../src/index.ts';
import { startServer } from './server.ts';

const url = await startServer();
describeDatastore('http-store', () => httpStore({ url }));
