import { describeDatastore } from '@varve/conformance/vitest';
import { NO_REAL_S3, realS3 } from '@varve/test-servers/s3';
import { MIB, noise } from '@varve/test-servers/wire';
import { describe, expect, it } from 'vitest';
import { s3Store } from '../src/index.ts';
import { bodyOf, bytesAt, listKeys, open, refusal, streamOf } from './support.ts';

const real = await realS3();

if (real === undefined) it('store-s3 on a real server', ({ skip }) => skip(NO_REAL_S3));
else {
  const { url: endpoint, bucket, accessKeyId, secretAccessKey } = real;
  const options = { bucket, endpoint, region: 'us-east-1', credentials: { accessKeyId, secretAccessKey } };
  const openStore = (more: object = {}) => open(s3Store({ ...options, prefix: 'real', ...more }));

  describeDatastore('store-s3 on a real server', () => s3Store({ ...options, prefix: 'kit' }), { timeoutMs: 600_000 });

  describe('a real server', () => {
    it('takes large objects in parts, and keeps nothing of one that fails', async () => {
      const store = openStore();
      const bytes = noise(25 * MIB + 3);
      await store.put('large', streamOf(bytes));
      expect(Buffer.compare(await bytesAt(store, 'large'), bytes)).toBe(0);
      await refusal(store.put('short', { ...streamOf(bytes), size: bytes.length + 1 }), 'corrupt');
      expect(await store.stat('short')).toBeUndefined();
      await store.close?.();
    });

    it('takes prefixes that URLs have to encode', async () => {
      const store = openStore({ prefix: "Team=1/a+b!*'()@c" });
      await store.put('runs/a', bodyOf('x'), { ifAbsent: true });
      await store.copy?.('runs/a', 'runs/b');
      expect(await listKeys(store, 'runs/')).toEqual(['runs/a', 'runs/b']);
      await store.close?.();
    });

    it('keeps the mark by which a store knows its own write', async () => {
      const store = openStore();
      await store.put('marked', bodyOf('x'), { ifAbsent: true });
      const { S3 } = await import('@aws-sdk/client-s3');
      const client = new S3({ ...options, forcePathStyle: true });
      const { Metadata } = await client.headObject({ Bucket: bucket, Key: 'real/marked' });
      expect(Metadata?.['varve-write']).toMatch(/^[0-9a-f-]{36}$/);
      client.destroy();
      await store.close?.();
    });

    it('says what rules its bucket has', async () => {
      const Bucket = `${bucket}-rules`;
      const { S3 } = await import('@aws-sdk/client-s3');
      const client = new S3({ ...options, forcePathStyle: true });
      await client.createBucket({ Bucket });
      const store = openStore({ bucket: Bucket });
      const statuses = async () => (await store.inspect?.())?.map(({ about, status }) => `${about} ${status}`);
      expect(await statuses()).toEqual(['lifecycle warning', 'versioning ok']);
      const Rules = [{ ID: 'a', Status: 'Enabled' as const, Filter: { Prefix: 'real/' }, Expiration: { Days: 30 } }];
      await client.putBucketLifecycleConfiguration({ Bucket, LifecycleConfiguration: { Rules } });
      await client.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Enabled' } });
      expect(await statuses()).toEqual(['lifecycle problem', 'versioning warning']);
      client.destroy();
      await store.close?.();
    });

    it('refuses wrong keys and names a bucket that is not there', async () => {
      const wrong = openStore({ credentials: { accessKeyId, secretAccessKey: 'mistyped' } });
      expect((await refusal(listKeys(wrong), 'permission-denied')).message).toContain('credentials are wrong');
      const nowhere = openStore({ bucket: 'no-such-bucket-here' });
      expect((await refusal(nowhere.stat('a'), 'unavailable')).message).toContain('no bucket "no-such-bucket-here"');
      expect((await refusal(nowhere.put('a', bodyOf('x')), 'unavailable')).message).toContain('no bucket');
    });
  });
}
