/**
 * What copies on the local disk cost and spare.
 *
 *     node bench/stores/tiered.mjs               both parts
 *     node bench/stores/tiered.mjs reads         warm reads through tiered() next to reads of store-fs itself
 *     node bench/stores/tiered.mjs calls [n]     calls that a store gets from runs of n tasks (1,000), with copies and without
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { costOf, show, spread, VARVE } from '../measure.mjs';

const packages = fileURLToPath(new URL('../../packages/', import.meta.url));
const [part = 'all', count = '1000'] = process.argv.slice(2);

/** @param {string} name @returns {Promise<any>} */
const load = (name) => import(pathToFileURL(join(packages, name, 'dist/index.js')).href);

/** @param {any} plugin @param {string} projectRoot */
function open(plugin, projectRoot) {
  const logger = { debug() {}, info() {}, warn: console.warn, error: console.error };
  const get = async () => Promise.reject(new Error('there is no other part'));
  return plugin.provides.datastore({ projectRoot, stateDir: projectRoot, logger, get });
}

/** Ms of reading every key once, by store, the stores in turn. @param {Record<string, any>} stores @param {string[]} keys */
async function timeReads(stores, keys, rounds = 7) {
  /** @type {Record<string, number[]>} */
  const times = Object.fromEntries(Object.keys(stores).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, store] of Object.entries(stores)) {
      const started = performance.now();
      for (const key of keys) for await (const chunk of await store.get(key)) void chunk;
      if (round > 0) times[name]?.push(performance.now() - started);
    }
  }
  return times;
}

/** Number of blobs, and bytes of each. @type {readonly (readonly [number, number])[]} */
const SIZES = [
  [1000, 1000],
  [1000, 100_000],
  [50, 4_000_000],
  [1, 500_000_000],
];

async function measureReads() {
  const [{ fsStore }, { tiered }] = [await load('store-fs'), await load('store-tiered')];
  console.log('warm reads, ms for all        store-fs          tiered        hashing alone');
  for (const [n, size] of SIZES) {
    const root = mkdtempSync(join(tmpdir(), 'varve-bench-'));
    try {
      const remote = fsStore({ root: join(root, 'far') });
      const stores = {
        fs: open(remote, root),
        tiered: await open(tiered({ local: 'near', remote, maxBytes: '5GB' }), root),
      };
      const keys = [];
      let hashing = 0;
      for (let i = 0; i < n; i++) {
        const bytes = randomBytes(size);
        const started = performance.now();
        const hex = createHash('sha256').update(bytes).digest('hex');
        hashing += performance.now() - started;
        const key = `cas/sha256/${hex.slice(0, 2)}/${hex}`;
        const pieces = async function* () {
          for (let at = 0; at < size; at += 1e6) yield bytes.subarray(at, at + 1e6);
        };
        await stores.tiered.put(key, { size, open: pieces });
        keys.push(key);
      }
      const times = await timeReads(stores, keys);
      const cells = Object.values(times).map((all) => show(spread(all), 1).padStart(18));
      console.log(`${`${n} x ${size}`.padEnd(22)} ${cells.join(' ')} ${hashing.toFixed(1).padStart(12)}`);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  }
}

/** @param {number} n @param {number} length Characters that each task writes. */
const flow = (n, length) => `import { Flow, step, type View } from 'varve';
export default class Wide extends Flow {
  items = Array.from({ length: ${n} }, (_, i) => i);
  text!: string; total!: number;
  @step({ foreach: 'items' }) write(i: number) { this.text = String(i).padEnd(${length}, 'x'); }
  @step({ join: 'write' }) read(tasks: readonly View<Wide>[]) {
    this.total = tasks.reduce((sum, task) => sum + task.text.length, 0);
  }
}
`;

/** @param {string} bucket @param {string} log @param {boolean} hasCopies */
const config = (bucket, log, hasCopies) => `import { appendFileSync } from 'node:fs';
import { definePlugin } from '@varve/core/contract';
import { fsStore } from '@varve/store-fs';
import { tiered } from '@varve/store-tiered';
const note = (call, key, bytes) => appendFileSync(${JSON.stringify(log)}, call + ' ' + key.split('/')[0] + ' ' + bytes + '\\n');
const inner = fsStore({ root: ${JSON.stringify(bucket)} });
const counted = definePlugin({ name: 'counted', provides: { datastore: (context) => {
  const store = inner.provides.datastore(context);
  return {
    name: store.name, capabilities: store.capabilities,
    async put(key, ...rest) { note('put', key, 0); return store.put(key, ...rest); },
    async get(key, ...rest) { const bytes = (await store.stat(key))?.size ?? 0; note('get', key, bytes); return store.get(key, ...rest); },
    async stat(key, ...rest) { note('stat', key, 0); return store.stat(key, ...rest); },
    async *list(prefix, ...rest) { note('list', prefix, 0); yield* store.list(prefix, ...rest); },
    async delete(key, ...rest) { note('delete', key, 0); return store.delete(key, ...rest); },
  };
} } });
export default { datastore: ${hasCopies ? "tiered({ local: '.varve/blobs', remote: counted })" : 'counted'} };
`;

/** @param {string} folder @param {Record<string, string>} files */
function project(folder, files) {
  mkdirSync(join(folder, 'node_modules/@varve'), { recursive: true });
  symlinkSync(join(packages, 'cli'), join(folder, 'node_modules/varve'));
  for (const name of ['core', 'store-fs', 'store-tiered'])
    symlinkSync(join(packages, name), join(folder, 'node_modules/@varve', name));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

/** Calls by kind, of blobs and of all other objects. @param {string} log */
function takeCalls(log) {
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  writeFileSync(log, '');
  const found = { all: lines.length, puts: 0, blobGets: 0, otherGets: 0, blobStats: 0, mb: 0 };
  for (const [call, kind, bytes] of lines.map((line) => line.split(' '))) {
    if (call === 'put') found.puts++;
    if (call === 'stat' && kind === 'cas') found.blobStats++;
    if (call === 'get' && kind !== 'cas') found.otherGets++;
    if (call !== 'get' || kind !== 'cas') continue;
    found.blobGets++;
    found.mb += Number(bytes) / 1e6;
  }
  return found;
}

/** Name, checkout and options of each run. @type {readonly (readonly [string, string, readonly string[]])[]} */
const RUNS = [
  ['first', 'one', []],
  ['again', 'one', []],
  ['the join again', 'one', ['--force', 'read']],
  ['other checkout, join', 'two', ['--force', 'read']],
  ['the same once more', 'two', ['--force', 'read']],
];

async function measureCalls() {
  console.log(
    '\nflow             copies  run                      calls  puts  gets of blobs (MB)  other gets  stats of blobs  wall s',
  );
  for (const length of [100, 20_000]) {
    for (const hasCopies of [false, true]) {
      const root = mkdtempSync(join(tmpdir(), 'varve-bench-'));
      const log = join(root, 'calls.txt');
      const files = {
        'varve.config.mjs': config(join(root, 'bucket'), log, hasCopies),
        'wide.ts': flow(Number(count), length),
      };
      for (const name of ['one', 'two']) project(join(root, name), files);
      for (const [what, folder, args] of RUNS) {
        const { wallMs } = await costOf([VARVE, 'run', 'wide.ts', '-q', ...args], { cwd: join(root, folder) });
        const { all, puts, blobGets, mb, otherGets, blobStats } = takeCalls(log);
        const gets = `${blobGets} (${mb.toFixed(1)})`;
        console.log(
          `${`${count} x ${length}`.padEnd(17)}${(hasCopies ? 'yes' : 'no').padEnd(8)}${what.padEnd(24)}${[String(all).padStart(6), String(puts).padStart(5), gets.padStart(19), String(otherGets).padStart(11), String(blobStats).padStart(15), (wallMs / 1000).toFixed(2).padStart(7)].join(' ')}`,
        );
      }
      rmSync(root, { recursive: true, force: true });
    }
  }
}

if (part !== 'calls') await measureReads();
if (part !== 'reads') await measureCalls();
