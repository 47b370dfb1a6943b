/**
 * `varve list` over very many runs: what the client does for it, on the journals in a folder, on the same with an index, and on
 * SQLite. Runs are made through the providers; 1 in 1,000 failed, 1 in 1,000 is tagged `rare`, half are tagged `nightly`.
 *
 *     node bench/stores/list-runs.mjs [runs] [rounds]      left out: 5000 and 5
 *
 * A ratio is the time of the journals in the folder by that of the other, in one round.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { show, spread } from '../measure.mjs';

const count = Number(process.argv[2] ?? 5_000);
const rounds = Number(process.argv[3] ?? 5);
const packages = new URL('../../packages/', import.meta.url);

/** @param {string} path @returns {Promise<any>} */
const load = (path) => import(new URL(path, packages).href);
const { History, updateIndex } = await load('client/dist/index.js');
const { DatastoreJournal } = await load('core/dist/internal.js');
const { fsStore } = await load('store-fs/dist/index.js');
const { sqliteIndex, sqliteMetadata } = await load('metadata-sqlite/dist/index.js');

const root = mkdtempSync(join(tmpdir(), 'varve-bench-'));
const START = 1_700_000_000_000;
/** Runs that are made at once. */
const WIDTH = 50;

const context = { projectRoot: root, stateDir: root, get: async () => store };
const store = await fsStore({ root: join(root, 'store') }).provides.datastore(context);
const journal = new DatastoreJournal(store);
const sqlite = await sqliteMetadata().provides.metadata(context);
const index = await sqliteIndex().provides.index(context);

/** @param {number} n */
function runOf(n) {
  const status = n % 1000 === 500 ? 'failed' : 'succeeded';
  const createdAt = START + n * 60_000;
  const record = {
    id: `01j${String(n).padStart(23, '0')}`,
    flow: `Flow${n % 5}`,
    number: n,
    tags: [...(n % 1000 === 0 ? ['rare'] : []), ...(n % 2 === 0 ? ['nightly'] : [])],
    createdAt,
    user: 'ada',
    host: 'lab',
    varve: '0.0.0',
    parameters: { folds: String(n % 7), seed: String(n), model: 'forest' },
    bundle: `sha256:${'ab'.repeat(32)}`,
    graph: ['load', 'clean', 'train', 'report'].map((name) => ({ name, after: [] })),
  };
  return { record, summary: { status, endedAt: createdAt + 5_000, counts: { succeeded: 12, cached: 4 } } };
}

/** @param {any} provider */
async function fill(provider) {
  const started = performance.now();
  for (let at = 0; at < count; at += WIDTH) {
    const some = Array.from({ length: Math.min(WIDTH, count - at) }, (_, n) => runOf(at + n));
    await Promise.all(
      some.map(async ({ record, summary }) => {
        await provider.createRun(record);
        await provider.finishRun(record, summary);
      }),
    );
  }
  return performance.now() - started;
}

/** @param {any} provider @param {any} [by] */
const history = (provider, by) => new History(store, provider, {}, () => START, 'bench', by);
const SIDES = { folder: history(journal), index: history(journal, index), sqlite: history(sqlite) };
const QUERIES = {
  'the newest 20': { limit: 20 },
  'the newest 20 of a flow': { flow: 'Flow3', limit: 20 },
  'failed, 20': { status: 'failed', limit: 20 },
  'tag rare, 20': { tag: 'rare', limit: 20 },
  'tag nightly and folds=3, 20': { tag: 'nightly', parameters: { folds: 3 }, limit: 20 },
  'one value of a parameter': { parameters: { seed: 17 }, limit: 20 },
  'the oldest hour': { until: START + 3_600_000, limit: 100 },
};

/** @param {any} side @param {any} query */
async function timeOf(side, query) {
  const started = performance.now();
  const numbers = [];
  for await (const { record } of side.list(query)) numbers.push(record.number);
  return { ms: performance.now() - started, numbers: numbers.join() };
}

try {
  console.log(`${count} runs, Node ${process.versions.node}`);
  console.log(`made in the folder in ${seconds(await fill(journal))}, in SQLite in ${seconds(await fill(sqlite))}`);
  const started = performance.now();
  await updateIndex(store, index);
  console.log(`index made in ${seconds(performance.now() - started)}`);
  const again = performance.now();
  await updateIndex(store, index);
  console.log(`index updated, with nothing new, in ${seconds(performance.now() - again)}\n`);
  console.log('query: ms on the folder | with the index, ratio | on SQLite, ratio\n');
  for (const [name, query] of Object.entries(QUERIES)) await compare(name, query);
} finally {
  await sqlite.close();
  await index.close();
  rmSync(root, { recursive: true, force: true });
}

/** @param {string} name @param {any} query */
async function compare(name, query) {
  /** @type {Record<string, number[]>} */
  const times = { folder: [], index: [], sqlite: [] };
  for (let round = 0; round <= rounds; round++) {
    /** @type {Set<string>} */
    const answers = new Set();
    for (const [side, one] of Object.entries(SIDES)) {
      const { ms, numbers } = await timeOf(one, query);
      answers.add(numbers);
      if (round > 0) times[side]?.push(ms);
    }
    if (answers.size > 1) throw new Error(`the answers to ${name} differ`);
  }
  const { folder = [], index: byIndex = [], sqlite: bySqlite = [] } = times;
  /** @param {number[]} other */
  const ratio = (other) => show(spread(folder.map((ms, round) => ms / (other[round] ?? Number.NaN))), 1);
  console.log(
    `${name}: ${show(spread(folder))} | ${show(spread(byIndex))}, ${ratio(byIndex)} | ${show(spread(bySqlite), 1)}, ${ratio(bySqlite)}`,
  );
}

/** @param {number} ms */
function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}
