/**
 * What fingerprints cost: `node bench/cost.mjs` after a build. A flow of five steps over the sources of the package
 * `effect`; each row is measured in a process of its own, CPU time (user and system) of `fingerprint` alone.
 */
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
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

const [role, root, cacheDir] = process.argv.slice(2);
if (role === 'measure') await measure();
else main();

function main() {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'varve-cost-')));
  try {
    makeProject(root);
    const cache = join(root, 'cache');
    const rows = { 'cold, cache empty': run(root, cache), 'warm, new process': run(root, cache) };
    appendFileSync(join(root, 'corpus/internal/option.ts'), '\nexport const added = 1;\n');
    rows['after one edit'] = run(root, cache);
    rows['the same process again'] = run(root, cache, 'again');
    console.table(rows);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function run(root, cache, again = '') {
  const script = fileURLToPath(import.meta.url);
  const done = spawnSync(process.execPath, [script, 'measure', root, cache, again], { encoding: 'utf8' });
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
  const { graph } = await createLoader().compile(join(root, 'flow.ts'));
  const fingerprinter = createFingerprinter({ cacheDir });
  const names = Object.keys(STEPS).map((name) => `${name}Step`);
  if (process.argv[5] === 'again') await fingerprinter.fingerprint(graph, 'Example', names);
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  const found = await fingerprinter.fingerprint(graph, 'Example', names);
  const { user, system } = process.cpuUsage(cpu);
  const row = {
    'CPU ms': Math.round((user + system) / 1000),
    'wall ms': Math.round(performance.now() - wall),
    'RSS MB': Math.round(process.memoryUsage().rss / 1e6),
    modules: graph.modules.length,
    'MB of source': Number((graph.modules.reduce((sum, { contents }) => sum + contents.length, 0) / 1e6).toFixed(1)),
    'pieces a step': found.map(({ nodes }) => nodes.length).join(' '),
  };
  process.stdout.write(JSON.stringify(row));
}
