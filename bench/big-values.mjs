/**
 * Large and many artifacts through the whole engine, each figure from a process of its own.
 *
 *     node bench/big-values.mjs                 512 MB value, 512 MB file, 1,000 small artifacts, 1,000 x 1 MB
 *     node bench/big-values.mjs 64              the same with 64 MB
 *     node bench/big-values.mjs 64 many,far     only these flows
 *
 * `far` is 1,000 small and 64 larger artifacts over a store that takes 20 ms for every call.
 *
 * Peak RSS is that of the whole process, so it counts the value of the writing step and that of the reading step.
 */
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const MB = 1024 * 1024;
const size = Number(process.argv[2] ?? 512);
const packages = fileURLToPath(new URL('../packages/', import.meta.url));

const FLOWS = {
  base: `import { Flow, step } from 'varve';
export default class Base extends Flow {
  n = 1; m!: number;
  @step() write() { this.n = 2; }
  @step({ after: 'write' }) read() { this.m = this.n; }
}`,
  value: `import { Flow, step } from 'varve';
export default class Value extends Flow {
  data!: Uint8Array; sum!: number;
  @step() write() {
    const data = new Uint8Array(${size} * 1048576);
    const words = new Uint32Array(data.buffer);
    for (let i = 0, x = 1; i < words.length; i += 16) { x = (Math.imul(x, 1664525) + 1013904223) >>> 0; words[i] = x; }
    this.data = data;
  }
  @step({ after: 'write' }) read() { this.sum = this.data.length + (this.data[4096] ?? 0); }
}`,
  file: `import { artifact, Flow, step, type StoredFile } from 'varve';
import { closeSync, openSync, writeSync } from 'node:fs';
export default class File extends Flow {
  model!: StoredFile; sum!: number;
  @step() write() {
    const fd = openSync('model.bin', 'w');
    const piece = new Uint32Array(65536);
    for (let i = 0; i < ${size} * 4; i++) { piece.fill(i); writeSync(fd, piece); }
    closeSync(fd);
    this.model = artifact.file('model.bin');
  }
  @step({ after: 'write' }) async read() {
    let sum = 0;
    for await (const chunk of this.model.stream()) sum += chunk.length;
    this.sum = sum;
  }
}`,
  many: `import { Flow, step } from 'varve';
export default class Many extends Flow {
  total!: number;
  @step() write() { for (let i = 0; i < 1000; i++) (this as any)['value' + i] = { i, text: 'row ' + i }; }
  @step({ after: 'write' }) read() {
    let total = 0;
    for (let i = 0; i < 1000; i++) total += (this as any)['value' + i].i;
    this.total = total;
  }
}`,
  wide: `import { Flow, step, type View } from 'varve';
export default class Wide extends Flow {
  items = Array.from({ length: 1000 }, (_, i) => i);
  data!: Uint8Array; total!: number;
  @step({ foreach: 'items' }) write(i: number) { this.data = new Uint8Array(1048576).fill(i % 251); this.data[0] = i >> 8; this.data[1] = i; }
  @step({ join: 'write' }) read(tasks: readonly View<Wide>[]) { this.total = tasks.length; }
}`,
};

FLOWS.far = FLOWS.many
  .replace('class Many', 'class Far')
  .replace('{ i, text', "{ i, large: i % 16 === 0 ? 'x'.repeat(20_000) + i : '', text");

/** The local store, 20 ms further away. */
const FAR_CONFIG = `import { setTimeout as sleep } from 'node:timers/promises';
import { definePlugin } from '@varve/core/contract';
import { fsStore } from '@varve/store-fs';
const inner = fsStore({ root: '.varve/store' });
const far = (store) => ({
  name: store.name,
  capabilities: store.capabilities,
  async put(...all) { await sleep(20); return store.put(...all); },
  async get(...all) { await sleep(20); return store.get(...all); },
  async stat(...all) { await sleep(20); return store.stat(...all); },
  async *list(...all) { await sleep(20); yield* store.list(...all); },
  async delete(...all) { await sleep(20); return store.delete(...all); },
});
export default {
  datastore: definePlugin({ name: 'far', provides: { datastore: (context) => far(inner.provides.datastore(context)) } }),
};
`;

const HOOK = `import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
if (isMainThread) process.on('exit', () => writeFileSync(process.env.VARVE_USAGE_FILE, JSON.stringify(process.resourceUsage())));
`;

function project() {
  const root = mkdtempSync(join(tmpdir(), 'varve-bench-'));
  const link = (name, folder) => {
    const at = join(root, 'node_modules', name);
    mkdirSync(dirname(at), { recursive: true });
    symlinkSync(join(packages, folder), at);
  };
  link('varve', 'cli');
  for (const name of ['core', 'store-fs', 'serializer-exact']) link(`@varve/${name}`, name);
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }\n');
  writeFileSync(join(root, 'hook.mjs'), HOOK);
  return root;
}

function run(root, name) {
  writeFileSync(join(root, `${name}.ts`), FLOWS[name]);
  if (name === 'far') writeFileSync(join(root, 'varve.config.mjs'), FAR_CONFIG);
  const usageFile = join(root, 'usage.json');
  const started = performance.now();
  const bin = join(packages, 'cli/bin/varve.js');
  const hook = pathToFileURL(join(root, 'hook.mjs')).href;
  const child = spawnSync(process.execPath, ['--import', hook, bin, 'run', `${name}.ts`, '--quiet'], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, VARVE_USAGE_FILE: usageFile, NO_COLOR: '1' },
  });
  if (child.status !== 0) throw new Error(`${name} ended with ${child.status}\n${child.stderr}`);
  const wall = (performance.now() - started) / 1000;
  const { maxRSS, userCPUTime, systemCPUTime } = JSON.parse(readFileSync(usageFile, 'utf8'));
  return { wall, cpu: (userCPUTime + systemCPUTime) / 1e6, rss: maxRSS / 1024 };
}

function stored(root) {
  const all = readdirSync(join(root, '.varve'), { recursive: true, withFileTypes: true });
  const files = all.filter((entry) => entry.isFile() && /[\\/](store|cas|runs|records|numbers)/.test(entry.parentPath));
  const bytes = files.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
  return { files: files.length, mb: bytes / MB };
}

console.log(`${size} MB, ${process.version}`);
console.log('flow    run   wall s   CPU s   peak RSS MB   store MB   store files');
for (const name of process.argv[3]?.split(',') ?? Object.keys(FLOWS)) {
  const root = project();
  try {
    for (const nth of [1, 2]) {
      const { wall, cpu, rss } = run(root, name);
      const { mb, files } = stored(root);
      const cells = [wall.toFixed(2).padStart(7), cpu.toFixed(2).padStart(7), rss.toFixed(0).padStart(13)];
      console.log(
        `${name.padEnd(7)} ${nth}  ${cells.join(' ')} ${mb.toFixed(1).padStart(10)} ${String(files).padStart(13)}`,
      );
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
