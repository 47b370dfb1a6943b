import { beforeAll, describe, expect, it } from 'vitest';
import { expectCode, Project } from '../../support/project.ts';

/** The local store with a latency of 20 ms, as of a remote bucket. */
const CONFIG = `
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { definePlugin } from '@varve/core/contract';
import { fsStore } from '@varve/store-fs';

const inner = fsStore({ root: '.varve/store' });
const log = new URL('./calls.txt', import.meta.url);
const away = async (call, key) => {
  appendFileSync(log, call + ' ' + key + '\\n');
  await sleep(20);
};
const slow = (store) => ({
  name: 'slow ' + store.name,
  capabilities: store.capabilities,
  async put(key, ...rest) { await away('put', key); return store.put(key, ...rest); },
  async get(key, ...rest) { await away('get', key); return store.get(key, ...rest); },
  async stat(key, ...rest) { await away('stat', key); return store.stat(key, ...rest); },
  async *list(prefix, ...rest) { await away('list', prefix); yield* store.list(prefix, ...rest); },
  async delete(key, ...rest) { await away('delete', key); return store.delete(key, ...rest); },
});
export default {
  datastore: definePlugin({ name: 'slow', provides: { datastore: (context) => slow(inner.provides.datastore(context)) } }),
};
`;

const FLOW = `
import { Flow, step, type View } from 'varve';
export default class Squares extends Flow {
  items!: number[]; square!: number; total!: number; unread!: string;
  @step() make() { this.items = Array.from({ length: 1000 }, (_, i) => i); }
  @step({ after: 'make', foreach: 'items' }) raise(item: number) { this.square = item * item; this.unread = 'not looked at ' + item; }
  @step({ join: 'raise' }) add(tasks: readonly View<Squares>[]) { this.total = tasks.reduce((sum, task) => sum + task.square, 0); }
}
`;

const READ = `
import { client } from 'varve';
const run = await client('Squares').last();
const tasks = run.tasks('raise');
console.log(tasks.length, tasks.reduce((sum, task) => sum + task.artifacts.square, 0));
`;

describe('a store that takes 20 ms for every call', () => {
  const project = new Project({ 'varve.config.mjs': CONFIG, 'squares.ts': FLOW, 'read.mjs': READ });
  const calls = () => {
    const lines = project.read('calls.txt').trim().split('\n');
    project.write('calls.txt', '');
    return lines;
  };
  let running: string[];
  beforeAll(async () => {
    expectCode(await project.varve(['run', 'squares.ts', '-q']), 0);
    running = calls();
  });

  it('gets a few dozen calls from a foreach over 1,000 elements and its join', () => {
    // Some calls check whether another process executes the same task: more on a busy machine, never one per task.
    expect(running.length).toBeLessThan(200);
    expect(running.filter((call) => call.startsWith('get')).length).toBeLessThan(50);
  });

  it('does not change the result', async () => {
    expect(await project.json('artifacts', 'get', '@last', 'total')).toBe(332_833_500);
  });

  it('gets far fewer than 1,000 calls from code that reads a field of every task', async () => {
    calls();
    expect(expectCode(await project.node('read.mjs'), 0).stdout).toBe('1000 332833500\n');
    expect(calls().length).toBeLessThan(150);
  });
});
