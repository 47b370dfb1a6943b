/**
 * A step that reads 20 artifacts of a cached step, 10 of 20 kB and 10 of 300 kB, from a bucket 30 ms away, in a checkout that has
 * nothing of them: the first time the step is executed at all, and after a change of its code.
 *
 *     node bench/stores/prefetch.mjs [checkout]     varve is taken from this checkout, by default the one the script lies in
 */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { costOf } from '../measure.mjs';
import { freshProject } from '../project.mjs';
import { startDouble } from './servers.mjs';

const checkout = process.argv[2] ?? fileURLToPath(new URL('../..', import.meta.url));
const packages = join(checkout, 'packages');
const VARVE = join(packages, 'cli/bin/varve.js');
const ROUNDS = 5;

/** @param {number} version */
const flow = (version) => `import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { Flow, step } from 'varve';
const noise = (seed: number, size: number) =>
  new Uint8Array(Buffer.concat(Array.from({ length: size / 32 }, (_, i) => createHash('sha256').update(seed + ' ' + i).digest())));
export default class Many extends Flow {
  ${Array.from({ length: 20 }, (_, i) => `f${i}!: Uint8Array;`).join(' ')}
  sum!: number;
  @step() make() { ${Array.from({ length: 20 }, (_, i) => `this.f${i} = noise(${i}, ${i % 2 ? 19_968 : 299_968});`).join(' ')} }
  @step({ after: 'make' }) use() {
    const began = performance.now();
    this.sum = ${version} + ${Array.from({ length: 20 }, (_, i) => `this.f${i}.length`).join(' + ')};
    console.log('reading took ' + (performance.now() - began).toFixed(0) + ' ms');
  }
}
`;

const double = await startDouble('s3', { latencyMs: 30, pace: 50_000 });
const config = `import { s3Store } from '@varve/store-s3';
export default { datastore: s3Store({ bucket: 'varve', endpoint: '${double.url}', region: 'us-east-1',
  credentials: { accessKeyId: 'double-key', secretAccessKey: 'double-secret' } }) };
`;
const cwd = freshProject({ 'many.ts': flow(0), 'varve.config.mjs': config }, checkout);
mkdirSync(join(cwd, 'node_modules/@varve'));
for (const name of ['core', 'store-s3']) symlinkSync(join(packages, name), join(cwd, 'node_modules/@varve', name));
await costOf([VARVE, 'run', 'many.ts', '-q'], { cwd });
const times = [];
for (let round = 1; round <= ROUNDS; round++) {
  writeFileSync(join(cwd, 'many.ts'), flow(round));
  await double.takeRequests();
  await costOf([VARVE, 'run', 'many.ts', '-q'], { cwd });
  const gets = (await double.takeRequests()).filter((line) => line.startsWith('GetObject cas/')).length;
  const log = await textOf(['logs', '@last/use']);
  times.push(Number(/reading took (\d+) ms/.exec(log)?.[1]));
  console.error(`round ${round}: ${times.at(-1)} ms, ${gets} requests for artifacts`);
}
times.sort((a, b) => a - b);
console.log(`reading 20 artifacts, 30 ms away: ${times[times.length >> 1]} ms (${times[0]} to ${times.at(-1)})`);
double.stop();

/** @param {readonly string[]} args */
async function textOf(args) {
  const { execFileSync } = await import('node:child_process');
  return execFileSync(process.execPath, [VARVE, ...args], { cwd, encoding: 'utf8' });
}
