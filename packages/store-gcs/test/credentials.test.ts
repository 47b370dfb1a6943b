import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GcsServer } from '@varve/test-servers/gcs';
import { noise } from '@varve/test-servers/wire';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { GcsDatastore } from '../src/datastore.ts';
import type { GcsCredentials } from '../src/index.ts';
import { proxyFor } from '../src/requests/proxy.ts';
import { bodyOf, failure, listAll, NO_PAUSE, open, SHORT, textOf, useServers } from './support.ts';

const start = useServers();
const SECRET = 'subject-token-0123456789';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'varve-gcs-'));
  for (const name of ['GOOGLE_APPLICATION_CREDENTIALS', 'STORAGE_EMULATOR_HOST']) vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** Credentials of a workload identity federation: a token in a file, that the server changes for one of its own. */
function federated(server: GcsServer): GcsCredentials {
  const file = join(folder, 'subject-token');
  writeFileSync(file, SECRET);
  return {
    type: 'external_account',
    audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: `${server.url}/token`,
    credential_source: { file },
  };
}

it('sends a token for the credentials it is given, and asks for one only once', async () => {
  const server = await start({ requireToken: true });
  const store = open(server, { credentials: federated(server) });
  await store.put('a', bodyOf('x'));
  expect(await textOf(store, 'a')).toBe('x');
  await store.put('large', bodyOf(noise(9 * 1024 * 1024)));
  expect(server.access.issued).toBe(1);
  const upload = server.log.filter(({ operation }) => operation === 'put');
  expect(upload.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
});

it('renews a token once for many requests that were refused with it', async () => {
  const server = await start({ requireToken: true });
  const store = open(server, { credentials: federated(server) });
  await store.put('a', bodyOf('x'));
  server.access.revokeAll();
  const texts = await Promise.all(Array.from({ length: 20 }, () => textOf(store, 'a')));
  expect(texts).toEqual(Array(20).fill('x'));
  expect(server.access.issued).toBe(2);
});

it('reads credentials from a file', async () => {
  const server = await start({ requireToken: true });
  const keyFilename = join(folder, 'key.json');
  writeFileSync(keyFilename, JSON.stringify(federated(server)));
  await open(server, { keyFilename }).put('a', bodyOf('x'));
  expect(server.bucket().names()).toEqual(['a']);
});

it('renews a token that the service refuses, once', async () => {
  const server = await start({ requireToken: true });
  const store = open(server, { credentials: federated(server) });
  await store.put('a', bodyOf('x'));
  server.access.revokeAll();
  expect(await textOf(store, 'a')).toBe('x');
  expect(server.access.issued).toBe(2);
});

it('says that no credentials were found, before any request', async () => {
  vi.stubEnv('METADATA_SERVER_DETECTION', 'none');
  vi.stubEnv('CLOUDSDK_CONFIG', folder);
  vi.stubEnv('HOME', folder);
  const server = await start();
  const store = open(server, { apiEndpoint: 'https://storage.googleapis.com' });
  for (const call of [
    () => store.get('a'),
    () => store.put('a', bodyOf('x')),
    () => listAll(store),
    () => store.stat('a'),
  ]) {
    const error = await failure(call() as Promise<unknown>);
    expect(error).toMatchObject({ code: 'permission-denied', retryable: false });
    expect(error.message).toMatch(
      /gs:\/\/bucket: no access token: Could not load the default credentials\..* Run "gcloud auth/,
    );
  }
});

it('sends no credentials that it has found, rather than been given, to another address', async () => {
  const server = await start({ requireToken: true });
  const key = join(folder, 'key.json');
  writeFileSync(key, JSON.stringify(federated(server)));
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', key);
  const error = await failure(open(server).stat('a'));
  expect(error).toMatchObject({ code: 'permission-denied', retryable: false });
  expect(error.message).toContain(
    'Google answered 401 required: Anonymous caller does not have storage.objects.get access.',
  );
  expect(server.access.issued).toBe(0);
});

it('talks to the emulator that the environment names', async () => {
  const server = await start();
  vi.stubEnv('STORAGE_EMULATOR_HOST', server.url);
  await new GcsDatastore({ bucket: 'bucket', clock: NO_PAUSE }).put('a', bodyOf('x'));
  expect(server.bucket().names()).toEqual(['a']);
});

it('says that the service for tokens refuses the credentials', async () => {
  const server = await start({ requireToken: true });
  server.access.refusesTokens = true;
  const error = await failure(open(server, { credentials: federated(server) }).stat('a'));
  expect(error).toMatchObject({ code: 'permission-denied', retryable: false });
  expect(error.message).toContain('invalid_grant');
  expect(server.count('get')).toBe(0);
});

it('waits for the service for tokens in bounded time, and takes its troubles for passing', async () => {
  const server = await start({ requireToken: true });
  const store = () => open(server, { credentials: federated(server), patience: SHORT });
  server.faults.add({ on: 'token', fault: { kind: 'delay', ms: 3000 }, times: 10 });
  const late = await failure(store().stat('a'));
  expect(late).toMatchObject({ code: 'unavailable', retryable: true });
  expect(late.message).toContain('no token within 0.4 s');
  server.faults.clear();
  server.faults.add({ on: 'token', fault: { kind: 'drop' }, times: 10 });
  expect(await failure(store().stat('a'))).toMatchObject({ code: 'unavailable', retryable: true });
});

it('quotes nothing of a credentials file that it cannot read', async () => {
  const server = await start();
  const keyFilename = join(folder, 'key.json');
  const contents = {
    'not JSON': `{"private_key": "${SECRET}`,
    'no key': JSON.stringify({
      type: 'service_account',
      client_email: 'a@b',
      private_key: `-----BEGIN X-----\n${SECRET}`,
    }),
    'no credentials': JSON.stringify({ token: SECRET }),
  };
  for (const [what, text] of Object.entries(contents)) {
    writeFileSync(keyFilename, text);
    const error = await failure(open(server, { keyFilename }).stat('a'));
    expect(error, what).toMatchObject({ code: 'permission-denied', retryable: false });
    expect(error.message, what).toMatch(
      /no access token: .*(?:is whole|key cannot be read|are required)\. Run "gcloud/,
    );
    expect(JSON.stringify([error.message, error.stack, error.cause, { ...error }]), what).not.toContain(SECRET);
  }
  const missing = await failure(open(server, { keyFilename: join(folder, 'none.json') }).stat('a'));
  expect(missing).toMatchObject({ code: 'permission-denied' });
  expect(missing.message).toContain('none.json');
});

it('shows neither token, key nor address of an upload in any error', async () => {
  const server = await start({
    requireToken: true,
    denied: ['insert', 'start', 'get', 'media', 'list', 'delete', 'rewrite'],
  });
  const store = open(server, { credentials: { ...federated(server), client_secret: 'very-secret-0123' } });
  const errors = [
    await failure(store.put('a', bodyOf('x'))),
    await failure(store.put('a', bodyOf(noise(9 * 1024 * 1024)))),
    await failure(store.stat('a')),
    await failure(store.get('a')),
    await failure(listAll(store)),
    await failure(store.delete('a')),
    await failure(store.copy('a', 'b')),
  ];
  for (const error of errors) {
    expect(error).toMatchObject({ code: 'permission-denied', retryable: false });
    expect(error.message).toContain('robot@project.iam.gserviceaccount.com does not have storage.objects.');
    expect(error.message).toContain('Storage Object User');
    const all = JSON.stringify([error.message, error.stack, error.cause, { ...error }]);
    expect(all).not.toMatch(/ya29|Bearer|upload_id|very-secret|subject-token-0/);
  }
});

it('asks the proxy that the environment names for a way to the service', async () => {
  const asked: string[] = [];
  const proxy = createServer().on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 5\r\n\r\nno go');
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
  vi.stubEnv('NO_PROXY', undefined);
  const connection = {
    endpoint: async () => 'https://storage.googleapis.com',
    headers: async () => ({}),
    renew: () => false,
  };
  const error = await failure(new GcsDatastore({ bucket: 'bucket', clock: NO_PAUSE, connection }).stat('a'));
  proxy.close();
  expect(asked).toEqual(['storage.googleapis.com:443']);
  expect(error).toMatchObject({ code: 'unavailable', retryable: true });
});

it('goes through the proxy that the environment names, except where it names exceptions', () => {
  const google = new URL('https://storage.googleapis.com/storage/v1/b');
  const proxy = 'http://proxy.example:3128';
  expect(proxyFor(google, {})).toBeUndefined();
  expect(proxyFor(google, { HTTPS_PROXY: proxy })).toBe(proxy);
  expect(proxyFor(google, { https_proxy: proxy })).toBe(proxy);
  expect(proxyFor(new URL('http://127.0.0.1:4443'), { HTTPS_PROXY: proxy })).toBeUndefined();
  for (const NO_PROXY of [
    '*',
    'storage.googleapis.com',
    '.googleapis.com',
    'localhost, *.googleapis.com',
    'googleapis.com:443',
  ]) {
    expect(proxyFor(google, { HTTPS_PROXY: proxy, NO_PROXY }), NO_PROXY).toBeUndefined();
  }
  for (const NO_PROXY of ['', 'example.com', 'apis.com', 'googleapis.com:8443']) {
    expect(proxyFor(google, { HTTPS_PROXY: proxy, NO_PROXY }), NO_PROXY).toBe(proxy);
  }
});
