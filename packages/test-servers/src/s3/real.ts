import { S3 } from '@aws-sdk/client-s3';

/** A server that is no double, with a bucket for tests. */
export interface RealS3 {
  readonly url: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export const NO_REAL_S3 =
  'there is no real S3 server: `node scripts/test-servers/radosgw.mjs start` starts one and prints the variables to set';

/**
 * The server that `VARVE_TEST_S3_ENDPOINT` and its sisters name, with a fresh bucket in it. `undefined` when they are not set;
 * throws then where tests on servers are wanted: `VARVE_TEST_SERVERS=1`.
 */
export async function realS3(env = process.env): Promise<RealS3 | undefined> {
  const { VARVE_TEST_S3_ENDPOINT: url, VARVE_TEST_S3_KEY: accessKeyId, VARVE_TEST_S3_SECRET: secretAccessKey } = env;
  if (url === undefined || accessKeyId === undefined || secretAccessKey === undefined) {
    if (env.VARVE_TEST_SERVERS === '1') throw new Error(NO_REAL_S3);
    return undefined;
  }
  const bucket = `varve-${process.pid}-${Date.now().toString(36)}`;
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3({ endpoint: url, region: 'us-east-1', forcePathStyle: true, credentials });
  await client.createBucket({ Bucket: bucket });
  client.destroy();
  return { url, bucket, accessKeyId, secretAccessKey };
}
