/**
 * Measures the cost of fingerprints: `node bench/cost.mjs [runs]` after a build. The flow has five steps over the
 * sources of the package `effect`. Reports CPU time (user and system, all threads) of one call of `fingerprint` for all
 * steps: it includes loading the parser and reading and writing the caches, but not the start of Node and the
 * compilation. Rows named "new process" are the first call of their process, the others the second. Median of the runs,
 * least and most.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const STEPS = {
  arrays: `import * as A from '../corpus/Array.js';\nexport const arrays = () => A.map([1], (x) => x + 1);\n`,
  options: `import * as O from '../corpus/Option.js';\nexport const options = () => O.some(1);\n`,
  effects: `import * as E from '../corpus/Effect.js';\nexport const effects = () => E.runSync(E.succeed(1));\n`,
  schemas: `import * as S from '../corpus/Schema.js';\nexport const schemas = () => S.Struct({ a: S.Number });\n`,
  plain: `export const plain = () => 1 + 1;\n`,
};

const FILE = 'corpus/internal/option.ts';

/** Edits by kind. The number makes each one different. */
const EDITS = {
  body: (text, n) => text.replace('  return a\n', `  a.edited = ${n}\n  return a\n`),
  call: (text, n) => text.replace('  return a\n', `  a.edited = hasProperty(a, ${n})\n  return a\n`),
  import: (text, n) => {
    const called = text.replace('  return a\n', `  a.edited = constant(${n})\n  return a\n`);
    return `import { constant } from "../Function.js"\n${called}`;
  },
  export: (text, n) => `${text}\nexport const added${n} = 1;\n`,
  removal: (text) => text.replace(/\nexport const added\d+ = 1;\n$/, ''),
};

/** Measurements in order: the edit before each, and whether it runs in a process that already has a result (`same`). */
const ROWS = [
  { name: 'cold, no cache, new process', target: 2500 },
  { name: 'nothing changed, new process', target: 300 },
  { name: 'nothing changed, same process', target: 300, same: true },
  { name: 'one edit in a function, new process', target: 200, edit: 'body' },
  { name: 'one edit in a function, same process', target: 200, edit: 'body', same: true },
  { name: 'an edit that adds a call, new process', target: 400, edit: 'call' },
  { name: 'an edit that adds an import, new process', target: 400, edit: 'import' },
  { name: 'an edit that adds an export, new process', target: 400, edit: 'export' },
  { name: 'an edit that removes an export, new process', edit: 'removal' },
];

const [role = '5', root, cacheDir, before = '', kind = ''] = process.argv.slice(2);
if (role === 'measure') await measure();
else main(Number(role));

function main(runs) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'varve-cost-')));
  try {
    makeProject(root);
    const plain = readFileSync(join(root, FILE), 'utf8');
    const rounds = Array.from({ length: runs }, (_, i) => {
      writeFileSync(join(root, FILE), plain);
      return ROWS.map((row) => measured(root, join(root, `.varve/cache${i}`), row));
    });
    const summaries = ROWS.map(({ name, target }, at) => [
      name,
      summary(
        rounds.map((round) => round[at]),
        target,
      ),
    ]);
    console.table(Object.fromEntries(summaries));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function measured(root, cache, { edit: kind = '', same = false }) {
  if (kind !== '' && !same) edit(root, kind);
  return same ? run(root, cache, 'before', kind) : run(root, cache);
}

function edit(root, kind) {
  const [file, number] = [join(root, FILE), process.hrtime.bigint() % 1_000_000_007n];
  const text = readFileSync(file, 'utf8');
  const edited = EDITS[kind](text, number);
  if (edited === text) throw new Error(`the edit ${kind} changes nothing`);
  writeFileSync(file, edited);
}

function summary(rows, target) {
  const all = rows.map(({ cpu }) => cpu).sort((a, b) => a - b);
  const { cpu, ...first } = rows[0] ?? {};
  return { 'CPU ms': all[all.length >> 1] ?? cpu, 'least to most': `${all[0]} - ${all.at(-1)}`, target, ...first };
}

function run(root, cache, ...more) {
  const script = fileURLToPath(import.meta.url);
  const done = spawnSync(process.execPath, [script, 'measure', root, cache, ...more], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(done.stderr);
  return JSON.parse(done.stdout);
}

function makeProject(root) {
  const effect = dirname(createRequire(import.meta.url).resolve('effect/package.json'));
  const write = (name, text) => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  };
  cpSync(join(effect, 'src'), join(root, 'corpus'), { recursive: true, dereference: true });
  write('package.json', '{ "name": "app", "type": "module" }');
  write('node_modules/varve/package.json', '{ "name": "varve", "version": "1.0.0", "main": "index.js" }');
  write('node_modules/varve/index.js', '');
  const fastCheck = dirname(createRequire(import.meta.url).resolve('fast-check/package.json'));
  symlinkSync(fastCheck, join(root, 'node_modules/fast-check'), 'junction');
  for (const [name, text] of Object.entries(STEPS)) write(`steps/${name}.ts`, text);
  const imports = Object.keys(STEPS).map((name) => `import { ${name} } from './steps/${name}.ts';`);
  const steps = Object.keys(STEPS).map((name) => `  @step() ${name}Step() { this.out = ${name}(); }`);
  const body = `export default class Example extends Flow {\n${steps.join('\n')}\n}\n`;
  write('flow.ts', `import { Flow, step } from 'varve';\n${imports.join('\n')}\n${body}`);
}

async function measure() {
  const { createLoader } = await import('@varve/loader');
  const { createFingerprinter } = await import('../dist/index.js');
  const compile = async () => (await createLoader().compile(join(root, 'flow.ts'))).graph;
  let graph = await compile();
  const fingerprinter = createFingerprinter({ cacheDir });
  const names = Object.keys(STEPS).map((name) => `${name}Step`);
  if (before !== '') await fingerprinter.fingerprint(graph, 'Example', names);
  if (kind !== '') {
    edit(root, kind);
    graph = await compile();
  }
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  const found = await fingerprinter.fingerprint(graph, 'Example', names);
  const { user, system } = process.cpuUsage(cpu);
  const row = {
    cpu: Math.round((user + system) / 1000),
    'wall ms': Math.round(performance.now() - wall),
    'RSS MB': Math.round(process.memoryUsage().rss / 1e6),
    modules: graph.modules.length,
    'MB of source': Number((graph.modules.reduce((sum, { contents }) => sum + contents.length, 0) / 1e6).toFixed(1)),
    'pieces a step': found.map(({ nodes }) => nodes.length).join(' '),
  };
  process.stdout.write(JSON.stringify(row));
}
