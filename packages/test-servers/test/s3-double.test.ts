import { S3 } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { S3Double, startS3Process } from '../src/s3/index.ts';

const MIB = 1024 * 1024;
const Bucket = 'varve';
const CHECKED = { requestChecksumCalculation: 'WHEN_SUPPORTED', responseChecksumValidation: 'WHEN_SUPPORTED' } as const;

let double: S3Double;
let s3: S3;
beforeEach(async () => {
  double = await S3Double.start();
  s3 = clientOf(double.url);
});
afterEach(async () => {
  s3.destroy();
  await double.close();
});

function clientOf(endpoint: string, secretAccessKey = 'double-secret'): S3 {
  const credentials = { accessKeyId: 'double-key', secretAccessKey };
  return new S3({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials, maxAttempts: 1, ...CHECKED });
}

async function textOf(Key: string, Range?: string): Promise<string | undefined> {
  const { Body } = await s3.getObject({ Bucket, Key, ...(Range !== undefined && { Range }) });
  return Body?.transformToString();
}

describe('the double of S3 takes', () => {
  it('objects with odd names, and gives them back with what was said of them', async () => {
    const Key = "odd/~ä b+c&d='e'?";
    await s3.putObject({ Bucket, Key, Body: 'text', ContentType: 'text/x-odd', Metadata: { mark: 'one' } });
    expect(await textOf(Key)).toBe('text');
    expect(await s3.headObject({ Bucket, Key })).toMatchObject({
      ContentType: 'text/x-odd',
      Metadata: { mark: 'one' },
    });
    expect(double.keys()).toEqual([Key]);
  });

  it('bodies in the framing of the SDK, without keeping the framing', async () => {
    const { Readable } = await import('node:stream');
    const bytes = Buffer.alloc(300_000, 7);
    const Body = Readable.from([bytes.subarray(0, 1000), bytes.subarray(1000)]);
    await s3.putObject({ Bucket, Key: 'a', Body, ContentLength: bytes.length });
    const answer = await s3.getObject({ Bucket, Key: 'a' });
    expect(Buffer.compare(Buffer.from((await answer.Body?.transformToByteArray()) ?? []), bytes)).toBe(0);
    expect(answer.ContentEncoding).toBeUndefined();
  });

  it('ranges from the start, to the end and of the last bytes', async () => {
    await s3.putObject({ Bucket, Key: 'a', Body: '0123456789' });
    expect(await textOf('a', 'bytes=5-7')).toBe('567');
    expect(await textOf('a', 'bytes=8-99')).toBe('89');
    expect(await textOf('a', 'bytes=8-')).toBe('89');
    expect(await textOf('a', 'bytes=-4')).toBe('6789');
    await expect(textOf('a', 'bytes=10-')).rejects.toMatchObject({ name: 'InvalidRange' });
  });

  it('conditions of writes and reads', async () => {
    const { ETag = '' } = await s3.putObject({ Bucket, Key: 'a', Body: '1', IfNoneMatch: '*' });
    const taken = { $metadata: { httpStatusCode: 412 } };
    await expect(s3.putObject({ Bucket, Key: 'a', Body: '2', IfNoneMatch: '*' })).rejects.toMatchObject(taken);
    await expect(s3.putObject({ Bucket, Key: 'a', Body: '2', IfMatch: '"other"' })).rejects.toMatchObject(taken);
    await s3.putObject({ Bucket, Key: 'a', Body: '2', IfMatch: ETag });
    await expect(s3.getObject({ Bucket, Key: 'a', IfMatch: ETag })).rejects.toMatchObject(taken);
    await expect(s3.putObject({ Bucket, Key: 'b', Body: '2', IfMatch: ETag })).rejects.toMatchObject({
      name: 'NoSuchKey',
    });
  });

  it('lists in pages, in the order of bytes, and by common prefixes', async () => {
    const names = ['B', 'a', 'a/1', 'a/2', 'b/1', 'ä'];
    for (const Key of names) await s3.putObject({ Bucket, Key, Body: Key });
    const found: (string | undefined)[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.listObjectsV2({ Bucket, MaxKeys: 2, ...(ContinuationToken && { ContinuationToken }) });
      found.push(...(page.Contents ?? []).map(({ Key }) => Key));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    expect(found).toEqual(names);
    const folders = await s3.listObjectsV2({ Bucket, Delimiter: '/', Prefix: '' });
    expect(folders.CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(['a/', 'b/']);
    expect((await s3.listObjectsV2({ Bucket, Prefix: 'none' })).Contents).toBeUndefined();
  });

  it('many deletions at once, also of what is not there', async () => {
    for (const Key of ['a', 'b & c', 'd']) await s3.putObject({ Bucket, Key, Body: Key });
    await s3.deleteObjects({ Bucket, Delete: { Objects: ['a', 'b & c', 'none'].map((Key) => ({ Key })) } });
    expect(double.keys()).toEqual(['d']);
  });
});

describe('a bucket of the double', () => {
  it('has the rules it was started with, or none', async () => {
    expect((await s3.getBucketVersioning({ Bucket })).Status).toBeUndefined();
    await expect(s3.getBucketLifecycleConfiguration({ Bucket })).rejects.toMatchObject({
      name: 'NoSuchLifecycleConfiguration',
      $metadata: { httpStatusCode: 404 },
    });
    const lifecycle = '<Rule><ID>a</ID><Status>Enabled</Status><Expiration><Days>3</Days></Expiration></Rule>';
    const ruled = await S3Double.start({ lifecycle, versioning: 'Suspended' });
    const client = clientOf(ruled.url);
    const { Rules } = await client.getBucketLifecycleConfiguration({ Bucket });
    expect(Rules).toEqual([{ ID: 'a', Status: 'Enabled', Expiration: { Days: 3 } }]);
    expect((await client.getBucketVersioning({ Bucket })).Status).toBe('Suspended');
    client.destroy();
    await ruled.close();
  });
});

describe('the double of S3 refuses', () => {
  it('what it was told to', async () => {
    const denying = await S3Double.start({ denied: ['PutObject'] });
    const client = clientOf(denying.url);
    await expect(client.putObject({ Bucket, Key: 'a', Body: 'x' })).rejects.toMatchObject({ name: 'AccessDenied' });
    await client.listObjectsV2({ Bucket });
    client.destroy();
    await denying.close();
  });

  it('a wrong signature, no signature, and bytes that are not those signed for', async () => {
    const wrong = clientOf(double.url, 'mistyped');
    await expect(wrong.listObjectsV2({ Bucket })).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
    expect((await fetch(`${double.url}/varve?list-type=2`)).status).toBe(403);
    s3.middlewareStack.add(
      (next) => (args) => {
        const { request } = args as unknown as { request: { body: unknown } };
        request.body = 'changed on its way';
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    await expect(s3.putObject({ Bucket, Key: 'a', Body: 'as it was signed' })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 400 },
    });
    expect(double.keys()).toEqual([]);
  });

  it('bytes whose checksum or digest is another one', async () => {
    const wrong = Buffer.alloc(32, 1).toString('base64');
    await expect(s3.putObject({ Bucket, Key: 'a', Body: 'x', ChecksumSHA256: wrong })).rejects.toThrow(/did not match/);
    const md5 = Buffer.alloc(16, 1).toString('base64');
    await expect(s3.putObject({ Bucket, Key: 'a', Body: 'x', ContentMD5: md5 })).rejects.toThrow(/did not match/);
    expect(double.keys()).toEqual([]);
  });

  it('parts that are too small, out of order, unknown, or of another upload', async () => {
    const { UploadId } = await s3.createMultipartUpload({ Bucket, Key: 'a', ChecksumAlgorithm: 'CRC32' });
    const upload = { Bucket, Key: 'a', UploadId };
    const send = async (PartNumber: number, size: number) => {
      const Body = Buffer.alloc(size, PartNumber);
      const { ETag, ChecksumCRC32 } = await s3.uploadPart({ ...upload, PartNumber, Body });
      return { PartNumber, ETag, ChecksumCRC32 };
    };
    const [one, two, small] = [await send(1, 5 * MIB), await send(2, 5 * MIB), await send(3, 10)];
    const complete = (...Parts: object[]) => s3.completeMultipartUpload({ ...upload, MultipartUpload: { Parts } });
    await expect(complete(two, one)).rejects.toMatchObject({ name: 'InvalidPartOrder' });
    await expect(complete(one, { ...two, ETag: one.ETag })).rejects.toMatchObject({ name: 'InvalidPart' });
    await expect(complete(one, { ...two, PartNumber: 7 })).rejects.toMatchObject({ name: 'InvalidPart' });
    const last = await send(4, 10);
    await expect(complete(one, small, last)).rejects.toMatchObject({ name: 'EntityTooSmall' });
    await expect(s3.uploadPart({ ...upload, Key: 'b', PartNumber: 1, Body: 'x' })).rejects.toMatchObject({
      name: 'NoSuchUpload',
    });
    await complete(one, two, small);
    expect((await s3.headObject({ Bucket, Key: 'a' })).ContentLength).toBe(10 * MIB + 10);
    await expect(complete(one)).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });

  it('parts without the checksum that the upload was begun with', async () => {
    const { UploadId } = await s3.createMultipartUpload({ Bucket, Key: 'a', ChecksumAlgorithm: 'SHA256' });
    const part = { Bucket, Key: 'a', UploadId, PartNumber: 1, Body: 'x' };
    await expect(s3.uploadPart(part)).rejects.toThrow(/Checksum Type mismatch/);
  });

  it('buckets and objects that are not there, each with the name S3 has for it', async () => {
    await expect(textOf('none')).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(s3.headObject({ Bucket, Key: 'none' })).rejects.toMatchObject({ name: 'NotFound' });
    await expect(s3.getObject({ Bucket: 'none', Key: 'a' })).rejects.toMatchObject({ name: 'NoSuchBucket' });
    await expect(s3.headBucket({ Bucket: 'none' })).rejects.toMatchObject({ name: 'NotFound' });
  });
});

it('a double in a process of its own answers as any other, and is gone when it is killed', async () => {
  const { url, kill } = await startS3Process({ buckets: ['elsewhere'] });
  const client = clientOf(url);
  await client.putObject({ Bucket: 'elsewhere', Key: 'a', Body: 'x' });
  expect((await client.listObjectsV2({ Bucket: 'elsewhere' })).Contents).toHaveLength(1);
  await kill();
  await expect(client.headBucket({ Bucket: 'elsewhere' })).rejects.toMatchObject({
    code: expect.stringMatching(/^ECONN/),
  });
  client.destroy();
});
