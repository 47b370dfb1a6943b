import { type Datastore, VarveError } from '@varve/core/contract';
import { MIB, noise } from '@varve/test-servers/wire';
import { describe, expect, it } from 'vitest';
import { type S3StoreOptions, s3Store } from '../src/index.ts';
import { readOptions } from '../src/options.ts';
import { bodyOf, bytesAt, fail, keysOf, listKeys, open, operationsOf, streamOf, useStores } from './support.ts';

const { start, startDouble, openOn } = useStores();

function findingsOf(options: unknown): string[] {
  try {
    open(s3Store(options as S3StoreOptions));
  } catch (error) {
    if (VarveError.is(error, 'VARVE_CONFIG')) return error.findings.map(({ message }) => message);
    throw error;
  }
  return [];
}

describe('options that cannot be used', () => {
  it('are all reported at once, and name what there is', () => {
    const findings = findingsOf({ bucket: 's3://acme', preffix: 'x', region: 7, prefix: '/team', idleTimeoutMs: 0 });
    expect(findings).toHaveLength(5);
    const text = findings.join('\n');
    expect(text).toMatch(/has no option preffix/);
    for (const name of ['bucket', 'region', 'prefix', 'idleTimeoutMs']) expect(text).toContain(`: ${name} has to be`);
  });

  const wrong: readonly (readonly [string, object])[] = [
    ['a prefix of dots', { prefix: 'a/../b' }],
    ['a prefix with an empty part', { prefix: 'a//b' }],
    ['a prefix that could hide the store of another', { prefix: 'a~b' }],
    ['an endpoint that is no URL', { endpoint: 'localhost:9000' }],
    ['an endpoint of another protocol', { endpoint: 'ftp://example.org' }],
    ['a storage class that cannot be read at once', { storageClass: 'DEEP_ARCHIVE' }],
    ['a directory bucket', { bucket: 'fast--use1-az4--x-s3' }],
    ['credentials without a secret', { credentials: { accessKeyId: 'a' } }],
    ['credentials of another shape', { credentials: { user: 'a', password: 'b' } }],
    ['an unknown checksum mode', { requestChecksumCalculation: 'ALWAYS' }],
    ['an unknown encryption', { encryption: { algorithm: 'rot13' } }],
    ['a KMS key without KMS', { encryption: { algorithm: 'AES256', kmsKeyId: 'k' } }],
    ['a flag that is none', { forcePathStyle: 'yes' }],
  ];
  for (const [what, options] of wrong) {
    it(`are refused: ${what}`, () => {
      expect(findingsOf({ bucket: 'varve', ...options })).toHaveLength(1);
      expect(findingsOf({ bucket: 'varve' })).toEqual([]);
    });
  }

  it('are refused without what is secret in them', () => {
    const secret = 'hunter2-hunter2';
    const text = [
      ...findingsOf({ bucket: 'varve', endpoint: `https://me:${secret}@example.org` }),
      ...findingsOf({ bucket: 'varve', credentials: { accessKeyId: 'a', secretAccessKey: secret, extra: secret } }),
      ...findingsOf({ bucket: 'varve', credentials: secret }),
    ].join('\n');
    expect(text).toContain('endpoint');
    expect(text).not.toContain(secret);
  });

  it('are refused when none are given', () => {
    expect(findingsOf(undefined)).toHaveLength(1);
    expect(findingsOf({})).toHaveLength(1);
  });
});

describe('what is left out', () => {
  it('is the SDK’s own business with AWS', () => {
    const settings = readOptions({ bucket: 'varve' }, {});
    expect(settings).toEqual({ bucket: 'varve', prefix: '', idleTimeoutMs: 30_000, isAws: true });
  });

  it('is what other servers want with an endpoint, from the options or the environment', () => {
    const wanted = {
      forcePathStyle: true,
      region: 'us-east-1',
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      isAws: false,
    };
    const endpoint = 'http://127.0.0.1:9000';
    expect(readOptions({ bucket: 'varve', endpoint }, {})).toMatchObject(wanted);
    expect(readOptions({ bucket: 'varve' }, { AWS_ENDPOINT_URL: endpoint })).toMatchObject({ ...wanted, endpoint });
    const env = { AWS_ENDPOINT_URL_S3: endpoint, AWS_ENDPOINT_URL: 'http://other', AWS_REGION: 'eu-west-1' };
    expect(readOptions({ bucket: 'varve' }, env)).toMatchObject({ ...wanted, endpoint, region: 'eu-west-1' });
  });

  it('can be said all the same', () => {
    const said = {
      forcePathStyle: false,
      region: 'garage',
      requestChecksumCalculation: 'WHEN_SUPPORTED',
      responseChecksumValidation: 'WHEN_SUPPORTED',
    } as const;
    expect(readOptions({ bucket: 'varve', endpoint: 'https://objects.example.org', ...said }, {})).toMatchObject(said);
  });

  it('stays with AWS when the endpoint is one of AWS', () => {
    const endpoint = 'https://bucket.vpce-1.s3.eu-west-1.vpce.amazonaws.com';
    expect(readOptions({ bucket: 'varve', endpoint }, {})).toMatchObject({ isAws: true });
    expect(readOptions({ bucket: 'varve', endpoint }, {}).forcePathStyle).toBeUndefined();
  });
});

it('encryption and storage class go with every object, however it is written', async () => {
  const encryption = { algorithm: 'aws:kms', kmsKeyId: 'key-1', bucketKey: true } as const;
  const { double, store } = await start({}, { encryption, storageClass: 'STANDARD_IA' });
  await store.put('plain', bodyOf('x'));
  await store.put('created', bodyOf('x'), { ifAbsent: true });
  await store.put('large', streamOf(noise(9 * MIB)));
  await store.copy?.('plain', 'copied');
  for (const key of ['plain', 'created', 'large', 'copied']) {
    expect(double.headersOf(key), key).toMatchObject({
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'key-1',
      'x-amz-server-side-encryption-bucket-key-enabled': 'true',
      'x-amz-storage-class': 'STANDARD_IA',
    });
  }
});

it('credentials may be shared by stores: nothing is written into them', async () => {
  const double = await startDouble();
  const { accessKeyId, secretAccessKey } = double.account;
  const credentials = Object.freeze({ accessKeyId, secretAccessKey });
  for (const key of ['a', 'b']) await openOn(double, { credentials }).put(key, bodyOf('x'));
  expect(keysOf(double)).toEqual(['a', 'b']);
});

it('credentials may come from a function, for instance one that renews them', async () => {
  const double = await startDouble({ sessionToken: 'token-1' });
  const { accessKeyId, secretAccessKey } = double.account;
  const store = openOn(double, {
    credentials: async () => ({ accessKeyId, secretAccessKey, sessionToken: 'token-1' }),
  });
  await store.put('a', bodyOf('x'));
  expect(await listKeys(store)).toEqual(['a']);
});

it('credentials that end soon are asked for again, others are not', async () => {
  const double = await startDouble();
  const { accessKeyId, secretAccessKey } = double.account;
  let calls = 0;
  const renewed = (expiration?: Date) => async () => {
    calls += 1;
    return { accessKeyId, secretAccessKey, ...(expiration && { expiration }) };
  };
  const useTwice = async (store: Datastore): Promise<number> => {
    calls = 0;
    await store.put('a', bodyOf('x'));
    await store.put('a', bodyOf('y'));
    return calls;
  };
  expect(await useTwice(openOn(double, { credentials: renewed() }))).toBe(1);
  expect(await useTwice(openOn(double, { credentials: renewed(new Date(Date.now() + 1000)) }))).toBeGreaterThan(1);
});

describe('stores of one bucket', () => {
  it('may have prefixes that URLs have to encode', async () => {
    const { store } = await start({}, { prefix: "Team=1/a+b!*'()@c" });
    await store.put('runs/a', bodyOf('x'), { ifAbsent: true });
    await store.copy?.('runs/a', 'runs/b');
    expect(await listKeys(store, 'runs/')).toEqual(['runs/a', 'runs/b']);
    expect((await bytesAt(store, 'runs/b')).toString()).toBe('x');
  });

  it('never see each other when their prefixes differ, even when one is the start of the other', async () => {
    const { double } = await start();
    const stores = ['team', 'team2', 'team/nested', 'Team'].map((prefix) => openOn(double, { prefix }));
    for (const [index, store] of stores.entries()) {
      if (index !== 2) await store.put('runs/a', bodyOf(`store ${index}`), { ifAbsent: true });
    }
    for (const [index, store] of stores.entries()) {
      expect(await listKeys(store, 'runs/')).toEqual(index === 2 ? [] : ['runs/a']);
    }
    await stores[0]?.delete('runs/a');
    expect(keysOf(double)).toEqual(['Team/runs/a', 'team2/runs/a']);
  });

  it('are the same whether or not the prefix ends in a slash', async () => {
    const { double, store } = await start({}, { prefix: 'team/' });
    await store.put('a', bodyOf('x'));
    expect(await listKeys(openOn(double, { prefix: 'team' }))).toEqual(['a']);
    expect(store.name).toBe('s3://varve/team');
  });

  it('do not list what others have put between their objects', async () => {
    const { double, store } = await start();
    await store.put('a', bodyOf('x'), { ifAbsent: true });
    await openOn(double, { prefix: 'Reports' }).put('january', bodyOf('theirs'));
    expect(keysOf(double)).toEqual(['Reports/january', 'a']);
    expect(await listKeys(store)).toEqual(['a']);
  });
});

describe('a server that does not keep the condition of a write', () => {
  for (const conditions of ['ignored', 'refused'] as const) {
    it(`is found out before anything is written, and the capability says so: ${conditions}`, async () => {
      const { double, store } = await start({ conditions });
      await store.put('a', bodyOf('theirs'));
      expect(store.capabilities.conditionalPut).toBe(true);
      const put = store.put('a', bodyOf('mine'), { ifAbsent: true });
      await expect(put).rejects.toMatchObject({ code: 'unsupported', retryable: false });
      await expect(put).rejects.toThrow(/cannot create an object only if it is absent.*Use a server that keeps it/);
      expect(store.capabilities.conditionalPut).toBe(false);
      expect((await bytesAt(store, 'a')).toString()).toBe('theirs');
      expect(keysOf(double)).toEqual(['a']);
    });
  }

  it('is asked twice in a new bucket, and once by every later process', async () => {
    const { double, store } = await start();
    await Promise.all(['a', 'b', 'c'].map((key) => store.put(key, bodyOf(key), { ifAbsent: true })));
    const asked = () => double.requests.filter(({ key }) => key.startsWith('~probe')).map(({ operation }) => operation);
    expect(asked()).toEqual(['PutObject', 'PutObject']);
    const later = openOn(double);
    await later.put('d', bodyOf('d'), { ifAbsent: true });
    expect(asked()).toEqual(['PutObject', 'PutObject', 'PutObject']);
  });

  it('is asked again when the question could not be put', async () => {
    const { double, store } = await start();
    double.faults.add({ on: ({ key }) => key.startsWith('~probe'), fault: { kind: 'drop' } });
    await expect(store.put('a', bodyOf('x'), { ifAbsent: true })).rejects.toMatchObject({ retryable: true });
    await store.put('a', bodyOf('x'), { ifAbsent: true });
    expect(store.capabilities.conditionalPut).toBe(true);
  });
});

it('the store asks for no more than the rights its README lists', async () => {
  const { double, store } = await start();
  await store.put('a', bodyOf('x'), { ifAbsent: true });
  await store.put('large', streamOf(noise(9 * MIB)));
  fail(double, 'UploadPart', { kind: 'drop' }, 99);
  await expect(store.put('never', streamOf(noise(9 * MIB)))).rejects.toThrow();
  double.faults.clear();
  await bytesAt(store, 'a');
  await store.stat('none');
  await listKeys(store);
  await store.copy?.('a', 'b');
  await store.delete('b');
  const rights: Readonly<Record<string, string>> = {
    PutObject: 's3:PutObject',
    CreateMultipartUpload: 's3:PutObject',
    UploadPart: 's3:PutObject',
    CompleteMultipartUpload: 's3:PutObject',
    CopyObject: 's3:PutObject',
    AbortMultipartUpload: 's3:AbortMultipartUpload',
    GetObject: 's3:GetObject',
    HeadObject: 's3:GetObject',
    DeleteObject: 's3:DeleteObject',
    ListObjectsV2: 's3:ListBucket',
    HeadBucket: 's3:ListBucket',
  };
  const used = new Set(operationsOf(double).map((name) => rights[name] ?? name));
  const { readFileSync } = await import('node:fs');
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const granted = new Set(readme.match(/s3:[A-Z]\w+(?=")/g));
  expect([...used].sort()).toEqual([...granted].sort());
});
