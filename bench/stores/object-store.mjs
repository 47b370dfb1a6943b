/**
 * Stores in buckets beside plain calls of the SDK, in one process and in turn, against a double of the service in a process
 * of its own. Prints CPU and wall time of the store and their ratios to those of the SDK.
 *
 *     node bench/stores/object-store.mjs [s3|gcs] [near|far]      left out: all of them
 *
 * `far`: each request takes 20 ms more, and each connection brings 50 MB a second.
 * With VARVE_TEST_S3_ENDPOINT, _KEY and _SECRET of `node scripts/test-servers/radosgw.mjs start` S3 is that server instead.
 * COUNT (2,000), MB (1,000) and ROUNDS (3) make it shorter.
 */
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { show, spread } from '../measure.mjs';
import { startDouble } from './servers.mjs';

const { COUNT = '2000', MB = '1000', ROUNDS = '3', VARVE_TEST_S3_ENDPOINT: realS3, ...env } = process.env;
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const count = Number(COUNT);
const size = Number(MB) * 1e6;
const rounds = Number(ROUNDS);
const PART = 8 * 1024 * 1024;
const SMALL = Buffer.alloc(1024, 'small');
const CHUNK = Buffer.alloc(1024 * 1024, 'large');

const packages = new URL('../../packages/', import.meta.url);

/** The SDK that a store uses. @param {string} store @param {string} name @returns {any} */
const sdkOf = (store, name) => createRequire(new URL(`${store}/package.json`, packages))(name);

/** @param {string} name @returns {Promise<any>} */
const load = (name) => import(new URL(`${name}/dist/index.js`, packages).href);

/** @param {any} plugin */
function open(plugin) {
  const logger = { debug() {}, info() {}, warn: console.warn, error: console.error };
  const clock = {
    now: Date.now,
    sleep: (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
  return plugin.provides.datastore({ projectRoot: '/', stateDir: '/', logger, clock, get: async () => undefined });
}

/** What is compared. @typedef {{ putSmall(key: string): Promise<unknown>, getSmall(key: string): Promise<number>,
 *   stat(key: string): Promise<unknown>, putLarge(key: string): Promise<unknown>, getLarge(key: string): Promise<number> }} Client */

/** Bytes in chunks of a MiB. @param {number} bytes */
function* chunks(bytes) {
  for (let at = 0; at < bytes; at += CHUNK.length) yield CHUNK.subarray(0, Math.min(CHUNK.length, bytes - at));
}

/** @param {AsyncIterable<Uint8Array>} stream */
async function drain(stream) {
  let bytes = 0;
  for await (const chunk of stream) bytes += chunk.length;
  return bytes;
}

/** A store as varve calls it. @param {any} store @returns {Client} */
function throughStore(store) {
  return {
    putSmall: (key) => store.put(key, { size: SMALL.length, bytes: SMALL, open: () => [SMALL] }, { ifAbsent: true }),
    getSmall: async (key) => drain(await store.get(key, { size: SMALL.length })),
    stat: (key) => store.stat(key),
    putLarge: (key) => store.put(key, { size, open: () => Readable.from(chunks(size)) }),
    getLarge: async (key) => drain(await store.get(key, { size })),
  };
}

/** @param {string} url @param {string} bucket @param {{ accessKeyId: string, secretAccessKey: string }} credentials */
function plainS3(url, bucket, credentials) {
  const { S3 } = sdkOf('store-s3', '@aws-sdk/client-s3');
  const s3 = new S3({ endpoint: url, region: 'us-east-1', forcePathStyle: true, credentials });
  const of = (/** @type {string} */ Key) => ({ Bucket: bucket, Key });
  const makeBucket = () => s3.createBucket({ Bucket: bucket }).catch(() => undefined);
  /** @type {Client} */
  const client = {
    putSmall: (key) => s3.putObject({ ...of(key), Body: SMALL, IfNoneMatch: '*' }),
    getSmall: async (key) => (await (await s3.getObject(of(key))).Body.transformToByteArray()).length,
    stat: (key) => s3.headObject(of(key)),
    putLarge: (key) => uploadInParts(s3, of(key)),
    getLarge: async (key) => drain((await s3.getObject(of(key))).Body),
  };
  return { ...client, makeBucket };
}

/** As the SDK's own Upload does it: parts of 8 MiB, four at a time. @param {any} s3 @param {object} object */
async function uploadInParts(s3, object) {
  const { UploadId } = await s3.createMultipartUpload({ ...object, ChecksumAlgorithm: 'CRC32' });
  /** @type {object[]} */
  const parts = [];
  const numbers = Array.from({ length: Math.ceil(size / PART) }, (_, index) => index + 1).values();
  await atOnce(4, numbers, async (PartNumber) => {
    const Body = Buffer.concat([...chunks(Math.min(PART, size - (PartNumber - 1) * PART))]);
    const { ETag, ChecksumCRC32 } = await s3.uploadPart({ ...object, UploadId, PartNumber, Body });
    parts[PartNumber - 1] = { ETag, ChecksumCRC32, PartNumber };
  });
  await s3.completeMultipartUpload({ ...object, UploadId, MultipartUpload: { Parts: parts } });
}

/** @param {string} url @param {string} bucket @returns {Client} */
function plainGcs(url, bucket) {
  const { Storage } = sdkOf('store-gcs', '@google-cloud/storage');
  const files = new Storage({ apiEndpoint: url, projectId: 'p' }).bucket(bucket);
  return {
    putSmall: (key) => files.file(key).save(SMALL, { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } }),
    getSmall: async (key) => (await files.file(key).download())[0].length,
    stat: (key) => files.file(key).getMetadata(),
    putLarge: (key) => files.file(key).save(Readable.from(chunks(size)), { resumable: true, chunkSize: PART }),
    getLarge: (key) => drain(files.file(key).createReadStream()),
  };
}

/** @template T @param {number} width @param {Iterator<T>} items @param {(item: T) => Promise<unknown>} act */
async function atOnce(width, items, act) {
  const work = async () => {
    for (let next = items.next(); !next.done; next = items.next()) await act(next.value);
  };
  await Promise.all(Array.from({ length: width }, work));
}

/** @param {() => Promise<unknown>} act */
async function measure(act) {
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  await act();
  const { user, system } = process.cpuUsage(cpu);
  return { cpu: (user + system) / 1000, wall: performance.now() - wall };
}

/** @param {string} what @param {number} bytes @param {number} wanted */
function requireAll(what, bytes, wanted) {
  if (bytes !== wanted) throw new Error(`${what}: ${bytes} bytes instead of ${wanted}`);
}

/** @typedef {{ cpu: number, wall: number }} Cost Ms. */
const NONE = { cpu: Number.NaN, wall: Number.NaN };
const STEPS = ['put of small ones', 'get', 'look-up', 'put of a large one', 'get of it'];

/** One round of one client. @param {string} name @param {Client} client */
async function round(name, client) {
  const start = `bench/${randomUUID()}`;
  const keys = Array.from({ length: count }, (_, index) => `${start}/${index}`);
  const large = `bench/large-${name}`;
  return [
    await measure(() => atOnce(32, keys.values(), client.putSmall)),
    await measure(() => atOnce(32, keys.values(), async (key) => requireAll(key, await client.getSmall(key), 1024))),
    await measure(() => atOnce(32, keys.values(), client.stat)),
    await measure(() => client.putLarge(large)),
    await measure(async () => requireAll(large, await client.getLarge(large), size)),
  ];
}

/** Loads and warms what both sides need. @param {Client} client */
async function warm(client) {
  const keys = Array.from({ length: 200 }, () => `bench/${randomUUID()}`);
  await atOnce(32, keys.values(), client.putSmall);
  await atOnce(32, keys.values(), client.getSmall);
  await atOnce(32, keys.values(), client.stat);
}

/** @param {string} title @param {Client} store @param {Client} sdk */
async function compare(title, store, sdk) {
  await warm(store);
  await warm(sdk);
  /** @type {{ ours: Cost[], theirs: Cost[] }[]} */
  const all = [];
  for (let turn = 0; turn < rounds; turn++) {
    all.push({ ours: await round('store', store), theirs: await round('sdk', sdk) });
    console.error(`${title}: round ${turn + 1} of ${rounds}`);
  }
  console.log(`\n${title}: ${count} objects of 1 KiB, 32 at a time, and one of ${size / 1e6} MB`);
  const heads = ['store: CPU ms', 'wall ms'].map((head) => head.padStart(24));
  console.log([' '.repeat(20), ...heads, ...['CPU / SDK', 'wall / SDK'].map((head) => head.padStart(20))].join(''));
  for (const [at, step] of STEPS.entries()) {
    const values = all.map(({ ours, theirs }) => ({ ours: ours[at] ?? NONE, theirs: theirs[at] ?? NONE }));
    const cells = [
      show(spread(values.map(({ ours }) => ours.cpu))).padStart(24),
      show(spread(values.map(({ ours }) => ours.wall))).padStart(24),
      show(spread(values.map(({ ours, theirs }) => ours.cpu / theirs.cpu)), 2).padStart(20),
      show(spread(values.map(({ ours, theirs }) => ours.wall / theirs.wall)), 2).padStart(20),
    ];
    console.log(step.padEnd(20) + cells.join(''));
  }
}

/** What a place far away does to a client. @type {Readonly<Record<string, { latencyMs?: number, pace?: number }>>} */
const PLACES = { near: {}, far: { latencyMs: 20, pace: 50_000 } };

/** @param {string} place */
async function measureS3(place) {
  const { s3Store } = await load('store-s3');
  const server = realS3 ? { url: realS3, stop() {} } : await startDouble('s3', PLACES[place]);
  const accessKeyId = realS3 ? (env.VARVE_TEST_S3_KEY ?? '') : 'double-key';
  const secretAccessKey = realS3 ? (env.VARVE_TEST_S3_SECRET ?? '') : 'double-secret';
  const bucket = 'varve';
  const credentials = { accessKeyId, secretAccessKey };
  const plain = plainS3(server.url, bucket, credentials);
  if (realS3) await plain.makeBucket();
  const store = await open(s3Store({ bucket, endpoint: server.url, region: 'us-east-1', credentials }));
  await compare(`S3, ${realS3 ? 'radosgw' : place}`, throughStore(store), plain);
  await store.close();
  server.stop();
}

/** @param {string} place */
async function measureGcs(place) {
  const { gcsStore } = await load('store-gcs');
  const server = await startDouble('gcs', PLACES[place] ?? {});
  const store = await open(gcsStore({ bucket: 'bucket', apiEndpoint: server.url }));
  await compare(`Google Cloud Storage, ${place}`, throughStore(store), plainGcs(server.url, 'bucket'));
  await store.close();
  server.stop();
}

const args = process.argv.slice(2);
for (const place of realS3 ? ['near'] : Object.keys(PLACES)) {
  if (args.includes('near') !== args.includes('far') && !args.includes(place)) continue;
  if (!args.includes('gcs')) await measureS3(place);
  if (!args.includes('s3') && !realS3) await measureGcs(place);
}
process.exit();
