import { describeDatastore } from '@varve/conformance/vitest';
import { S3Double } from '@varve/test-servers/s3';
import { afterAll } from 'vitest';
import { storeOn } from './support.ts';

const double = await S3Double.start();
afterAll(() => double.close());

// Each request costs some ms of this process: what moves thousands of objects is left to CI, and lists in pages have tests of
// their own.
const heavy = process.env.CI !== undefined;
describeDatastore('store-s3', () => storeOn(double, { prefix: 'team/varve' }), { heavy, timeoutMs: 600_000 });

// The checks of the SDK that AWS is used with, and a bucket without a prefix.
const checks = { requestChecksumCalculation: 'WHEN_SUPPORTED', responseChecksumValidation: 'WHEN_SUPPORTED' } as const;
describeDatastore('store-s3 with checksums of the SDK', () => storeOn(double, checks), { heavy: false });
