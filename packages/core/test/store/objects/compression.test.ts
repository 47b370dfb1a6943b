import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { MemoryStore } from '@varve/test-support';
import { afterAll, describe, expect, it } from 'vitest';
import { type Reference, StoreError } from '../../../src/contract/index.ts';
import { ArtifactStore } from '../../../src/store/artifacts/artifact-store.ts';
import { moveToQuarantine } from '../../../src/store/artifacts/blobs.ts';
import { blobKey, compressedKey } from '../../../src/store/objects/keys.ts';
import { withCompression } from '../../../src/store/objects/layers/with-compression.ts';

const folder = mkdtempSync(join(tmpdir(), 'varve-compression-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const MIB = 1024 * 1024;

/** Bytes that compress to less than half, different for each seed. */
function rows(size: number, seed = 1): Uint8Array {
  const lines: string[] = [];
  for (let length = 0, i = seed; length < size; i++) {
    const line = `{"species":"Adelie","island":"Torgersen","id":${i * 7919},"mass":${3000 + ((i * 31) % 977)}}\n`;
    lines.push(line);
    length += line.length;
  }
  return new Uint8Array(Buffer.from(lines.join('')).subarray(0, size));
}

/** Bytes that cannot be compressed. */
function noise(size: number): Uint8Array {
  const blocks: Buffer[] = [];
  for (let i = 0; i * 32 < size; i++) blocks.push(createHash('sha256').update(String(i)).digest());
  return new Uint8Array(Buffer.concat(blocks).subarray(0, size));
}

function setUp(memory = new MemoryStore(), compress = true) {
  const store = withCompression(memory, { compress, folder });
  return { memory, store, artifacts: new ArtifactStore({ store }) };
}

const keysOf = ({ digest }: Reference) => ({ plain: blobKey(digest), packed: compressedKey(blobKey(digest)) });

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const streamOf = (bytes: Uint8Array) => ({
  size: bytes.byteLength,
  async *open() {
    for (let at = 0; at < bytes.byteLength; at += 100_000) yield bytes.subarray(at, at + 100_000);
  },
});

/** An object that claims to be `size` bytes compressed. */
const packedObject = (size: number, gzip: Uint8Array) =>
  new Uint8Array(Buffer.concat([Buffer.from(`varve-blob 1 gzip ${size} ${gzip.byteLength}\n`), gzip]));

describe('what is written', () => {
  it('is compressed when it is large and gets smaller by it', async () => {
    for (const size of [64 * 1024, MIB, 9 * MIB]) {
      const { memory, artifacts } = setUp();
      const bytes = rows(size);
      const reference = await artifacts.put([bytes], 'json/1');
      expect(memory.keys()).toEqual([keysOf(reference).packed]);
      expect(memory.bytes(keysOf(reference).packed).byteLength).toBeLessThan(size / 2);
      expect(Buffer.compare(await artifacts.read(reference), bytes)).toBe(0);
      expect(Buffer.compare(await collect(artifacts.open(reference)), bytes)).toBe(0);
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it('stays as it is when it is small, noise, or not to be compressed', async () => {
    for (const [bytes, compress] of [
      [rows(60_000), true],
      [noise(MIB), true],
      [rows(MIB), false],
    ] as const) {
      const { memory, artifacts } = setUp(new MemoryStore(), compress);
      const reference = await artifacts.put([bytes], 'json/1');
      expect(memory.keys()).toEqual([keysOf(reference).plain]);
      expect(Buffer.compare(await artifacts.read(reference), bytes)).toBe(0);
    }
  });

  it('stays as it is when only its beginning gets smaller', async () => {
    const { memory, artifacts } = setUp();
    for (const size of [MIB, 9 * MIB]) {
      const bytes = noise(size);
      bytes.set(rows(70_000));
      const reference = await artifacts.put([bytes], 'json/1');
      expect(memory.keys(keysOf(reference).plain)).toEqual([keysOf(reference).plain]);
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is no artifact whose source has changed since it was hashed', async () => {
    for (const size of [MIB, 9 * MIB]) {
      const { memory, artifacts } = setUp();
      const before = rows(size);
      const { digest } = artifacts.refer([before], 'json/1');
      const after = before.slice();
      after[size - 3] = 33;
      const stored = artifacts.putStream({ ...streamOf(after), digest }, 'json/1');
      await expect(stored).rejects.toMatchObject({ code: 'VARVE_CHANGED_SOURCE' });
      expect(memory.keys()).toEqual([]);
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leaves no file behind when the store refuses it', async () => {
    const { memory, artifacts } = setUp();
    memory.fault = ({ call }) => (call === 'put' ? { error: new StoreError('no-space', 'full') } : undefined);
    await expect(artifacts.put([rows(9 * MIB)], 'json/1')).rejects.toMatchObject({ code: 'no-space' });
    expect(memory.keys()).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is not written again in either form, by whoever comes later', async () => {
    const bytes = rows(600_000);
    for (const [first, second] of [
      [true, true],
      [true, false],
      [false, true],
      [false, false],
    ] as const) {
      const { memory, artifacts } = setUp(new MemoryStore(), first);
      await artifacts.put([bytes], 'json/1');
      await setUp(memory, second).artifacts.put([bytes], 'json/1');
      expect(memory.keys()).toHaveLength(1);
      expect(memory.count('put')).toBe(1);
    }
  });

  it('is held in memory by no more than some chunks when it is large', async () => {
    const { artifacts } = setUp();
    const chunk = rows(MIB);
    const size = 64 * MIB;
    const open = async function* () {
      for (let at = 0; at < size; at += MIB) yield chunk;
    };
    const { digest } = await artifacts.digestOf(open());
    global.gc?.();
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const watched = async function* () {
      for await (const one of open()) {
        most = Math.max(most, process.memoryUsage().arrayBuffers);
        yield one;
      }
    };
    await artifacts.putStream({ digest, size, open: watched }, 'file/1');
    expect(most - before).toBeLessThan(40 * MIB);
  });
});

describe('what is read', () => {
  it('is found in either form, whether the store compresses now or not', async () => {
    for (const wrote of [true, false]) {
      for (const reads of [true, false]) {
        const bytes = rows(300_000);
        const { memory, artifacts } = setUp(new MemoryStore(), wrote);
        const reference = await artifacts.put([bytes], 'json/1');
        const later = setUp(memory, reads);
        expect(Buffer.compare(await later.artifacts.read(reference), bytes)).toBe(0);
        const info = await later.store.stat(keysOf(reference).plain);
        expect(info?.key).toBe(wrote ? keysOf(reference).packed : keysOf(reference).plain);
      }
    }
  });

  it('is asked for once where its form is known or can be guessed', async () => {
    const { memory, artifacts } = setUp();
    const many = await Promise.all([1, 2, 3, 4].map((seed) => artifacts.put([rows(100_000, seed * 1000)], 'json/1')));
    const plain = await artifacts.put([noise(100_000)], 'raw/1');
    memory.calls.length = 0;
    await artifacts.readMany([...many, plain]);
    expect(memory.count('get')).toBe(5);
    const small = await artifacts.put([noise(30_000)], 'raw/1');
    const later = setUp(memory);
    memory.calls.length = 0;
    await later.artifacts.read(small);
    await later.artifacts.readMany(many);
    expect(memory.count('get')).toBe(5);
    expect(await later.store.stat(keysOf(small).plain, { size: small.size })).toBeDefined();
    expect(await later.store.stat(`cas/sha256/00/${'0'.repeat(64)}`, { size: 30_000 })).toBeUndefined();
    expect(memory.count('stat')).toBe(2);
  });

  it('is asked for in parts behind the first 8 MiB', async () => {
    const { memory, artifacts } = setUp();
    const bytes = new Uint8Array(Buffer.concat([noise(10 * MIB), rows(10 * MIB)]));
    bytes.set(rows(70_000));
    const reference = await artifacts.putStream(
      { ...streamOf(bytes), digest: artifacts.refer([bytes], 'raw/1').digest },
      'raw/1',
    );
    const { packed } = keysOf(reference);
    const stored = memory.bytes(packed).byteLength;
    expect(stored).toBeGreaterThan(8 * MIB);
    memory.calls.length = 0;
    expect(Buffer.compare(await artifacts.read(reference), bytes)).toBe(0);
    expect(memory.calls).toMatchObject([
      { key: packed, range: { start: 0, end: 8 * MIB } },
      { key: packed, range: { start: 8 * MIB, end: stored } },
    ]);
  });

  it('may be a range of it', async () => {
    const { store, artifacts } = setUp();
    const bytes = rows(700_000);
    const { plain } = keysOf(await artifacts.put([bytes], 'json/1'));
    for (const [start, end] of [
      [0, 10],
      [299_990, 600_001],
      [699_999, 800_000],
      [700_000, 700_010],
      [5, 5],
    ] as const) {
      const found = await collect(await store.get(plain, { range: { start, end } }));
      expect(Buffer.compare(found, bytes.slice(start, end)), `${start} to ${end}`).toBe(0);
    }
  });

  it('comes in one synchronous call from a store that has one', async () => {
    const { memory, artifacts } = setUp();
    const bytes = rows(300_000);
    const reference = await artifacts.put([bytes], 'json/1');
    const getSync = (key: string) => {
      const stored = memory.objects.get(key);
      if (!stored) throw new StoreError('not-found', key);
      return stored.bytes.slice();
    };
    const near = withCompression(Object.assign(memory, { getSync }), { compress: true, folder });
    const again = new ArtifactStore({ store: near });
    expect(Buffer.compare(again.readSync(reference), bytes)).toBe(0);
    memory.flip(keysOf(reference).packed, 5_000);
    expect(() => again.readSync(reference)).toThrow(expect.objectContaining({ code: 'VARVE_CORRUPT_ARTIFACT' }));
    memory.objects.clear();
    expect(() => again.readSync(reference)).toThrow(expect.objectContaining({ code: 'VARVE_MISSING_ARTIFACT' }));
  });

  it('is missing to a varve that knows no compression, which leaves it alone', async () => {
    const { memory, artifacts } = setUp();
    const reference = await artifacts.put([rows(300_000)], 'json/1');
    const before = new ArtifactStore({ store: memory });
    await expect(before.read(reference)).rejects.toMatchObject({ code: 'VARVE_MISSING_ARTIFACT' });
    expect(memory.keys()).toEqual([keysOf(reference).packed]);
    await before.put([rows(300_000)], 'json/1');
    expect(Buffer.compare(await before.read(reference), rows(300_000))).toBe(0);
    expect(Buffer.compare(await setUp(memory).artifacts.read(reference), rows(300_000))).toBe(0);
  });

  it('is gone when neither form is there', async () => {
    const { memory, artifacts } = setUp();
    const reference = await artifacts.put([rows(300_000)], 'json/1');
    memory.objects.clear();
    await expect(artifacts.read(reference)).rejects.toMatchObject({ code: 'VARVE_MISSING_ARTIFACT' });
  });
});

describe('a compressed object that is damaged', () => {
  const bytes = rows(300_000);

  it('is put aside wherever a bit of it flips or it is cut, and its place is free for a good one', async () => {
    const { memory, artifacts } = setUp();
    const { packed } = keysOf(await artifacts.put([bytes], 'json/1'));
    const sound = memory.bytes(packed).slice();
    const places = [0, 13, 18, 20, 26, 30, 40, 2_000, Math.floor(sound.byteLength / 2), sound.byteLength - 6];
    for (const place of places) {
      const bad = sound.slice();
      bad[place] = (bad[place] ?? 0) ^ 4;
      await expectAside(bad, `bit flipped at ${place}`);
    }
    for (const length of [0, 5, 27, 40, 5_000, sound.byteLength - 1]) {
      await expectAside(sound.slice(0, length), `cut to ${length}`);
    }
  });

  async function expectAside(bad: Uint8Array, what: string): Promise<void> {
    const { memory, artifacts } = setUp();
    const reference = artifacts.refer([bytes], 'json/1');
    const { packed, plain } = keysOf(reference);
    memory.objects.set(packed, { bytes: bad, modifiedAt: 0 });
    const read = await artifacts.read(reference).catch((error: { code?: string }) => error);
    if (read instanceof Uint8Array) {
      // Parts of gzip carry nothing: the time, the system, its last bytes.
      expect(Buffer.compare(read, bytes), what).toBe(0);
      return;
    }
    if (read.code === 'VARVE_FORMAT_VERSION') return;
    expect(read.code, what).toBe('VARVE_CORRUPT_ARTIFACT');
    expect(memory.keys(), what).toEqual([`quarantine/${packed}`]);
    await artifacts.put([bytes], 'json/1');
    expect(memory.keys('cas/'), what).toEqual([packed]);
    expect(Buffer.compare(await artifacts.read(reference), bytes), what).toBe(0);
    expect(memory.count('get', plain), what).toBeLessThan(10);
  }

  it('hands out no byte too many, whatever it unpacks to and whatever it says of itself', async () => {
    const { memory, artifacts } = setUp();
    const reference = artifacts.refer([bytes], 'json/1');
    const bomb = gzipSync(new Uint8Array(400 * MIB), { level: 1 });
    for (const claimed of [reference.size, 400 * MIB, 10 ** 14]) {
      memory.objects.set(keysOf(reference).packed, { bytes: packedObject(claimed, bomb), modifiedAt: 0 });
      let given = 0;
      const reading = (async () => {
        for await (const chunk of artifacts.open(reference)) given += chunk.byteLength;
      })();
      await expect(reading).rejects.toMatchObject({ code: 'VARVE_CORRUPT_ARTIFACT' });
      expect(given).toBeLessThanOrEqual(reference.size);
    }
  });

  it('is left alone when it is the reference that is wrong', async () => {
    const { memory, artifacts } = setUp();
    const reference = await artifacts.put([bytes], 'json/1');
    const wrong = { ...reference, size: reference.size + 1 };
    await expect(artifacts.read(wrong)).rejects.toMatchObject({ code: 'VARVE_CORRUPT_ARTIFACT' });
    expect(memory.keys()).toEqual([keysOf(reference).packed]);
    expect(Buffer.compare(await artifacts.read(reference), bytes)).toBe(0);
  });

  it('does not take the plain one with it', async () => {
    const { memory, artifacts } = setUp();
    const reference = await artifacts.put([bytes], 'json/1');
    const { plain, packed } = keysOf(reference);
    memory.objects.set(plain, { bytes: bytes.slice(), modifiedAt: 0 });
    memory.flip(packed, 5_000);
    expect(Buffer.compare(await artifacts.read(reference), bytes)).toBe(0);
    expect(memory.keys()).toEqual([plain, packed]);
    memory.flip(plain, 5_000);
    await expect(artifacts.read(reference)).rejects.toMatchObject({ code: 'VARVE_CORRUPT_ARTIFACT' });
    expect(memory.keys('quarantine/')).toEqual([`quarantine/${plain}`]);
  });

  it('of a form that a later varve wrote is refused by name and left alone', async () => {
    const { memory, artifacts } = setUp();
    const reference = artifacts.refer([bytes], 'json/1');
    const { packed } = keysOf(reference);
    memory.objects.set(packed, { bytes: new Uint8Array(Buffer.from('varve-blob 2 zstd 300000 12\n…')), modifiedAt: 0 });
    await expect(artifacts.read(reference)).rejects.toMatchObject({ code: 'VARVE_FORMAT_VERSION' });
    expect(memory.keys()).toEqual([packed]);
  });

  it('is moved by whoever finds it by its artifact', async () => {
    const { memory, store, artifacts } = setUp();
    const { plain, packed } = keysOf(await artifacts.put([bytes], 'json/1'));
    expect(await moveToQuarantine(store, plain)).toBe(`quarantine/${packed}`);
    expect(memory.keys()).toEqual([`quarantine/${packed}`]);
  });
});

describe('faults of the store', () => {
  it('are told as they are, in the middle too', async () => {
    const { memory, artifacts } = setUp();
    const reference = await artifacts.put([rows(300_000)], 'json/1');
    memory.fault = ({ call }) => (call === 'get' ? { error: new StoreError('unavailable', 'broken') } : undefined);
    await expect(artifacts.read(reference)).rejects.toMatchObject({ code: 'unavailable' });
    memory.fault = undefined;
    const get = memory.get.bind(memory);
    memory.get = async (key, options) => {
      const stream = await get(key, options);
      return (async function* () {
        for await (const chunk of stream) {
          yield chunk.slice(0, 9_000);
          throw new StoreError('unavailable', 'broken');
        }
      })();
    };
    await expect(artifacts.read(reference)).rejects.toMatchObject({ code: 'unavailable' });
    expect(memory.keys('quarantine/')).toEqual([]);
  });
});
