import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { Faults } from '@varve/test-servers/wire';
import { afterAll } from 'vitest';

/** The stores that tests run over. `vitest.config.ts` has a project for each: it sets `VARVE_TEST_STORE`. */
type StoreName = 'folder' | 's3' | 'gcs' | 'tiered';

/** A test's hands on the store of its project, past varve. Keys are those that varve uses. */
export interface TestStore {
  readonly name: StoreName;
  /** The config that names it; `undefined` for the store that a project without a config has. */
  readonly config: string | undefined;
  /** Sorted. */
  keys(prefix?: string): string[];
  read(key: string): Buffer | undefined;
  /** Stores other bytes under a key, or removes it. */
  write(key: string, bytes: Buffer | undefined): void;
  /** Makes the objects older whose keys are meant. A negative age makes them younger. Ms. */
  age(ms: number, isMeant: (key: string) => boolean): void;
  /** Removes what this machine has copies of. */
  dropCopies(): void;
  /** Removes everything, copies too. */
  empty(): void;
  /** For a store that is reached over the network. */
  readonly wire?: Wire;
}

/** A service, as tests break it. */
export interface Wire {
  readonly faults: Faults;
  /** Status and name that the service refuses a write with when nothing more fits. */
  readonly full: { readonly status: number; readonly reason: string };
  /** What the service says to somebody who lacks a right. */
  readonly denied: { readonly status: number; readonly reason: string };
  /** Sets the clock of the service. Ms by which it is ahead; a negative number for one that is behind. */
  setClock(aheadMs: number): void;
  /** Uploads in several requests that were neither finished nor given up. */
  openUploads(): number;
}

/** The store of this test run. */
export const STORE = (process.env.VARVE_TEST_STORE ?? 'folder') as StoreName;

const connect = await connectorOf(STORE);
let projects = 0;

/** The store of a project in this folder. It is empty, and no other project sees it. */
export function openTestStore(root: string): TestStore {
  return connect(root, `p${++projects}`);
}

type Connect = (root: string, prefix: string) => TestStore;

/** Starts the service of a store once for all projects of a test file. */
async function connectorOf(name: StoreName): Promise<Connect> {
  if (name === 'folder') return (root) => folderStore(join(root, '.varve/store'));
  if (name === 'gcs') return connectorOfGcs();
  if (name === 's3' || name === 'tiered') return connectorOfS3(name);
  throw new Error(`there is no store ${name} for VARVE_TEST_STORE`);
}

/** A local store in this folder. */
export function folderStore(folder: string): TestStore {
  const path = (key: string) => join(folder, key);
  const keys = (prefix = '') => keysIn(folder).filter((key) => key.startsWith(prefix));
  return {
    name: 'folder',
    config: undefined,
    keys,
    read: (key) => (existsSync(path(key)) ? readFileSync(path(key)) : undefined),
    write: (key, bytes) => {
      if (bytes === undefined) return rmSync(path(key), { force: true });
      mkdirSync(dirname(path(key)), { recursive: true });
      // At once, as the store does it: a command may be reading.
      const part = `${path(key)}.part`;
      writeFileSync(part, bytes);
      renameSync(part, path(key));
    },
    age: (ms, isMeant) => {
      for (const key of keys().filter(isMeant)) {
        const at = new Date(statSync(path(key)).mtimeMs - ms);
        utimesSync(path(key), at, at);
      }
    },
    dropCopies: () => {},
    empty: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function keysIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .filter((key) => !key.startsWith('~tmp/') && key !== '.gitignore')
    .sort();
}

/** Ms. Long for a busy machine, short for a test that waits for a request that stalls. */
const IDLE_MS = 3_000;

async function connectorOfS3(name: 's3' | 'tiered'): Promise<Connect> {
  const { S3Double } = await import('@varve/test-servers/s3');
  const double = await S3Double.start();
  afterAll(() => double.close());
  const { accessKeyId, secretAccessKey } = double.account;
  return (root, prefix) => {
    const place = { bucket: 'varve', endpoint: double.url, credentials: { accessKeyId, secretAccessKey } };
    const s3 = `s3Store(${JSON.stringify({ ...place, prefix, idleTimeoutMs: IDLE_MS })})`;
    const isTiered = name === 'tiered';
    const imports = `import { s3Store } from '@varve/store-s3';\nimport { tiered } from '@varve/store-tiered';\n`;
    const datastore = isTiered ? `tiered({ local: '.varve/blobs', remote: ${s3} })` : s3;
    return bucketStore(prefix, {
      name,
      config: `${imports}export default { datastore: ${datastore} };\n`,
      keys: () => double.keys(),
      read: (key) => double.bytesOf(key),
      write: (key, bytes) => double.replace(key, bytes),
      age: (ms, isMeant) => double.age(ms, isMeant),
      dropCopies: () => rmSync(join(root, '.varve/blobs'), { recursive: true, force: true }),
      wire: {
        faults: double.faults,
        full: { status: 507, reason: 'QuotaExceeded' },
        denied: { status: 403, reason: 'AccessDenied' },
        setClock: (aheadMs) => (double.aheadMs = aheadMs),
        openUploads: () => double.openUploads(),
      },
    });
  };
}

async function connectorOfGcs(): Promise<Connect> {
  const { GcsServer } = await import('@varve/test-servers/gcs');
  const server = await GcsServer.start();
  afterAll(() => server.stop());
  const bucket = server.bucket();
  return (_, prefix) => {
    const options = { bucket: bucket.name, prefix, apiEndpoint: server.url, idleTimeoutMs: IDLE_MS };
    const config = `import { gcsStore } from '@varve/store-gcs';\nexport default { datastore: gcsStore(${JSON.stringify(options)}) };\n`;
    return bucketStore(prefix, {
      name: 'gcs',
      config,
      keys: () => bucket.names(),
      read: (key) => bucket.peek(key)?.bytes,
      write: (key, bytes) => bucket.replace(key, bytes),
      age: (ms, isMeant) => bucket.age(ms, isMeant),
      dropCopies: () => {},
      wire: {
        faults: server.faults,
        full: { status: 403, reason: 'quotaExceeded' },
        denied: { status: 403, reason: 'forbidden' },
        setClock: (aheadMs) => (server.aheadMs = aheadMs),
        openUploads: () => server.uploads.open,
      },
    });
  };
}

/** A store whose objects lie under a prefix in a bucket. */
function bucketStore(prefix: string, whole: Omit<TestStore, 'empty'>): TestStore {
  const own = (key: string) => key.startsWith(`${prefix}/`);
  const inside = (key: string) => key.slice(prefix.length + 1);
  const store: TestStore = {
    ...whole,
    keys: (start = '') =>
      whole
        .keys(`${prefix}/${start}`)
        .filter(own)
        .map(inside)
        .filter((key) => key.startsWith(start)),
    read: (key) => whole.read(`${prefix}/${key}`),
    write: (key, bytes) => whole.write(`${prefix}/${key}`, bytes),
    age: (ms, isMeant) => whole.age(ms, (key) => own(key) && isMeant(inside(key))),
    empty: () => {
      for (const key of store.keys()) store.write(key, undefined);
      whole.dropCopies();
    },
  };
  return store;
}
