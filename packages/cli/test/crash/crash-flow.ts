/** A flow with steps of every kind, and artifacts both in batches and in objects of their own, the largest of so many bytes. */
export const FLOW = (bytes: number) => `import { appendFileSync, existsSync } from 'node:fs';
import { Flow, param, step, type View } from 'varve';
/** Bytes that no compression makes fewer. */
function noisy(size: number, first: number): Uint8Array {
  const all = new Uint8Array(size);
  for (let i = 0, x = 1; i < size; i++) all[i] = x = (x * 48271) % 2147483647;
  all[0] = first;
  return all;
}
export default class Crash extends Flow {
  size = param.int(2);
  items!: number[]; big!: Uint8Array; receipt!: string; part!: number; blob!: Uint8Array; twice!: number;
  total!: number; all!: Uint8Array; end!: string;
  @step() make() {
    this.items = Array.from({ length: this.size }, (_, i) => i + 1);
    this.big = noisy(${bytes}, this.size);
  }
  @step({ after: 'make', effect: true }) notify() {
    appendFileSync('effects.txt', 'sent\\n');
    this.receipt = 'sent to ' + this.items.length;
  }
  @step({ after: 'make', foreach: 'items' }) each(item: number) {
    this.part = item * 10;
    this.blob = new Uint8Array(70_000).fill(item);
  }
  @step({ after: 'each', cache: false }) double() { this.twice = this.part * 2 + this.blob[0]!; }
  @step({ join: 'double' }) sum(tasks: readonly View<Crash>[]) {
    if (existsSync('fail')) throw new Error('told to fail');
    this.total = tasks.reduce((sum, task) => sum + task.twice, 0) + this.big[0]!;
    this.all = new Uint8Array(17_000).fill(this.total % 251);
  }
  @step({ after: ['sum', 'notify'] }) finish() { this.end = this.receipt + ': ' + this.total + ' ' + this.all[0]; }
}
`;

/** The local store with a fault at the n-th durable call of a process: \`VARVE_TEST_FAULT=kind:n\`. */
export const CONFIG = `import { appendFileSync, statSync } from 'node:fs';
import { definePlugin, StoreError } from '@varve/core/contract';
import { fsStore } from '@varve/store-fs';

const [kind, nth] = (process.env.VARVE_TEST_FAULT ?? 'none:0').split(':');
const die = () => {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {});
};
// Each thread of a process loads this file; they count calls in a shared file that grows by one byte per call.
const next = () => {
  appendFileSync('calls.txt', '.');
  return statSync('calls.txt').size;
};
async function call(what, key, act) {
  const at = kind === 'none' ? 0 : next();
  if (process.env.VARVE_TEST_CALLS) appendFileSync('names.txt', what + ' ' + key + '\\n');
  if (kind === 'full' && at >= Number(nth) && what !== 'delete') throw new StoreError('no-space', 'the disk is full', { key });
  if (at !== Number(nth) || kind === 'none' || kind === 'full') return act();
  if (kind === 'before') return die();
  if (kind === 'error') throw new StoreError('unexpected', 'i/o error', { key });
  if (kind === 'lie') return undefined;
  await act();
  return kind === 'after' ? die() : undefined;
}
const inner = fsStore({ root: '.varve/store' });
const faulty = (store) => ({
  name: store.name,
  capabilities: store.capabilities,
  put: (key, ...rest) => call('put', key, () => store.put(key, ...rest)),
  get: (key, ...rest) => store.get(key, ...rest),
  stat: (key, ...rest) => store.stat(key, ...rest),
  list: (prefix, ...rest) => store.list(prefix, ...rest),
  delete: (key, ...rest) => call('delete', key, () => store.delete(key, ...rest)),
  copy: store.copy && ((from, to, ...rest) => call('copy', to, () => store.copy(from, to, ...rest))),
});
export default {
  datastore: definePlugin({ name: 'faulty', provides: { datastore: (context) => faulty(inner.provides.datastore(context)) } }),
};
`;

/** Prints all artifacts of all tasks in the store, with their values. */
export const READER = `import { createHash } from 'node:crypto';
import { client } from 'varve';
const runs = [];
for await (const { record } of client('Crash').runs({ onDamage: () => {} })) {
  try {
    const run = await client('Crash').run(record.number);
    const tasks = Object.fromEntries([...run.state.tasks].map(([name, task]) => [name, { status: task.status, writes: writesOf(run, name, task) }]));
    runs.push({ number: record.number, origin: record.origin, status: run.status, tasks });
  } catch (error) {
    runs.push({ number: record.number, error: error.code ?? String(error) });
  }
}
console.log(JSON.stringify(runs));

function writesOf(run, name, task) {
  return Object.fromEntries(Object.entries(task.writes).map(([field, { digest }]) => [field, { digest, value: name === 'init' ? '' : valueOf(run, name, field) }]));
}

function valueOf(run, name, field) {
  try {
    const value = run.task(name).artifacts[field];
    return createHash('sha256').update(value instanceof Uint8Array ? value : JSON.stringify(value)).digest('hex').slice(0, 12);
  } catch (error) {
    return error.code ?? String(error);
  }
}
`;
