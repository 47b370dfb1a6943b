import type { Datastore, StoreErrorCode } from '@varve/core/contract';
import { type S3DoubleOptions, s3Refusal } from '@varve/test-servers/s3';
import { describe, expect, it, vi } from 'vitest';
import { type S3Reason, type S3StoreOptions, s3Store } from '../src/index.ts';
import { bodyOf, bytesAt, fail, listKeys, open, reasonOf, refusal, storeOn, useStores } from './support.ts';

const { start, startDouble } = useStores();

interface Answer {
  readonly code: StoreErrorCode;
  readonly reason: S3Reason;
  readonly retryable: boolean;
  readonly says: RegExp;
}

const CALLS: readonly (readonly [string, (store: Datastore) => Promise<unknown>])[] = [
  ['put', (store) => store.put('a', bodyOf('x'))],
  ['get', (store) => bytesAt(store, 'a')],
  ['stat', (store) => store.stat('a')],
  ['list', (store) => listKeys(store)],
  ['delete', (store) => store.delete('a')],
];

async function everyCall(store: Datastore, { code, reason, retryable, says }: Answer): Promise<void> {
  for (const [name, call] of CALLS) {
    const error = await refusal(call(store), code);
    expect(reasonOf(error), name).toBe(reason);
    expect(error.retryable, name).toBe(retryable);
    expect(error.message, name).toMatch(says);
    expect(error.message, name).toContain('s3://');
  }
}

describe('every call says what is wrong with', () => {
  const setUps: readonly (readonly [string, S3DoubleOptions, Partial<S3StoreOptions>, Answer])[] = [
    [
      'a wrong secret',
      {},
      { credentials: { accessKeyId: 'double-key', secretAccessKey: 'mistyped' } },
      { code: 'permission-denied', reason: 'wrong-credentials', retryable: false, says: /credentials are wrong/ },
    ],
    [
      'an unknown access key',
      {},
      { credentials: { accessKeyId: 'nobody', secretAccessKey: 'double-secret' } },
      { code: 'permission-denied', reason: 'wrong-credentials', retryable: false, says: /credentials are wrong/ },
    ],
    [
      'a bucket that is not there',
      { buckets: ['other'] },
      {},
      { code: 'unavailable', reason: 'missing-bucket', retryable: false, says: /no bucket "varve".*Create it/ },
    ],
    [
      'another region than that of the bucket',
      { region: 'eu-central-2' },
      { region: 'us-east-1' },
      { code: 'unavailable', reason: 'wrong-region', retryable: false, says: /in eu-central-2, not in us-east-1/ },
    ],
  ];
  // The answer to a HEAD has no body that would say more than "forbidden".
  const bare = ['a wrong secret', 'an unknown access key'];
  for (const [name, doubleOptions, storeOptions, answer] of setUps) {
    it(name, async () => {
      const { store } = await start(doubleOptions, storeOptions);
      if (!bare.includes(name)) return everyCall(store, answer);
      for (const [call, act] of CALLS.filter(([call]) => call !== 'stat')) {
        const error = await refusal(act(store), answer.code);
        expect([call, reasonOf(error)]).toEqual([call, answer.reason]);
        expect(error.message).toMatch(answer.says);
      }
      expect(reasonOf(await refusal(store.stat('a'), 'permission-denied'))).toBe('access-denied');
    });
  }
});

describe('an answer of the service becomes', () => {
  const answers: readonly (readonly [number, string, StoreErrorCode, S3Reason, boolean])[] = [
    [403, 'AccessDenied', 'permission-denied', 'access-denied', false],
    [400, 'ExpiredToken', 'permission-denied', 'expired-credentials', false],
    [400, 'InvalidToken', 'permission-denied', 'wrong-credentials', false],
    [400, 'KMS.NotFoundException', 'permission-denied', 'encryption-key', false],
    [403, 'InvalidObjectState', 'unsupported', 'archived', false],
    [403, 'RequestTimeTooSkewed', 'unavailable', 'clock-off', true],
    [503, 'SlowDown', 'unavailable', 'throttled', true],
    [429, 'TooManyRequests', 'unavailable', 'throttled', true],
    [500, 'InternalError', 'unavailable', 'server-error', true],
    [502, 'BadGateway', 'unavailable', 'server-error', true],
    [400, 'RequestTimeout', 'unavailable', 'stalled', true],
    [409, 'OperationAborted', 'unavailable', 'server-error', true],
    [400, 'EntityTooLarge', 'too-large', 'too-large', false],
    [507, 'InsufficientStorage', 'no-space', 'no-space', false],
    [403, 'QuotaExceeded', 'no-space', 'no-space', false],
    [400, 'BadDigest', 'unavailable', 'transfer-damaged', true],
    [301, 'PermanentRedirect', 'unavailable', 'wrong-region', false],
    [400, 'SomethingNew', 'unexpected', 'unknown', false],
  ];
  for (const [status, name, code, reason, retryable] of answers) {
    it(`${code}, ${retryable ? 'worth' : 'not worth'} a retry: ${status} ${name}`, async () => {
      const { double, store } = await start();
      fail(double, 'GetObject', { kind: 'answer', reply: s3Refusal(status, name, 'said the service') });
      const error = await refusal(store.get('a'), code);
      expect([reasonOf(error), error.retryable, error.key]).toEqual([reason, retryable, 'a']);
      expect(error.cause).toMatchObject({ name, status });
    });
  }
});

it('an answer that is no answer of S3 is told apart from a refusal', async () => {
  const { double, store } = await start();
  const page = { status: 200, headers: { 'content-type': 'text/html' }, body: Buffer.from('<html>Welcome') };
  fail(double, 'ListObjectsV2', { kind: 'answer', reply: page });
  const error = await refusal(listKeys(store), 'unavailable');
  expect(reasonOf(error)).toBe('not-s3');
  expect(error.message).toContain('Check endpoint');
});

it('a server that is not there is named, and worth a retry', async () => {
  const double = await startDouble();
  const { url } = double;
  const store = open(storeOn(double));
  await double.close();
  const error = await refusal(store.get('a'), 'unavailable');
  expect([reasonOf(error), error.retryable]).toEqual(['unreachable', true]);
  expect(error.message).toContain(url);
  await store.close?.();
});

it('a machine without credentials is told where they can come from', async () => {
  const double = await startDouble();
  const none = async () => {
    throw Object.assign(new Error('Could not load credentials from any providers'), {
      name: 'CredentialsProviderError',
    });
  };
  const error = await refusal(open(storeOn(double, { credentials: none })).stat('a'), 'permission-denied');
  expect([reasonOf(error), error.retryable]).toEqual(['no-credentials', false]);
  expect(error.message).toContain('AWS_ACCESS_KEY_ID');
});

it('a machine without a region is told so, before anything is sent', async () => {
  for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) vi.stubEnv(name, '/no/such/file');
  for (const name of ['AWS_REGION', 'AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_S3']) vi.stubEnv(name, undefined);
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const error = await refusal(open(s3Store({ bucket: 'varve', credentials })).stat('a'), 'unavailable');
  expect([reasonOf(error), error.retryable]).toEqual(['no-region', false]);
  expect(error.message).toContain('AWS_REGION');
  vi.unstubAllEnvs();
});

it('a clock that is off is corrected by the retry that varve makes', async () => {
  const { store } = await start({ aheadMs: 60 * 60 * 1000 });
  const error = await refusal(store.put('a', bodyOf('x')), 'unavailable');
  expect([reasonOf(error), error.retryable]).toEqual(['clock-off', true]);
  await store.put('a', bodyOf('x'));
  expect((await bytesAt(store, 'a')).toString()).toBe('x');
});

it('a bucket that exists is looked for once, however many objects are missing', async () => {
  const { double, store } = await start();
  await Promise.all(['a', 'b', 'c'].map((key) => store.stat(key)));
  await store.stat('d');
  expect(double.requests.filter(({ operation }) => operation === 'HeadBucket')).toHaveLength(1);
});

it('who may not ask for the bucket itself is still told that an object is not there', async () => {
  const { double, store } = await start();
  fail(double, 'HeadBucket', { kind: 'answer', reply: s3Refusal(403, 'AccessDenied') });
  expect(await store.stat('a')).toBeUndefined();
});

it('no error holds a secret, whatever it is shown with', async () => {
  const secrets = { secretAccessKey: 'a-very-secret-secret', sessionToken: 'a-very-secret-token' };
  const { double, store } = await start({}, { credentials: { accessKeyId: 'nobody', ...secrets } });
  const errors = await Promise.all(
    CALLS.map(([, call]) =>
      call(store).then(
        () => undefined,
        (reason: unknown) => reason,
      ),
    ),
  );
  const { inspect } = await import('node:util');
  for (const error of errors) {
    const shown = inspect(error, { depth: 10, showHidden: true, getters: true });
    expect(shown).toContain('StoreError');
    for (const secret of Object.values(secrets)) expect(shown).not.toContain(secret);
    expect(shown).not.toMatch(/Signature=|authorization/i);
  }
  expect(double.requests.length).toBeGreaterThan(0);
});
