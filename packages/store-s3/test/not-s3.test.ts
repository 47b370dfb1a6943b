import type { Datastore } from '@varve/core/contract';
import type { S3Double } from '@varve/test-servers/s3';
import { MIB, noise, OTHER_ANSWERS, readAll, typed, WEB_PAGE } from '@varve/test-servers/wire';
import { beforeEach, describe, expect, it } from 'vitest';
import { bodyOf, fail, listKeys, operationsOf, reasonOf, refusal, streamOf, useStores } from './support.ts';

const { start } = useStores();

/** What something between the store and S3 answers instead of it. */
const ANSWERS = [...OTHER_ANSWERS, ['other XML', typed('application/xml', '<ok><a>1</a></ok>')] as const];

const CALLS: readonly (readonly [operation: string, act: (store: Datastore) => Promise<unknown>])[] = [
  ['ListObjectsV2', (store) => listKeys(store)],
  ['PutObject', (store) => store.put('new', bodyOf('x'))],
  ['PutObject', (store) => store.put('new', bodyOf('x'), { ifAbsent: true })],
  ['GetObject', async (store) => readAll(await store.get('a'))],
  ['HeadObject', (store) => store.stat('a')],
  ['CopyObject', (store) => store.copy?.('a', 'b') ?? Promise.resolve()],
  ['CreateMultipartUpload', (store) => store.put('large', streamOf(noise(9 * MIB)))],
  ['UploadPart', (store) => store.put('large', streamOf(noise(9 * MIB)))],
  ['CompleteMultipartUpload', (store) => store.put('large', streamOf(noise(9 * MIB)))],
];

describe('an answer that is not of S3', () => {
  let double: S3Double;
  let store: Datastore;
  beforeEach(async () => {
    ({ double, store } = await start());
    await store.put('a', bodyOf('there'));
    await store.put('conditions', bodyOf('are known'), { ifAbsent: true });
  });

  for (const [what, reply] of ANSWERS) {
    for (const [index, [operation, act]] of CALLS.entries()) {
      it(`is refused: ${what} to ${operation} (${index})`, async () => {
        fail(double, operation, { kind: 'answer', reply }, Number.POSITIVE_INFINITY);
        const error = await refusal(act(store), 'unavailable');
        // The SDK takes this for a failure of S3, which may answer so.
        if ((reply.body?.length ?? 0) === 0 && reply.status < 300 && /^C(?:opy|omplete)/.test(operation)) {
          return expect(reasonOf(error)).toBe('server-error');
        }
        expect(reasonOf(error)).toBe('not-s3');
        expect(error.retryable).toBe(false);
        expect(error.message).toContain('does not answer as S3 does. Check endpoint.');
      });
    }
  }

  for (const [what, reply] of ANSWERS.filter(([, { status }]) => status !== 204)) {
    it(`is refused: ${what} to DeleteObject`, async () => {
      fail(double, 'DeleteObject', { kind: 'answer', reply });
      expect(reasonOf(await refusal(store.delete('a'), 'unavailable'))).toBe('not-s3');
    });
  }

  it('is not taken for a bucket without rules', async () => {
    const reply = WEB_PAGE;
    fail(double, 'GetBucketLifecycleConfiguration', { kind: 'answer', reply });
    expect(reasonOf(await refusal(store.inspect?.() ?? Promise.resolve(), 'unavailable'))).toBe('not-s3');
    fail(double, 'GetBucketVersioning', { kind: 'answer', reply });
    expect(reasonOf(await refusal(store.inspect?.() ?? Promise.resolve(), 'unavailable'))).toBe('not-s3');
  });

  it('may have been given after the write, which is then known as its own', async () => {
    const body = bodyOf('mine');
    const reply = WEB_PAGE;
    fail(double, 'PutObject', { kind: 'answer', reply });
    await refusal(store.put('new', body, { ifAbsent: true }), 'unavailable');
    await store.put('new', body, { ifAbsent: true });
    expect(operationsOf(double)).toContain('PutObject');
  });

  it('ends a list that goes on nowhere', async () => {
    const page =
      '<ListBucketResult><Name>varve</Name><KeyCount>0</KeyCount><IsTruncated>true</IsTruncated></ListBucketResult>';
    const reply = { status: 200, headers: { 'content-type': 'application/xml' }, body: Buffer.from(page) };
    fail(double, 'ListObjectsV2', { kind: 'answer', reply });
    expect(reasonOf(await refusal(listKeys(store), 'unavailable'))).toBe('not-s3');
  });
});
