/**
 * Requests of a run of n short tasks to a bucket, cold and from the cache, one line each or as a sum.
 *
 *     node bench/stores/requests.mjs [s3|gcs] [n] [--list] [checkout]
 *
 * 1,000 tasks unless told otherwise; --list shows each request. varve is taken from the checkout, by default the one the script
 * lies in. How many batches a run writes depends on how long it takes, so compare two only on one machine and in turn.
 *
 * Against doubles of the services in a process of their own, so that its work is not that of the run.
 */
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { costOf } from '../measure.mjs';
import { freshProject } from '../project.mjs';
import { startDouble } from './servers.mjs';

const args = process.argv.slice(2);
const checkout = args.find((arg) => arg.includes('/')) ?? fileURLToPath(new URL('../..', import.meta.url));
const packages = join(checkout, 'packages');
const VARVE = join(packages, 'cli/bin/varve.js');
const services = args.includes('s3') ? ['s3'] : args.includes('gcs') ? ['gcs'] : ['s3', 'gcs'];
const n = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 1000);

const FLOW = `import { Flow, step, type View } from 'varve';
export default class Fan extends Flow {
  items = Array.from({ length: ${n} }, (_, i) => i);
  y!: number; total!: number;
  @step({ foreach: 'items' }) work(i: number) { this.y = i * 2; }
  @step({ join: 'work' }) sum(tasks: readonly View<Fan>[]) { this.total = tasks.reduce((t, v) => t + v.y, 0); }
}
`;

/** @type {Readonly<Record<string, (url: string) => string>>} */
const CONFIGS = {
  s3: (url) => `import { s3Store } from '@varve/store-s3';
export default { datastore: s3Store({ bucket: 'varve', endpoint: '${url}', region: 'us-east-1',
  credentials: { accessKeyId: 'double-key', secretAccessKey: 'double-secret' } }) };
`,
  gcs: (url) => `import { gcsStore } from '@varve/store-gcs';
export default { datastore: gcsStore({ bucket: 'bucket', apiEndpoint: '${url}' }) };
`,
};

for (const service of services) {
  const double = await startDouble(/** @type {'s3' | 'gcs'} */ (service), {});
  const cwd = freshProject({ 'fan.ts': FLOW, 'varve.config.mjs': CONFIGS[service]?.(double.url) ?? '' }, checkout);
  const scope = join(cwd, 'node_modules/@varve');
  mkdirSync(scope);
  for (const name of ['core', 'store-s3', 'store-gcs']) symlinkSync(join(packages, name), join(scope, name));
  for (const run of ['cold', 'from the cache', 'again']) {
    const { wallMs } = await costOf([VARVE, 'run', 'fan.ts', '-q'], { cwd });
    const seen = await double.takeRequests();
    console.log(
      `${service}, ${n} tasks, ${run}: ${seen.length} requests, ${(seen.length / n).toFixed(3)} a task, ${(wallMs / 1000).toFixed(1)} s`,
    );
    if (args.includes('--list')) console.log(seen.map((line) => `  ${line}`).join('\n'));
  }
  double.stop();
}
