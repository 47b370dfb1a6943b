import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { show, spread } from './measure.mjs';

/** Measures what observers cost: calls that are observed, in one thread with observers and one without, and their start. */
const CALLS = {
  'new Date()': 'new Date()',
  'new Date(n)': 'new Date(1e12)',
  'new Date(text)': "new Date('2024-06-01T12:00:00Z')",
  'getHours()': 'DATE.getHours()',
  'getTime()': 'DATE.getTime()',
  'toISOString()': 'DATE.toISOString()',
  'Date.now()': 'Date.now()',
  'performance.now()': 'performance.now()',
  'Math.random()': 'Math.random()',
  'process.env.HOME': 'process.env.HOME',
  localeCompare: "'a'.localeCompare('b')",
  'process.cwd()': 'process.cwd()',
};
const ROUNDS = 9;
const THREAD = `
import { parentPort, workerData } from 'node:worker_threads';
import { AmbientInputs, runInScope } from '@varve/core/internal';
import { installObservers } from './src/observe/install.ts';
const started = performance.now();
if (workerData.observed) installObservers({ root: workerData.root, own: [] });
const installMs = performance.now() - started;
const { runs } = await import(workerData.user);
const scope = () => ({ label: 'bench', ambient: new AmbientInputs(), write() {}, fail() {}, failRead() {} });
parentPort.on('message', ({ name, times, inside }) => {
  const run = () => runs[name](times);
  parentPort.postMessage(inside ? runInScope(scope(), run) : run());
});
parentPort.postMessage(installMs);
`;
const USER = `
const DATE = new Date(0);
const clock = process.hrtime.bigint.bind(process.hrtime);
export const runs = {
${Object.entries(CALLS)
  .map(
    ([name, code]) => `  ${JSON.stringify(name)}(times) {
    let last;
    const began = clock();
    for (let i = 0; i < times; i++) last = ${code};
    return Number(clock() - began) / times + (last === 'never' ? 1 : 0);
  },`,
  )
  .join('\n')}
};
`;

const root = realpathSync(mkdtempSync(join(tmpdir(), 'varve-bench-')));
const entry = join(root, 'node_modules/@varve/runtime/dist/thread.mjs');
const user = join(root, 'user.mjs');
mkdirSync(join(entry, '..'), { recursive: true });
writeFileSync(user, USER);
await build({
  stdin: { contents: THREAD, resolveDir: fileURLToPath(new URL('../packages/runtime', import.meta.url)), loader: 'ts' },
  outfile: entry,
  bundle: true,
  platform: 'node',
  format: 'esm',
  logLevel: 'error',
  banner: { js: "import { createRequire as _r } from 'node:module'; const require = _r(import.meta.url);" },
});

/** @param {Worker} thread @returns {Promise<number>} */
const heard = async (thread) => (await once(thread, 'message'))[0];

/** @param {boolean} observed */
async function start(observed) {
  const thread = new Worker(entry, { workerData: { observed, root, user } });
  return { thread, installMs: await heard(thread) };
}

const installs = [];
for (let round = 0; round < ROUNDS; round++) {
  const { thread, installMs } = await start(true);
  installs.push(installMs);
  await thread.terminate();
}
console.log(`install in a worker: ${show(spread(installs), 1)} ms`);

const [plain, observed] = await Promise.all([start(false), start(true)]);
for (const inside of [false, true]) {
  console.log(inside ? '\nin a task' : '\noutside of tasks');
  for (const name of Object.keys(CALLS)) {
    /** @type {[number, number][]} */
    const rows = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const pair = [];
      for (const { thread } of [plain, observed]) {
        const answer = heard(thread);
        thread.postMessage({ name, times: 30_000, inside });
        pair.push(await answer);
      }
      const [first = 0, second = 0] = pair;
      if (round > 0) rows.push([first, second]);
    }
    const ratio = spread(rows.map(([a, b]) => b / a));
    const theirs = spread(rows.map(([one]) => one));
    const ours = spread(rows.map(([, two]) => two));
    console.log(
      `${name.padEnd(20)} ${show(theirs).padStart(14)} ns plain, ${show(ours).padStart(14)} ns observed, x ${show(ratio, 1)}`,
    );
  }
}
await Promise.all([plain, observed].map(({ thread }) => thread.terminate()));
