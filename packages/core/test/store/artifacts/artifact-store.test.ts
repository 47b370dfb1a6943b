import { bytesOf, collect, digestOf, MemoryStore } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import { type GetOptions, type Reference, StoreError } from '../../../src/contract/index.ts';
import { ArtifactStore } from '../../../src/store/artifacts/artifact-store.ts';
import { sha256Hasher } from '../../../src/store/objects/digest.ts';
import { blobKey, quarantineKey } from '../../../src/store/objects/keys.ts';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const noise = (size: number) => Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8)) % 251);

function setUp(store = new MemoryStore()) {
  return { store, artifacts: new ArtifactStore({ store }) };
}

/** A store that answers with other bytes than it holds, unless it is asked for the object itself. */
class NearStore extends MemoryStore {
  near: Uint8Array | undefined;

  override async get(key: string, options: GetOptions = {}): Promise<AsyncIterable<Uint8Array>> {
    const { near } = this;
    if (near === undefined || options.uncached) return super.get(key, options);
    return (async function* () {
      yield near;
    })();
  }
}

function nearAndFar() {
  const store = new NearStore();
  return { store, artifacts: new ArtifactStore({ store }) };
}

/** Many small artifacts in one object, as in a commit batch. */
function pack(store: MemoryStore, object: string, values: readonly string[]): Reference[] {
  let offset = 17;
  const references: Reference[] = [];
  for (const value of values) {
    const length = bytesOf(value).byteLength;
    references.push({ digest: digestOf(value), size: length, codec: 'json/1', at: { object, offset, length } });
    offset += length;
  }
  store.objects.set(object, { bytes: bytesOf('x'.repeat(17) + values.join('')), modifiedAt: 0 });
  return references;
}

describe('writing an artifact', () => {
  it('names the object by its bytes, however they are split, and writes it once', async () => {
    const { store, artifacts } = setUp();
    const one = await artifacts.put([bytesOf('hello')], 'json/1');
    const two = await artifacts.put([bytesOf('he'), bytesOf(''), bytesOf('llo')], 'json/1');
    expect(one).toEqual({ digest: `sha256:${sha256Hasher.hash([bytesOf('hello')])}`, size: 5, codec: 'json/1' });
    expect(two).toEqual(one);
    expect(store.calls.map((call) => call.call)).toEqual(['put']);
    expect(text(await artifacts.read(two))).toBe('hello');
  });

  it('uploads no large object that another process has stored', async () => {
    const { store, artifacts } = setUp();
    const big = noise(600_000);
    await artifacts.put([big], 'bytes/1');
    const other = setUp(store);
    await other.artifacts.put([big], 'bytes/1');
    expect(store.count('put')).toBe(1);
  });

  it('replaces an object of another size under the same name', async () => {
    for (const size of [1_000, 600_000]) {
      const { store, artifacts } = setUp();
      const bytes = noise(size);
      const key = blobKey(artifacts.refer([bytes], 'bytes/1').digest);
      store.objects.set(key, { bytes: bytes.slice(0, 10), modifiedAt: 0 });
      const reference = await artifacts.put([bytes], 'bytes/1');
      expect(Buffer.compare(await artifacts.read(reference), bytes)).toBe(0);
    }
  });

  it('writes the same bytes once when many calls do so at the same time', async () => {
    const { store, artifacts } = setUp();
    await Promise.all(Array.from({ length: 10 }, () => artifacts.put([noise(500_000)], 'bytes/1')));
    expect(store.count('put')).toBe(1);
  });

  it('stores a stream in chunks, and nothing when it has changed since it was hashed', async () => {
    const { store, artifacts } = setUp();
    const open = (content: Uint8Array) =>
      async function* () {
        for (let at = 0; at < content.byteLength; at += 1000) yield content.subarray(at, at + 1000);
      };
    const bytes = noise(10_500);
    const known = await artifacts.digestOf(open(bytes)());
    const reference = await artifacts.putStream({ ...known, open: open(bytes) }, 'bytes/1');
    expect(Buffer.compare(await artifacts.read(reference), bytes)).toBe(0);
    const before = noise(3_000);
    const after = before.slice();
    after[1] = 99;
    const stale = { ...(await artifacts.digestOf(open(before)())), open: open(after) };
    await expect(artifacts.putStream(stale, 'bytes/1')).rejects.toMatchObject({ code: 'VARVE_CHANGED_SOURCE' });
    expect(store.keys('cas/')).toEqual([blobKey(reference.digest)]);
  });
});

describe('reading artifacts', () => {
  it('gives each reader memory of its own, of exactly the right size', async () => {
    const { artifacts } = setUp();
    const reference = await artifacts.put([bytesOf('hello')], 'json/1');
    const [one, two] = await artifacts.readMany([reference, reference]);
    if (!one || !two) throw new Error('nothing read');
    expect(one.buffer.byteLength).toBe(5);
    expect(one.byteOffset).toBe(0);
    structuredClone(one, { transfer: [one.buffer] });
    expect(text(two)).toBe('hello');
  });

  it('works for an empty artifact', async () => {
    const { artifacts } = setUp();
    const reference = await artifacts.put([], 'bytes/1');
    expect((await artifacts.read(reference)).byteLength).toBe(0);
    expect(await collect(artifacts.open(reference))).toEqual([]);
  });

  it('streams an artifact larger than a chunk unchanged', async () => {
    const { artifacts } = setUp();
    const bytes = noise(3_000_000);
    const reference = await artifacts.put([bytes], 'bytes/1');
    expect(Buffer.compare(await artifacts.read(reference), bytes)).toBe(0);
    expect(Buffer.compare(Buffer.concat(await collect(artifacts.open(reference))), bytes)).toBe(0);
  });

  it('fetches a thousand small artifacts of one batch in one request, together or one by one', async () => {
    const { store, artifacts } = setUp();
    const values = Array.from({ length: 1_000 }, (_, i) => `"value ${i}"`);
    const references = pack(store, 'runs/a/b/batch/00000000', values);
    store.latencyMs = 20;
    expect((await artifacts.readMany(references)).map(text)).toEqual(values);
    expect(store.calls).toHaveLength(1);
    for (const reference of references.slice(0, 20)) await artifacts.read(reference);
    expect(store.calls).toHaveLength(1);
  });

  it('needs about one request a batch and 8 MiB for many in large batches', async () => {
    const { store, artifacts } = setUp();
    const references = [0, 1, 2, 3].flatMap((n) =>
      pack(
        store,
        `runs/a/b/batch/0000000${n}`,
        Array.from({ length: 250 }, (_, i) => `${n} ${i} ${'x'.repeat(16_000)}`),
      ),
    );
    const read = await artifacts.readMany(references);
    expect(read.every((bytes, i) => bytes.byteLength === references[i]?.size)).toBe(true);
    expect(store.calls).toHaveLength(4);
  });

  it('fetches only the needed part of a large object', async () => {
    const { store, artifacts } = setUp();
    const references = pack(
      store,
      'runs/a/b/batch/00000000',
      Array.from({ length: 300 }, (_, i) => `${i} ${'x'.repeat(16_000)}`),
    );
    await artifacts.read(references[150] as Reference);
    const [call] = store.calls;
    expect((call?.range?.end ?? 0) - (call?.range?.start ?? 0)).toBeLessThanOrEqual(512 * 1024);
  });

  it('works on a store that serves no ranges', async () => {
    const { store, artifacts } = setUp(new MemoryStore({ capabilities: { rangeRead: false } }));
    const values = Array.from({ length: 500 }, (_, i) => `${i} ${'x'.repeat(1_000)}`);
    const references = pack(store, 'runs/a/b/batch/00000000', values);
    expect((await artifacts.readMany(references)).map(text)).toEqual(values);
    expect(store.calls).toHaveLength(1);
  });

  it('keeps its cache within the limit and stays correct', async () => {
    const store = new MemoryStore();
    const artifacts = new ArtifactStore({ store, cacheBytes: 300_000 });
    const values = Array.from({ length: 300 }, (_, i) => `${i} ${'x'.repeat(10_000)}`);
    const references = pack(store, 'runs/a/b/batch/00000000', values);
    for (const round of [1, 2])
      expect((await artifacts.readMany(references)).map(text), `round ${round}`).toEqual(values);
    expect(store.calls.length).toBeGreaterThan(1);
  });

  it('keeps requests under way within the limit', async () => {
    const store = new MemoryStore();
    const artifacts = new ArtifactStore({ store, concurrency: 4 });
    const references = await Promise.all(
      Array.from({ length: 30 }, (_, i) => artifacts.put([bytesOf(`value ${i}`)], 'json/1')),
    );
    store.latencyMs = 2;
    await artifacts.readMany(references);
    expect(store.mostUnderWay).toBeLessThanOrEqual(4);
  });

  it('passes on the error of a store, and a later read succeeds', async () => {
    const { store, artifacts } = setUp();
    const [reference] = pack(store, 'runs/a/b/batch/00000000', ['"x"']);
    store.fault = () => ({ error: new StoreError('unavailable', 'not now') });
    await expect(artifacts.read(reference as Reference)).rejects.toMatchObject({ code: 'unavailable' });
    store.fault = undefined;
    expect(text(await artifacts.read(reference as Reference))).toBe('"x"');
  });
});

describe('damage to an artifact', () => {
  it('at any byte of its object is reported with both digests, and the object is quarantined', async () => {
    const bytes = noise(200);
    for (let byte = 0; byte < bytes.byteLength; byte++) {
      const { store, artifacts } = setUp();
      const reference = await artifacts.put([bytes], 'bytes/1');
      const key = blobKey(reference.digest);
      store.flip(key, byte, byte % 8);
      const error = await artifacts.read(reference).catch((e) => e);
      expect(error).toMatchObject({ code: 'VARVE_CORRUPT_ARTIFACT', digest: reference.digest, key });
      expect(error.message).toContain(`wanted  ${reference.digest}`);
      expect(error.message).toMatch(/found {3}sha256:[0-9a-f]{64}/);
      expect(error.hint).toContain(quarantineKey(key));
      expect(store.keys()).toEqual([quarantineKey(key)]);
    }
  });

  it('is repaired when its producer writes again in the same process', async () => {
    const { store, artifacts } = setUp();
    const reference = await artifacts.put([noise(200)], 'bytes/1');
    store.flip(blobKey(reference.digest), 3);
    await expect(artifacts.read(reference)).rejects.toMatchObject({ code: 'VARVE_CORRUPT_ARTIFACT' });
    await expect(artifacts.read(reference)).rejects.toMatchObject({ code: 'VARVE_MISSING_ARTIFACT' });
    await artifacts.put([noise(200)], 'bytes/1');
    expect(Buffer.compare(await artifacts.read(reference), noise(200))).toBe(0);
  });

  it.each([0, 100, 300])('in its length (%i instead of 200 bytes) is reported', async (length) => {
    const { store, artifacts } = setUp();
    const reference = await artifacts.put([noise(200)], 'bytes/1');
    store.objects.set(blobKey(reference.digest), { bytes: noise(length), modifiedAt: 0 });
    await expect(artifacts.read(reference)).rejects.toMatchObject({ code: 'VARVE_CORRUPT_ARTIFACT' });
  });

  it('at any of its bytes inside a batch is reported, and its neighbours stay readable', async () => {
    const values = ['"first"', '"second"', '"third"'];
    for (let byte = 17 + 7; byte < 17 + 7 + 8; byte++) {
      const { store, artifacts } = setUp();
      const references = pack(store, 'runs/a/b/batch/00000000', values);
      store.flip('runs/a/b/batch/00000000', byte, 5);
      await expect(artifacts.read(references[1] as Reference)).rejects.toMatchObject({
        code: 'VARVE_CORRUPT_ARTIFACT',
      });
      await expect(artifacts.readMany(references)).rejects.toMatchObject({ code: 'VARVE_CORRUPT_ARTIFACT' });
      expect(text(await artifacts.read(references[2] as Reference))).toBe('"third"');
      expect(store.keys()).toEqual(['runs/a/b/batch/00000000']);
    }
  });

  it('in transfer does not quarantine the stored object', async () => {
    const { store, artifacts } = setUp();
    const own = await artifacts.put([noise(200)], 'bytes/1');
    const [located] = pack(store, 'runs/a/b/batch/00000000', ['"x"']);
    for (const [reference, key] of [
      [own, blobKey(own.digest)],
      [located, 'runs/a/b/batch/00000000'],
    ] as const) {
      store.flip(key, 18);
      let gets = 0;
      store.fault = ({ call }) => {
        if (call === 'get' && ++gets === 2) store.flip(key, 18);
        return undefined;
      };
      expect(await artifacts.read(reference as Reference)).toBeInstanceOf(Uint8Array);
      store.fault = undefined;
    }
    expect(store.keys('quarantine')).toEqual([]);
  });

  it('in a copy that the store keeps nearer does not quarantine the stored object', async () => {
    const { store, artifacts } = nearAndFar();
    const reference = await artifacts.put([noise(200)], 'bytes/1');
    store.near = noise(199);
    const sound = new Uint8Array(store.bytes(blobKey(reference.digest)));
    await expect(artifacts.read(reference)).rejects.toMatchObject({ code: 'VARVE_CORRUPT_ARTIFACT' });
    expect(store.keys()).toEqual([blobKey(reference.digest)]);
    expect(store.bytes(blobKey(reference.digest))).toEqual(sound);
  });

  it('moves to quarantine what is stored, not a copy that the store keeps nearer', async () => {
    const { store, artifacts } = nearAndFar();
    const reference = await artifacts.put([noise(200)], 'bytes/1');
    const key = blobKey(reference.digest);
    store.flip(key, 7);
    const damaged = new Uint8Array(store.bytes(key));
    store.near = noise(199);
    await expect(artifacts.read(reference)).rejects.toMatchObject({ code: 'VARVE_CORRUPT_ARTIFACT' });
    expect(store.bytes(quarantineKey(key))).toEqual(damaged);
  });

  it('in its reference does not quarantine a sound object', async () => {
    const { store, artifacts } = setUp();
    const reference = await artifacts.put([noise(200)], 'bytes/1');
    for (const size of [199, 201]) {
      await expect(artifacts.read({ ...reference, size })).rejects.toMatchObject({ code: 'VARVE_CORRUPT_ARTIFACT' });
    }
    expect(store.keys()).toEqual([blobKey(reference.digest)]);
    const far = { object: 'runs/a/b/batch/00000000', offset: 0, length: 2 ** 50 };
    await expect(artifacts.read({ ...reference, size: 2 ** 50, at: far })).rejects.toMatchObject({
      code: 'VARVE_CORRUPT_ARTIFACT',
    });
  });

  it('fails a stream before it is complete', async () => {
    const { store, artifacts } = setUp();
    const reference = await artifacts.put([noise(300_000)], 'bytes/1');
    store.flip(blobKey(reference.digest), 299_999);
    let complete = false;
    const read = async () => {
      for await (const chunk of artifacts.open(reference)) expect(chunk.byteLength).toBeGreaterThan(0);
      complete = true;
    };
    await expect(read()).rejects.toMatchObject({ code: 'VARVE_CORRUPT_ARTIFACT' });
    expect(complete).toBe(false);
  });

  it('is quarantined by a copy inside the store if it can copy', async () => {
    const { store, artifacts } = setUp();
    store.offerCopy();
    const reference = await artifacts.put([noise(200)], 'bytes/1');
    const key = blobKey(reference.digest);
    store.flip(key, 3);
    await expect(artifacts.read(reference)).rejects.toMatchObject({ code: 'VARVE_CORRUPT_ARTIFACT' });
    expect(store.keys()).toEqual([quarantineKey(key)]);
    expect(store.count('copy')).toBe(1);
    expect(store.count('put')).toBe(1);
  });

  it('is reported also when the object cannot be moved', async () => {
    const { store, artifacts } = setUp();
    const reference = await artifacts.put([noise(200)], 'bytes/1');
    store.flip(blobKey(reference.digest), 3);
    store.fault = ({ call }) =>
      call === 'put' ? { error: new StoreError('permission-denied', 'read only') } : undefined;
    await expect(artifacts.read(reference)).rejects.toMatchObject({ code: 'VARVE_CORRUPT_ARTIFACT' });
    expect(store.keys()).toEqual([blobKey(reference.digest)]);
  });

  it('is distinguished from absence', async () => {
    const { artifacts } = setUp();
    const gone = artifacts.refer([bytesOf('gone')], 'json/1');
    await expect(artifacts.read(gone)).rejects.toMatchObject({ code: 'VARVE_MISSING_ARTIFACT', digest: gone.digest });
    const at = { object: 'runs/a/b/batch/00000000', offset: 0, length: 4 };
    await expect(artifacts.read({ ...gone, at })).rejects.toMatchObject({
      code: 'VARVE_MISSING_ARTIFACT',
      key: at.object,
    });
  });

  it('of an object tells the store the size that it expects', async () => {
    const asked: (number | undefined)[] = [];
    const { artifacts } = setUp(
      new (class extends MemoryStore {
        override get(key: string, options: GetOptions = {}) {
          asked.push(options.size);
          return super.get(key, options);
        }
      })(),
    );
    const reference = await artifacts.put([noise(5000)], 'bytes/1');
    await artifacts.read(reference);
    await collect(artifacts.open(reference));
    expect(asked).toEqual([5000, 5000]);
  });

  it('that is deleted while it is read says that it is missing', async () => {
    const { artifacts } = setUp(
      new (class extends MemoryStore {
        override async get(key: string, options: GetOptions = {}) {
          const chunks = await super.get(key, options);
          return (async function* () {
            for await (const chunk of chunks) yield chunk.subarray(0, 10);
            throw new StoreError('not-found', `There is no "${key}".`, { key });
          })();
        }
      })(),
    );
    const reference = await artifacts.put([noise(200)], 'bytes/1');
    const missing = { code: 'VARVE_MISSING_ARTIFACT', digest: reference.digest };
    await expect(artifacts.read(reference)).rejects.toMatchObject(missing);
    await expect(collect(artifacts.open(reference))).rejects.toMatchObject(missing);
  });

  it('of an unknown digest names the missing hasher', async () => {
    const { artifacts } = setUp();
    const digest = `blake9:${'ab'.repeat(32)}`;
    await expect(artifacts.read({ digest, size: 1, codec: 'json/1' })).rejects.toMatchObject({
      code: 'VARVE_UNKNOWN_HASHER',
    });
  });
});
