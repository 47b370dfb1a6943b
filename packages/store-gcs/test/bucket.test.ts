import { noise, readAll } from '@varve/test-servers/wire';
import { expect, it } from 'vitest';
import { bodyOf, failure, listAll, open, seed, textOf, useServers } from './support.ts';

const start = useServers();

it('says of every call that there is no such bucket, and never that there is no such object', async () => {
  const server = await start();
  const store = open(server, { bucket: 'other' });
  const calls = {
    put: () => store.put('a', bodyOf('x')),
    'large put': () => store.put('a', bodyOf(noise(9 * 1024 * 1024))),
    'conditional put': () => store.put('a', bodyOf('x'), { ifAbsent: true }),
    get: () => store.get('a'),
    'empty range': () => store.get('a', { range: { start: 0, end: 0 } }),
    stat: () => store.stat('a'),
    list: () => listAll(store),
    delete: () => store.delete('a'),
    copy: () => store.copy('a', 'b'),
  };
  for (const [name, call] of Object.entries(calls)) {
    const error = await failure(call() as Promise<unknown>);
    expect(error, name).toMatchObject({ code: 'unavailable', retryable: false });
    expect(error.message, name).toMatch(
      /gs:\/\/other\. There is no bucket "other"\. Create it, or correct bucket or apiEndpoint\. \(Google answered 404 /,
    );
  }
});

it('tells a missing object from a missing bucket even when the service words it otherwise', async () => {
  const server = await start();
  const store = open(server);
  server.faults.add({ on: 'get', fault: { kind: 'refuse', status: 404 } });
  expect(await store.stat('a')).toBeUndefined();
  expect(server.log.map(({ operation }) => operation)).toEqual(['get', 'list']);
});

it('says who should pay for a bucket whose requesters pay, and sends the project when it is given', async () => {
  const server = await start({ requesterPays: true });
  const error = await failure(open(server).put('a', bodyOf('x')));
  expect(error).toMatchObject({ code: 'permission-denied' });
  expect(error.message).toContain('Say who pays with the option "userProject".');
  const store = open(server, { userProject: 'payer-1' });
  await store.put('a', bodyOf('x'));
  await store.put('large', bodyOf(noise(9 * 1024 * 1024)));
  await store.copy('a', 'b');
  expect(await textOf(store, 'b')).toBe('x');
  expect((await listAll(store)).map(({ key }) => key)).toEqual(['a', 'b', 'large']);
  await store.delete('b');
});

it('says that a retention policy keeps an object', async () => {
  const server = await start();
  server.faults.add({ on: 'delete', fault: { kind: 'refuse', status: 403, reason: 'retentionPolicyNotMet' } });
  const error = await failure(open(server).delete('a'));
  expect(error).toMatchObject({ code: 'permission-denied' });
  expect(error.message).toContain('retention policy');
});

it('names an answer that it has no name for, in the words of the service, on one line', async () => {
  const server = await start();
  server.faults.add({ on: 'insert', fault: { kind: 'refuse', status: 418, reason: 'teapot' } });
  const error = await failure(open(server).put('a/b', bodyOf('x')));
  expect(error).toMatchObject({ code: 'unexpected', retryable: false, key: 'a/b' });
  expect(error.message).toBe(
    'Cannot write "a/b" in gs://bucket: Google answered 418 teapot: We encountered an internal error.',
  );
});

it('gives new objects the storage class and the key that were asked for, also those in pieces and copies', async () => {
  const server = await start();
  const kmsKeyName = 'projects/p/locations/eu/keyRings/r/cryptoKeys/k';
  const store = open(server, { storageClass: 'NEARLINE', kmsKeyName });
  await store.put('a', bodyOf('x'));
  await store.put('large', bodyOf(noise(9 * 1024 * 1024)));
  await store.copy('a', 'copy');
  for (const name of ['a', 'large', 'copy']) {
    const object = server.bucket().peek(name);
    expect(object?.resource, name).toMatchObject({ storageClass: 'NEARLINE', cacheControl: 'no-store' });
    expect(object?.kmsKeyName, name).toBe(kmsKeyName);
  }
});

it('sees and touches nothing outside of its folder', async () => {
  const server = await start();
  const names = [
    'a',
    'team',
    'team/a',
    'team/b/x',
    'team/b-c/y',
    'team/b/x/y/Z',
    'team/B',
    'teams/a',
    'other/team/b/x',
  ];
  for (const name of names) seed(server, name, name);
  const store = open(server, { prefix: 'team/b' });
  expect(store.name).toBe('gs://bucket/team/b');
  expect((await listAll(store)).map(({ key }) => key)).toEqual(['x']);
  expect(await textOf(store, 'x')).toBe('team/b/x');
  expect(await store.stat('a')).toBeUndefined();
  await store.put('a', bodyOf('new'), { ifAbsent: true });
  await store.copy('a', 'c');
  for (const key of ['a', 'x', 'y']) await store.delete(key);
  for (const key of ['../a', '/a', 'a/../../a']) {
    expect(await failure(store.delete(key)), key).toMatchObject({ code: 'unsupported' });
    expect(await failure(store.copy('c', key)), key).toMatchObject({ code: 'unsupported' });
  }
  expect(server.bucket().names()).toEqual([...names.filter((name) => name !== 'team/b/x'), 'team/b/c'].sort());
});

it('lets two folders of one bucket hold the same keys', async () => {
  const server = await start();
  const [one, two, all] = [open(server, { prefix: 'one' }), open(server, { prefix: 'two' }), open(server)];
  await one.put('claim', bodyOf('1'), { ifAbsent: true });
  await two.put('claim', bodyOf('2'), { ifAbsent: true });
  expect([await textOf(one, 'claim'), await textOf(two, 'claim')]).toEqual(['1', '2']);
  expect((await listAll(all)).map(({ key }) => key)).toEqual(['one/claim', 'two/claim']);
});

it('passes over objects that are no objects of varve', async () => {
  const server = await start();
  for (const name of ['Readme.md', 'folder/', 'a b', 'ä', 'fine', 'x'.repeat(513)]) seed(server, name, 'x');
  expect((await listAll(open(server))).map(({ key }) => key)).toEqual(['fine']);
});

it('gives times by the clock of the service, whatever the clock of this machine says', async () => {
  const day = 24 * 60 * 60 * 1000;
  const server = await start({ aheadMs: 2 * day });
  const store = open(server);
  await store.put('a', bodyOf('x'));
  const { modifiedAt = 0 } = (await store.stat('a')) ?? {};
  expect(modifiedAt - Date.now()).toBeGreaterThan(day);
  expect((await listAll(store))[0]?.modifiedAt).toBe(modifiedAt);
});

it('serves a range without what lies before it', async () => {
  const server = await start();
  const store = open(server);
  await store.put('a', bodyOf('0123456789'));
  expect((await readAll(await store.get('a', { range: { start: 4, end: 6 } }))).toString()).toBe('45');
  expect(server.log.at(-1)?.headers.range).toBe('bytes=4-5');
  for (const [from, to] of [
    [-1, 2],
    [2, 1],
    [0.5, 2],
    [0, Number.NaN],
  ] as const) {
    const error = await failure(store.get('a', { range: { start: from, end: to } }));
    expect(error).toMatchObject({ code: 'unsupported' });
  }
});

it('goes on after it was closed, with new connections', async () => {
  const server = await start();
  const store = open(server);
  await store.put('a', bodyOf('x'));
  await store.close();
  await store.close();
  expect(await textOf(store, 'a')).toBe('x');
});
