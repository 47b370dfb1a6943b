import { tmpdir } from 'node:os';
import { type Datastore, type PluginContext, VarveError } from '@varve/core/contract';
import { describe, expect, it } from 'vitest';
import { gcsStore } from '../src/index.ts';
import { NO_PAUSE } from './support.ts';

async function open(options: unknown): Promise<Datastore> {
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const get = () => Promise.reject(new Error('there is no other part'));
  const context: PluginContext = { logger: silent, clock: NO_PAUSE, projectRoot: tmpdir(), stateDir: tmpdir(), get };
  return gcsStore(options as never).provides.datastore(context);
}

/** What is wrong with options, without the name of the function. */
async function problems(options: unknown): Promise<string[]> {
  try {
    await open(options);
    return [];
  } catch (error) {
    if (!VarveError.is(error, 'VARVE_CONFIG')) throw error;
    expect(error.hint).toBeDefined();
    return error.findings.map(({ message }) => message.replace(/^gcsStore\(\): /, ''));
  }
}

const KEY = 'projects/p/locations/global/keyRings/r/cryptoKeys/k';

describe('the options of gcsStore()', () => {
  it('may be all of those that are documented', async () => {
    const all = {
      bucket: 'my-bucket.example',
      prefix: 'Team_1/a.b=c',
      projectId: 'p-1',
      storageClass: 'STANDARD',
      kmsKeyName: KEY,
      userProject: 'example.com:p-2',
      idleTimeoutMs: 5000,
    };
    expect(await problems({ ...all, keyFilename: 'key.json', apiEndpoint: 'https://storage.example.com/' })).toEqual(
      [],
    );
    expect(await problems({ ...all, credentials: { client_email: 'a@b', private_key: 'k' } })).toEqual([]);
    expect(await problems({ bucket: 'abc', credentials: { type: 'external_account', audience: 'x' } })).toEqual([]);
    expect(await problems({ bucket: 'abc', prefix: undefined, keyFilename: undefined })).toEqual([]);
  });

  it('name the store', async () => {
    expect((await open({ bucket: 'abc' })).name).toBe('gs://abc');
    expect((await open({ bucket: 'abc', prefix: 'x/y' })).name).toBe('gs://abc/x/y');
  });

  it('are all checked at once', async () => {
    const wrong = {
      bukcet: 'abc',
      prefix: '/a',
      storageClass: 'COLD',
      kmsKeyName: 'k',
      projectId: 7,
      userProject: '',
      keyFilename: '',
      apiEndpoint: 'storage.example.com',
      credentials: 'text',
    };
    const found = await problems(wrong);
    expect(found[0]).toBe('"bucket" is missing');
    expect(found[1]).toMatch(/^there is no option "bukcet"; there are bucket, prefix, /);
    const named = [
      'prefix',
      'storageClass',
      'kmsKeyName',
      'projectId',
      'userProject',
      'keyFilename',
      'apiEndpoint',
      'credentials',
    ];
    expect(found.slice(2, -1).map((text) => /^"(\w+)" must be /.exec(text)?.[1])).toEqual(named);
    expect(found.at(-1)).toContain('"keyFilename" and "credentials" say the same');
  });

  it('need a bucket by its bare name', async () => {
    for (const bucket of ['gs://abc', 'abc/def'])
      expect((await problems({ bucket }))[0], bucket).toContain('bare name');
    for (const bucket of ['', 'ab', 'Abc', '-abc', 'abc-', 'a b', 7, null])
      expect(await problems({ bucket }), String(bucket)).toHaveLength(1);
    for (const options of [undefined, null, 'abc', ['abc']])
      expect((await problems(options))[0]).toContain('needs an object');
  });

  it('need a prefix that is a plain folder', async () => {
    for (const prefix of [
      '',
      '/',
      'a/',
      '/a',
      'a//b',
      '.',
      '..',
      'a/../b',
      'a b',
      'ä',
      'a\nb',
      'a?b',
      'a#b',
      'x'.repeat(512),
    ]) {
      expect(await problems({ bucket: 'abc', prefix }), JSON.stringify(prefix)).toHaveLength(1);
    }
  });

  it('must not send credentials unencrypted to another machine', async () => {
    const credentials = { client_email: 'a@b', private_key: 'k' };
    expect((await problems({ bucket: 'abc', credentials, apiEndpoint: 'http://gcs.example.com' }))[0]).toContain(
      'unencrypted',
    );
    expect((await problems({ bucket: 'abc', keyFilename: 'k.json', apiEndpoint: 'http://10.0.0.1:80' }))[0]).toContain(
      'unencrypted',
    );
    for (const apiEndpoint of [
      'http://127.0.0.1:4443',
      'http://localhost:4443',
      'http://[::1]:4443',
      'https://gcs.example.com',
    ]) {
      expect(await problems({ bucket: 'abc', credentials, apiEndpoint }), apiEndpoint).toEqual([]);
    }
    expect(await problems({ bucket: 'abc', apiEndpoint: 'http://gcs:4443' })).toEqual([]);
  });

  it('refuse an address with a user, a query or a fragment', async () => {
    for (const apiEndpoint of [
      'https://u:p@example.com',
      'https://example.com?a=b',
      'https://example.com#a',
      'ftp://example.com',
      'http://',
    ]) {
      expect(await problems({ bucket: 'abc', apiEndpoint }), apiEndpoint).toHaveLength(1);
    }
  });

  it('are never quoted where they may be secret', async () => {
    const secret = 'hunter2-hunter2';
    for (const credentials of [
      secret,
      { private_key: secret },
      { client_email: '', private_key: secret },
      { type: 'service_account', private_key: secret },
    ]) {
      const found = await problems({ bucket: 'abc', credentials, keyFilename: 7 });
      expect(found).toHaveLength(3);
      expect(found.join()).not.toContain(secret);
    }
  });
});
