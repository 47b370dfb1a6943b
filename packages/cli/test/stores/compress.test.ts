import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { GcsServer } from '@varve/test-servers/gcs';
import { S3Double } from '@varve/test-servers/s3';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ran } from '../support/cached-run.ts';
import { outcomeOf } from '../support/outcome.ts';
import { expectCode, Project, pause } from '../support/project.ts';
import { folderStore, type TestStore } from '../support/stores.ts';

// Each test starts several processes, which is slow on a busy machine.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 60_000 });

/** Large values of three kinds, of which one cannot be compressed, and a step that reads them. */
const FLOW = `import { createHash } from 'node:crypto';
import { artifact, Flow, param, step, type StoredFile } from 'varve';
const noise = (size: number) => Buffer.concat(Array.from({ length: size / 32 }, (_, i) => createHash('sha256').update(String(i)).digest()));
async function* lines(base: number) {
  for (let from = 0; from < 700_000; from += 10_000)
    yield Buffer.from(Array.from({ length: 10_000 }, (_, i) => (from + i) * base + ';Adelie\\n').join(''));
}
export default class Large extends Flow {
  base = param.int(1);
  rows!: { id: number; species: string }[]; table!: StoredFile; image!: Uint8Array; sum!: number;
  @step() async load() {
    this.rows = Array.from({ length: 20_000 }, (_, id) => ({ id: id * this.base, species: 'Adelie' }));
    this.image = new Uint8Array(noise(320_000));
    this.table = await artifact.stream(lines(this.base));
  }
  @step({ after: 'load' }) add() {
    this.sum = this.rows.length + this.image.length + this.table.text().length;
  }
}
`;

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

interface Place {
  readonly datastore: string;
  readonly keys: () => readonly string[];
  readonly read: (key: string) => Buffer | undefined;
  readonly write: (key: string, bytes: Buffer | undefined) => void;
  readonly age: (ms: number) => void;
}

const IMPORTS = ['fs', 's3', 'gcs']
  .map((name) => `import { ${name}Store } from '@varve/store-${name}';\n`)
  .concat(`import { tiered } from '@varve/store-tiered';\n`)
  .join('');

async function folder(root: string): Promise<Place> {
  const store: TestStore = folderStore(root);
  const datastore = `fsStore({ root: ${JSON.stringify(root)}, compress: true })`;
  return { datastore, keys: store.keys, read: store.read, write: store.write, age: (ms) => store.age(ms, () => true) };
}

async function s3(): Promise<Place> {
  const double = await S3Double.start();
  open.push(double);
  const { accessKeyId, secretAccessKey } = double.account;
  const options = { bucket: 'varve', endpoint: double.url, credentials: { accessKeyId, secretAccessKey } };
  return {
    datastore: `s3Store(${JSON.stringify(options)})`,
    keys: () => double.keys(),
    read: (key) => double.bytesOf(key),
    write: (key, bytes) => double.replace(key, bytes),
    age: (ms) => double.age(ms),
  };
}

async function gcs(): Promise<Place> {
  const server = await GcsServer.start();
  open.push({ close: () => server.stop() });
  const bucket = server.bucket();
  return {
    datastore: `gcsStore(${JSON.stringify({ bucket: bucket.name, apiEndpoint: server.url })})`,
    keys: () => bucket.names(),
    read: (key) => bucket.peek(key)?.bytes,
    write: (key, bytes) => bucket.replace(key, bytes),
    age: (ms) => bucket.age(ms, () => true),
  };
}

function checkout(datastore: string): Project {
  const config = `${IMPORTS}export default { datastore: ${datastore} };\n`;
  return new Project({ 'varve.config.mjs': config, 'large.ts': FLOW });
}

const SUM =
  20_000 + 320_000 + Array.from({ length: 700_000 }, (_, i) => `${i};Adelie\n`.length).reduce((a, b) => a + b);
const packedOf = (place: Place) => place.keys().filter((key) => /^cas\/.*\.gz$/.test(key));
const plainOf = (place: Place) => place.keys().filter((key) => /^cas\/.*[0-9a-f]$/.test(key));

describe.each([
  ['a folder that asks for it', async () => folder(new Project().path('bucket'))],
  ['S3', s3],
  ['Google', gcs],
] as const)('large artifacts in %s', (_, start) => {
  it('are kept compressed where that pays, and every command sees them as they were', async () => {
    const place = await start();
    const here = checkout(place.datastore);
    expect((await ran(here, ['large.ts'])).counts).toEqual({ succeeded: 2 });
    const shown = expectCode(await here.varve(['show', '@last', '--requests']), 0).stdout;
    expect(shown).toMatch(/saved +\d\S* MB by compression/);
    const packed = packedOf(place);
    expect(packed).toHaveLength(2);
    for (const key of packed) {
      const object = place.read(key) ?? Buffer.alloc(0);
      const plain = gunzipSync(object.subarray(object.indexOf('\n') + 1));
      expect(object.length).toBeLessThan(plain.length / 2);
      expect(key).toContain(createHash('sha256').update(plain).digest('hex'));
    }
    const there = checkout(place.datastore);
    expect((await ran(there, ['large.ts'])).counts).toEqual({ cached: 2 });
    expect((await ran(there, ['large.ts', '--force', 'add'])).counts).toEqual({ cached: 1, succeeded: 1 });
    expect(await there.json('artifacts', 'get', '@last', 'sum')).toBe(SUM);
    expectCode(await there.varve(['artifacts', 'get', '@last', 'table', '--output', there.path('table.csv')]), 0);
    expect(there.read('table.csv').length).toBe(SUM - 340_000);
    expectCode(await there.varve(['cache', 'verify']), 0);
  });

  it('go when nothing needs them, and are made again when one is damaged', async () => {
    const place = await start();
    const project = checkout(place.datastore);
    await ran(project, ['large.ts', '--base', '3']);
    const old = packedOf(place);
    await ran(project, ['large.ts']);
    place.age(2 * 3_600_000);
    expectCode(await project.varve(['gc', '--yes', '--keep-last', '1', '--older', '0s']), 0);
    const packed = packedOf(place);
    expect(packed).toHaveLength(2);
    expect(packed.filter((key) => old.includes(key))).toEqual([]);
    for (const key of packed) {
      const bytes = Buffer.from(place.read(key) ?? '');
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
      place.write(key, bytes);
    }
    expect(expectCode(await project.varve(['cache', 'verify']), 1).stdout).toMatch(/is damaged/);
    await ran(project, ['large.ts', '--force', 'add']);
    expect(await project.json('artifacts', 'get', '@last', 'sum')).toBe(SUM);
    const aside = place.keys().filter((key) => key.startsWith('quarantine/'));
    expect([...aside].sort()).toEqual(packed.map((key) => `quarantine/${key}`).sort());
    expect(packedOf(place)).toEqual(packed);
    expectCode(await project.varve(['cache', 'verify']), 0);
  });
});

describe('large artifacts', () => {
  it('are copied in the form that the target keeps, and found again in each', async () => {
    const bucket = await s3();
    const project = checkout(bucket.datastore);
    await ran(project, ['large.ts']);
    expectCode(await project.varve(['store', 'copy', 'default', './plain']), 0);
    const plain = folderStore(project.path('plain'));
    expect(plain.keys('cas/').filter((key) => key.endsWith('.gz'))).toEqual([]);
    const again = JSON.parse(
      expectCode(await project.varve(['store', 'copy', 'default', './plain', '--json']), 0).stdout,
    );
    expect(again.copied.objects).toBe(0);
    const other = await gcs();
    const back = checkout(other.datastore);
    expectCode(await back.varve(['store', 'copy', project.path('plain'), 'default']), 0);
    expect(packedOf(other)).toEqual(packedOf(bucket));
    expect(plainOf(other)).toEqual(plainOf(bucket));
    expect((await ran(back, ['large.ts'])).counts).toEqual({ cached: 2 });
    const repeated = JSON.parse(
      expectCode(await back.varve(['store', 'copy', project.path('plain'), 'default', '--json']), 0).stdout,
    );
    expect(repeated.copied.objects).toBe(0);
  });

  it('are read in either form when the setting is turned off and on again', async () => {
    const root = new Project().path('bucket');
    const place = await folder(root);
    await ran(checkout(place.datastore), ['large.ts']);
    const off = checkout(place.datastore.replace('compress: true', 'compress: false'));
    expect((await ran(off, ['large.ts', '--force', 'add'])).counts).toEqual({ cached: 1, succeeded: 1 });
    await ran(off, ['large.ts', '--base', '5']);
    expect(packedOf(place)).toHaveLength(2);
    const on = checkout(place.datastore);
    expect((await ran(on, ['large.ts', '--base', '5', '--force', 'add'])).counts).toEqual({ cached: 1, succeeded: 1 });
  });

  it('are plain in local copies, whatever the store far away keeps', async () => {
    const bucket = await s3();
    const datastore = `tiered({ local: '.varve/blobs', remote: ${bucket.datastore} })`;
    await ran(checkout(datastore), ['large.ts']);
    expect(packedOf(bucket)).toHaveLength(2);
    const project = checkout(datastore);
    await ran(project, ['large.ts', '--force', 'add']);
    const root = project.path('.varve/blobs/copies');
    const copies = readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /^[0-9a-f]{64}$/.test(entry.name))
      .map(({ parentPath, name }) => [name, readFileSync(join(parentPath, name))] as const);
    expect(copies.length).toBeGreaterThanOrEqual(3);
    for (const [name, bytes] of copies) expect(createHash('sha256').update(bytes).digest('hex')).toBe(name);
  });

  it('are whole or not there when the run is killed while one is compressed', async () => {
    const place = await folder(new Project().path('bucket'));
    const project = checkout(place.datastore);
    const started = project.start(['run', 'large.ts']);
    const scratch = project.path('.varve/scratch');
    const isUnderWay = () => existsSync(scratch) && readdirSync(scratch).some((name) => name.endsWith('.gz'));
    while (!isUnderWay() && started.child.exitCode === null) await pause(1);
    process.kill(-(started.child.pid ?? 0), 'SIGKILL');
    await started.ended;
    for (const key of packedOf(place)) {
      const object = place.read(key) ?? Buffer.alloc(0);
      const plain = gunzipSync(object.subarray(object.indexOf('\n') + 1));
      expect(key).toContain(createHash('sha256').update(plain).digest('hex'));
    }
    await outcomeOf(project, ['run', 'large.ts']);
    expect(await project.json('artifacts', 'get', '@last', 'sum')).toBe(SUM);
    expect(packedOf(place)).toHaveLength(2);
  });
});
