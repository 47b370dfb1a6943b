import { beforeAll, describe, expect, it } from 'vitest';
import { expectCode, Project } from '../support/project.ts';

/** A flow with legacy decorators, compiled. It keeps a value, a large binary, and a file. */
const FLOW = `
import { Flow, artifact, param, step } from 'varve';
import { writeFileSync } from 'node:fs';
export class Folds extends Flow {
  folds = param.int(5);
  list = [1, 2, 3];
  start() {
    this.big = new Uint8Array(100_000).fill(7);
    writeFileSync('kept.txt', 'kept');
    this.file = artifact.file('kept.txt');
    if (this.folds === 13) throw new Error('unlucky');
  }
  each(n) { this.part = n * this.folds; }
  async join(tasks) {
    this.best = { sum: tasks.reduce((sum, task) => sum + task.part, 0), big: this.big[99_999] };
    this.text = await this.file.text();
    this.length = (await import('node:fs')).readFileSync(await this.file.path(), 'utf8').length;
  }
}
const decorate = (options, name) => step(options)(Folds.prototype, name, Object.getOwnPropertyDescriptor(Folds.prototype, name));
decorate({}, 'start');
decorate({ after: 'start', foreach: 'list' }, 'each');
decorate({ join: 'each' }, 'join');
`;

/** Counts how often its datastore is opened and closed, over the store in memory. */
const COUNTED = `
import { definePlugin, memoryStore } from 'varve';
export const counts = { opened: 0, closed: 0 };
export function counted(inner = memoryStore()) {
  return definePlugin({ name: 'counted', provides: { datastore: async (context) => {
    counts.opened++;
    const store = await inner.provides.datastore(context);
    const copy = Object.create(store);
    copy.close = async () => void counts.closed++;
    return copy;
  } } });
}
`;

const see = (body: string) => `
import { createVarve, definePlugin, memoryStore, tokens } from 'varve';
import { Folds } from './folds.mjs';
import { counted, counts } from './counted.mjs';
const look = (run) => [run.status, run.artifacts.best, run.artifacts.text, run.artifacts.length, run.tasks().map((task) => task.status).join()];
const answer = {};
${body}
console.log(JSON.stringify(answer));
`;

const project = new Project({ 'folds.mjs': FLOW, 'counted.mjs': COUNTED });

async function run(body: string): Promise<Record<string, unknown>> {
  const name = `main-${Math.random().toString(36).slice(2)}.mjs`;
  project.write(name, see(body));
  const { stdout } = expectCode(await project.node(name), 0);
  return JSON.parse(stdout) as Record<string, unknown>;
}

const BEST = { sum: 18, big: 7 };

describe('createVarve over parts given as objects', () => {
  it.each(['inline', 'threads'])('runs a flow, hits its cache and reads it back with runner %s', async (runner) => {
    const answer = await run(`
      const varve = createVarve({ datastore: counted(), runner: '${runner}' });
      answer.first = look(await varve.run(Folds, { folds: 3 }));
      answer.second = look(await varve.run(Folds, { folds: 3 }));
      const last = await varve.client(Folds).last();
      answer.last = [last.number, last.task('each[1]').artifacts.part];
      answer.log = (await last.task('start').log()).length;
      await varve.close();
      await varve.close();
      answer.counts = counts;
      answer.after = await varve.run(Folds).catch((error) => error.code);
    `);
    const ran = ['succeeded', BEST, 'kept', 4, 'succeeded,succeeded,succeeded,succeeded,succeeded'];
    expect(answer.first).toEqual(ran);
    expect(answer.second).toEqual([...ran.slice(0, 4), 'cached,cached,cached,cached,cached']);
    expect(answer.last).toEqual([2, 6]);
    expect(answer.counts).toEqual({ opened: 1, closed: 1 });
    expect(answer.after).toBe('VARVE_CLOSED');
  });

  it('resumes and spins runs of its own store', async () => {
    const answer = await run(`
      const varve = createVarve({ datastore: memoryStore(), runner: 'inline' });
      const failed = await varve.run(Folds, { folds: 13 });
      const resumed = await varve.resume(failed, { set: { folds: 3 } });
      answer.resumed = look(resumed).slice(0, 2);
      const spun = await varve.spin(resumed, 'each[0]');
      answer.spun = [spun.status, spun.artifacts.part];
      await varve.close();
    `);
    expect(answer).toEqual({ resumed: ['succeeded', BEST], spun: ['succeeded', 3] });
  });

  it('keeps two stacks of one process apart', async () => {
    const answer = await run(`
      const one = createVarve({ datastore: memoryStore(), runner: 'inline' });
      const two = createVarve({ datastore: memoryStore(), runner: 'inline' });
      await Promise.all([one.run(Folds, { folds: 1 }), two.run(Folds, { folds: 2 })]);
      await two.run(Folds, { folds: 4 });
      const sums = async (varve) => {
        const found = [];
        for await (const listed of varve.client(Folds).runs()) found.push((await listed.open()).artifacts.best.sum);
        return found;
      };
      answer.one = await sums(one);
      await one.close();
      answer.two = await sums(two);
      await two.close();
    `);
    expect(answer).toEqual({ one: [6], two: [24, 12] });
  });

  it('lets configure replace one part, and await using close it', async () => {
    const answer = await run(`
      const shared = await memoryStore().provides.datastore({});
      const configure = (c) => c.register(tokens.datastore, { useValue: Promise.resolve(shared) });
      const varve = createVarve({ configure, runner: 'inline' });
      answer.run = look(await varve.run(Folds, { folds: 3 })).slice(0, 2);
      await varve[Symbol.asyncDispose]();
      const again = createVarve({ configure, runner: 'threads' });
      answer.again = (await again.run(Folds, { folds: 3 })).tasks().map((task) => task.status).join();
      await again.close();
    `);
    expect(answer).toEqual({
      run: ['succeeded', BEST],
      again: 'cached,cached,cached,cached,cached',
    });
  });

  it('reads what earlier stacks have written also through a serializer that configure has made', async () => {
    const answer = await run(`
      const store = memoryStore();
      const shared = await store.provides.datastore({});
      const datastore = (c) => c.register(tokens.datastore, { useValue: Promise.resolve(shared) });
      const before = createVarve({ configure: datastore, runner: 'inline' });
      await before.run(Folds, { folds: 3 });
      await before.close();
      const other = { id: 'other/1', deterministic: true, decodes: (codec) => codec === 'other/1',
        encode: (value) => ({ codec: 'other/1', parts: [Buffer.from(JSON.stringify(value))] }),
        decode: (_, bytes) => JSON.parse(Buffer.from(bytes).toString()) };
      const after = createVarve({ runner: 'inline', configure: (c) => {
        datastore(c);
        c.register(tokens.serializer, { useFactory: async () => other });
      } });
      answer.earlier = (await after.client(Folds).last()).artifacts.best;
      answer.run = look(await after.run(Folds, { folds: 3 })).slice(0, 2);
      await after.close();
    `);
    expect(answer.run).toEqual(['succeeded', BEST]);
    expect(answer.earlier).toEqual(BEST);
  });

  it('lets the factory of a plugin take another part, once, and names a circle of parts', async () => {
    const answer = await run(`
      const wrapping = (get) => definePlugin({ name: 'wrapping', provides: { metadata: get } });
      const seen = [];
      const varve = createVarve({
        datastore: counted(),
        runner: definePlugin({ name: 'peek', provides: { runner: async (context) => {
          seen.push((await context.get('datastore')).name, (await context.get('hasher')).algorithm);
          return { name: 'peek', capabilities: { isolation: 'none', width: 1 }, run: async () => { throw new Error('never'); } };
        } } }),
      });
      answer.broke = await varve.run(Folds).then(() => 'it ran', (error) => error.message);
      answer.seen = seen;
      await varve.close();
      answer.counts = counts;
      const circle = createVarve({
        datastore: definePlugin({ name: 'a', provides: { datastore: async (context) => (await context.get('serializer'), memoryStore().provides.datastore(context)) } }),
        serializer: definePlugin({ name: 'b', provides: { serializer: async (context) => (await context.get('datastore'), {}) } }),
        runner: 'inline',
      });
      answer.circle = await circle.client(Folds).last().catch((error) => [error.code, error.message]);
      await circle.close();
    `);
    expect(answer.broke).toContain('never');
    expect(answer.seen).toEqual(['memory', 'sha256']);
    expect(answer.counts).toEqual({ opened: 1, closed: 1 });
    expect(answer.circle).toEqual([
      'VARVE_PART_CIRCLE',
      expect.stringMatching(
        /wait for each other: (datastore -> serializer -> datastore|serializer -> datastore -> serializer)$/,
      ),
    ]);
  });

  it('refuses what cannot work, and says why', async () => {
    const answer = await run(`
      const codeOf = async (options, use = (varve) => varve.run(Folds)) => {
        try { await use(createVarve(options)); return 'no error'; } catch (error) { return [error.code, ...(error.findings ?? []).map((f) => f.message)]; }
      };
      const plain = { name: 'plain', provides: {} };
      answer.both = await codeOf({ datastore: memoryStore(), stack: './varve.config.mjs' });
      answer.forgot = await codeOf({ datastore: memoryStore });
      answer.plain = await codeOf({ datastore: plain });
      answer.unknown = await codeOf({ store: memoryStore() });
      const { exact } = await import('@varve/serializer-exact');
      answer.threads = await codeOf({ datastore: memoryStore(), serializer: exact(), runner: 'threads' });
      answer.process = await codeOf({ datastore: memoryStore(), runner: 'process' });
      const { getSync: _, ...asynchronous } = await memoryStore().provides.datastore({});
      const store = await memoryStore().provides.datastore({});
      const slow = Object.fromEntries(['put', 'get', 'stat', 'delete'].map((name) => [name, (...args) => store[name](...args)]));
      const slowPlugin = definePlugin({ name: 'slow', provides: { datastore: () => ({ ...slow, list: (...a) => store.list(...a), name: 'slow://', capabilities: store.capabilities }) } });
      const overSlow = createVarve({ datastore: slowPlugin, runner: 'threads' });
      const ran = await overSlow.run(Folds, { folds: 3 });
      answer.slow = [ran.status, (() => { try { return ran.artifacts.big; } catch (error) { return error.code; } })()];
      answer.value = (await ran.history.value(ran.references.best)).sum;
      await overSlow.close();
    `);
    expect(answer).toEqual({
      both: ['VARVE_CONFIG'],
      forgot: ['VARVE_CONFIG', 'createVarve(): datastore is a function, not a plugin'],
      plain: ['VARVE_CONFIG', 'createVarve(): datastore is not a plugin: it is an object'],
      unknown: ['VARVE_CONFIG', "createVarve(): 'store' is not a setting"],
      threads: ['VARVE_STACK_OBJECTS'],
      process: ['VARVE_STACK_OBJECTS'],
      slow: ['succeeded', 'VARVE_ASYNC_STORE'],
      value: 18,
    });
  });
});

describe('createVarve over the file of a stack', () => {
  beforeAll(() => {
    project.write(
      'other/stack.config.mjs',
      `
        import { fsStore } from '@varve/store-fs';
        export default { datastore: fsStore({ root: new URL('./there', import.meta.url).pathname }), profiles: { two: { datastore: fsStore({ root: new URL('./two', import.meta.url).pathname }) } } };
      `,
    );
  });

  it.each(['threads', 'process', 'inline'])('runs with runner %s, each thread making its own parts', async (runner) => {
    const answer = await run(`
      const stack = import.meta.resolve('./other/stack.config.mjs');
      const varve = createVarve({ stack, runner: '${runner}' });
      process.env.VARVE_CACHE = 'off';
      const made = await varve.run(Folds, { folds: 3 });
      answer.run = look(made).slice(0, 4);
      answer.last = (await varve.client(Folds).last()).artifacts.best;
      const two = createVarve({ stack, profile: 'two' });
      answer.two = await two.client('Folds').last().then(() => 'found', (error) => error.code);
      await varve.close();
      await two.close();
    `);
    expect(answer).toEqual({ run: ['succeeded', BEST, 'kept', 4], last: BEST, two: 'VARVE_NO_RUN' });
  });
});
