import { type File, Storage } from '@google-cloud/storage';
import { GcsServer, startGcsProcess } from '@varve/test-servers/gcs';
import { expectBytes, MIB, noise } from '@varve/test-servers/wire';
import { expect, it } from 'vitest';
import { useServers } from './support.ts';

// The double proves something only as far as Google's own client takes it for the service.
const start = useServers();

function bucketOf(url: string) {
  const storage = new Storage({ apiEndpoint: url, projectId: 'p', retryOptions: { autoRetry: false } });
  return storage.bucket('bucket');
}

/** The status that a call of the SDK fails with. */
async function statusOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => 'no error',
    // The SDK has two ways to say it.
    (error: { readonly code?: unknown; readonly status?: unknown }) => error.code ?? error.status,
  );
}

it('the double stores and gives back what the SDK sends, in one request and in pieces, with both checksums', async () => {
  const bucket = bucketOf((await start()).url);
  const small = Buffer.from(noise(1000));
  const large = Buffer.from(noise(MIB + 7));
  await bucket.file('small').save(small, { resumable: false, validation: 'md5' });
  await bucket.file('whole').save(large);
  await bucket.file('pieces').save(large, { chunkSize: 256 * 1024 });
  expectBytes((await bucket.file('small').download({ validation: 'md5' }))[0], small);
  expectBytes((await bucket.file('whole').download())[0], large);
  expectBytes((await bucket.file('pieces').download({ validation: 'crc32c' }))[0], large);
  expectBytes((await bucket.file('pieces').download({ start: 10, end: 19 }))[0], large.subarray(10, 20));
  const [metadata] = await bucket.file('small').getMetadata();
  expect(metadata).toMatchObject({ size: '1000', storageClass: 'STANDARD', metageneration: '1' });
});

it('the double holds to preconditions and to the hashes that the SDK sends', async () => {
  const bucket = bucketOf((await start()).url);
  const create = { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } };
  const race = await Promise.all(
    Array.from({ length: 10 }, (_, racer) => statusOf(bucket.file('a').save(`racer ${racer}`, create))),
  );
  expect(race.filter((status) => status === 'no error')).toHaveLength(1);
  expect(race.filter((status) => status === 412)).toHaveLength(9);
  const [{ generation }] = await bucket.file('a').getMetadata();
  const replace = { resumable: false, preconditionOpts: { ifGenerationMatch: Number(generation) } };
  expect(await statusOf(bucket.file('a').save('new', replace))).toBe('no error');
  expect(await statusOf(bucket.file('a').save('late', replace))).toBe(412);
  expect(await statusOf(bucket.file('b').save('x', { preconditionOpts: { ifGenerationMatch: 5 } }))).toBe(412);
  expect(await statusOf(bucket.file('b').save('x', { resumable: false, metadata: { crc32c: 'AAAAAA==' } }))).toBe(400);
  expect(await statusOf(bucket.file('b').save('x', { resumable: false, metadata: { md5Hash: 'AAAA' } }))).toBe(400);
  expect((await bucket.file('b').exists())[0]).toBe(false);
});

it('the double lists in pages and by folder, copies, deletes, and says what is not there', async () => {
  const server = await start();
  const bucket = bucketOf(server.url);
  for (const name of ['a/1', 'a/2', 'a/b/3', 'ab', 'c']) await bucket.file(name).save(name, { resumable: false });
  const names = async (query: object) => (await bucket.getFiles(query))[0].map(({ name }) => name);
  const pages: string[][] = [];
  for (let query: object | null = { maxResults: 2, autoPaginate: false }; query !== null; ) {
    const [files, next]: readonly [File[], object | null, ...unknown[]] = await bucket.getFiles(query);
    pages.push(files.map(({ name }) => name));
    query = next;
  }
  expect(pages).toEqual([['a/1', 'a/2'], ['a/b/3', 'ab'], ['c']]);
  expect(await names({ prefix: 'a/' })).toEqual(['a/1', 'a/2', 'a/b/3']);
  expect(await names({ prefix: 'a/', delimiter: '/' })).toEqual(['a/1', 'a/2']);
  expect(await names({ startOffset: 'a/b' })).toEqual(['a/b/3', 'ab', 'c']);
  await bucket.file('c').copy(bucket.file('d'));
  expect((await bucket.file('d').download())[0].toString()).toBe('c');
  await bucket.file('c').delete();
  expect(await statusOf(bucket.file('c').delete())).toBe(404);
  expect(await statusOf(bucket.file('c').download())).toBe(404);
  expect(await statusOf(bucket.file('d').download({ start: 5, end: 9 }))).toBe(416);
  expect((await bucket.exists())[0]).toBe(true);
  expect((await bucket.storage.bucket('other').exists())[0]).toBe(false);
  expect(await statusOf(bucket.storage.bucket('other').getFiles())).toBe(404);
});

it('the double says what settings a bucket has, and refuses who may not see them', async () => {
  const settings = { lifecycle: { rule: [{ action: { type: 'Delete' }, condition: { age: 3 } }] } };
  const [metadata] = await bucketOf((await start({ settings })).url).getMetadata();
  expect(metadata).toMatchObject({ name: 'bucket', ...settings });
  expect(await statusOf(bucketOf((await start({ denied: ['bucket'] })).url).getMetadata())).toBe(403);
});

it('the double runs in a process of its own, and ends with it', async () => {
  const { url, kill } = await startGcsProcess({ buckets: ['bucket'] });
  await bucketOf(url).file('a').save('x', { resumable: false });
  expect((await bucketOf(url).file('a').download())[0].toString()).toBe('x');
  await kill();
  expect(await statusOf(bucketOf(url).file('a').getMetadata())).toMatch(/ECONNREFUSED|ECONNRESET/);
  const here = await GcsServer.start();
  await here.stop();
});
