import { digestOf, settle, step } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import type { CacheEntry } from '../../src/cache/entry.ts';
import { encodePage } from '../../src/cache/page.ts';
import type { CacheSettings, StepPolicy } from '../../src/cache/policy.ts';
import type { TaskOutcome } from '../../src/contract/index.ts';
import type { CachePort, RunCache, StepCache } from '../../src/run/plan/ports.ts';
import { artifact, done, FakeRun, failed } from './fake-run.ts';

const KEY = '0'.repeat(64);
const POLICY: StepPolicy = { lookup: true, publish: true, forced: false, forcedLabels: new Set() };

const keyed = (name: string, policy: Partial<StepPolicy> = {}): [string, StepCache] => [
  name,
  {
    key: name.charCodeAt(0).toString(16).padStart(64, '0'),
    policy: { ...POLICY, ...policy },
    components: {
      step: name,
      code: 'c',
      pieces: {},
      packages: {},
      assets: {},
      load: {},
      runtime: {},
      options: {},
      scope: 'store',
    },
  },
];

function cacheOf(...steps: [string, StepCache][]): RunCache {
  const settings: CacheSettings = { mode: 'rw', purity: 'warn', force: [] };
  return { settings, steps: new Map(steps), keys: new Map(steps) };
}

const origin = { flow: 'F', runId: 'before', number: 1 };
const entry = (changes: Partial<CacheEntry> = {}): CacheEntry => ({
  task: 'a',
  label: 'a',
  reads: [],
  tokens: [],
  writes: { out: artifact('stored').reference },
  deletes: [],
  ms: 5,
  generation: 0,
  origin,
  at: 1,
  ...changes,
});

class FakeCache implements CachePort {
  stored: Record<string, readonly CacheEntry[]> = {};
  broken: Error | undefined;
  lookups = 0;
  constructor(stored: Record<string, readonly CacheEntry[]> = {}) {
    this.stored = stored;
  }
  async pages(key: string) {
    this.lookups++;
    if (this.broken) throw this.broken;
    const step = String.fromCharCode(Number.parseInt(key, 16));
    const entries = this.stored[step];
    return entries ? [{ key: `p/${step}`, modifiedAt: 1, bytes: encodePage({ key: KEY, step, entries, origin }) }] : [];
  }
  leases: boolean[] = [];
  readonly leaseRequests: string[] = [];
  readonly released: string[] = [];
  /** What a lease waits for. */
  asking: () => Promise<void> = async () => {};
  async lease(name: string) {
    this.leaseRequests.push(name);
    await this.asking();
    return this.leases.shift() ?? true;
  }
  release(name: string) {
    this.released.push(name);
  }
  async skew() {
    return 0;
  }
  earlier: Awaited<ReturnType<CachePort['before']>> = {};
  async before() {
    return this.earlier;
  }
}

const reading = (names: readonly string[], ...writes: string[]): TaskOutcome =>
  ({ ...done(...writes), reads: names }) as TaskOutcome;
const chain = [
  step('a', { children: ['b'] }),
  step('b', { kind: 'linear', parents: ['a'], children: ['c'] }),
  step('c', { kind: 'linear', parents: ['b'] }),
];

describe('a task whose result is cached', () => {
  it('is not executed, and the next step reads the cached result', async () => {
    const fake = new FakeRun();
    fake.cache = new FakeCache({ a: [entry()] });
    const summary = await fake.run(chain, { cache: cacheOf(keyed('a'), keyed('b')) });
    expect(fake.started).toEqual(['own:b', 'own:c']);
    expect(fake.specs.get('b')?.inputs.out?.digest).toBe(digestOf('stored'));
    expect(summary).toMatchObject({
      status: 'succeeded',
      counts: { cached: 1, succeeded: 2 },
      metrics: { savedMs: 5 },
    });
    expect(fake.events.find((e) => e.type === 'task-succeeded' && e.task === 'a')).toMatchObject({
      via: 'cached',
      from: 'F/1/a',
    });
  });

  it('is made again at the end of the run when its bytes are gone and nothing has read them', async () => {
    const fake = new FakeRun();
    fake.cache = new FakeCache({ a: [entry()], b: [entry({ task: 'b', label: 'b', writes: {} })] });
    fake.behaviour = () => done('out');
    fake.missing = [digestOf('stored')];
    const steps = [step('a', { children: ['b'] }), step('b', { kind: 'linear', parents: ['a'] })];
    const summary = await fake.run(steps, { cache: cacheOf(keyed('a'), keyed('b')) });
    expect(fake.started).toEqual(['own:a']);
    expect(summary).toMatchObject({ status: 'succeeded', counts: { cached: 1, succeeded: 1 } });
  });

  it('leaves a warning when it cannot be made again', async () => {
    const fake = new FakeRun();
    fake.cache = new FakeCache({ a: [entry()] });
    fake.behaviour = () => failed('Error', { retryable: false });
    fake.missing = [digestOf('stored')];
    await fake.run([step('a')], { cache: cacheOf(keyed('a')) });
    expect(fake.progress).toContainEqual(
      expect.objectContaining({ type: 'warning', message: expect.stringMatching(/^BLOB_MISSING/) }),
    );
  });

  it('is executed when it would read another value, and the journal names the read', async () => {
    const fake = new FakeRun();
    fake.cache = new FakeCache({ a: [entry({ reads: ['items'], tokens: ['json/1 sha256:00'] })] });
    fake.behaviour = () => reading(['items'], 'out');
    await fake.run([step('a')], { cache: cacheOf(keyed('a')) });
    expect(fake.started).toEqual(['own:a']);
    expect(fake.events.find((e) => e.type === 'task-succeeded' && e.task === 'a')).toMatchObject({
      why: 'READ items changed',
    });
    expect(fake.records).toEqual([expect.objectContaining({ step: 'a', reads: ['items'], generation: 0 })]);
  });

  it('is executed when the store does not answer, and the run goes on', async () => {
    const fake = new FakeRun();
    const cache = new FakeCache();
    cache.broken = new Error('down');
    fake.cache = cache;
    const summary = await fake.run(chain, { cache: cacheOf(keyed('a')) });
    expect(summary.status).toBe('succeeded');
    expect(fake.events.find((e) => e.type === 'task-succeeded' && e.task === 'a')).toMatchObject({
      why: 'UNAVAILABLE down',
    });
    expect(fake.progress).toContainEqual(expect.objectContaining({ type: 'warning' }));
  });

  it('is executed when it is forced, and publishes the next generation of its result', async () => {
    const fake = new FakeRun();
    fake.cache = new FakeCache({ a: [entry({ generation: 2 })] });
    await fake.run([step('a')], { cache: cacheOf(keyed('a', { forced: true })) });
    expect(fake.started).toEqual(['own:a']);
    expect(fake.records).toEqual([expect.objectContaining({ generation: 3 })]);
  });
});

describe('equal tasks of one run', () => {
  const sees = { element: true, index: false };
  const items = [step('w', { kind: 'foreach', foreach: 'items', scope: ['w'], sees })];

  it('are executed once, and the others use that result', async () => {
    const fake = new FakeRun();
    fake.cache = new FakeCache();
    fake.labels = ['x#0', 'y', 'x#2'];
    fake.digests = ['x', 'y', 'x'];
    fake.behaviour = () => reading(['@element'], 'out');
    const summary = await fake.run(items, { cache: cacheOf(keyed('w')) });
    expect(fake.started).toEqual(['own:w[0]', 'own:w[1]']);
    expect(summary.counts).toEqual({ succeeded: 2, cached: 1 });
    expect(fake.events.find((e) => e.type === 'task-succeeded' && e.task === 'w[2]')).toMatchObject({
      via: 'cached',
      from: 'F/1/w[0]',
    });
  });

  it('are each executed when they read their index', async () => {
    const fake = new FakeRun();
    fake.cache = new FakeCache();
    fake.digests = ['x', 'x'];
    fake.behaviour = () => reading(['@element', '@index'], 'out');
    expect((await fake.run(items, { cache: cacheOf(keyed('w')) })).counts).toEqual({ succeeded: 2 });
  });

  it('are executed side by side after the first one when they read their index', async () => {
    const fake = new FakeRun();
    fake.cache = new FakeCache();
    fake.digests = Array.from({ length: 9 }, () => 'x');
    fake.labels = fake.digests.map((_, i) => String(i));
    fake.width = 8;
    let inFlight = 0;
    let most = 0;
    fake.behaviour = async () => {
      most = Math.max(most, ++inFlight);
      await settle();
      inFlight--;
      return reading(['@index'], 'out');
    };
    expect((await fake.run(items, { cache: cacheOf(keyed('w')) })).counts).toEqual({ succeeded: 9 });
    expect(most).toBe(8);
  });

  it('are executed by the next one when the first one fails', async () => {
    const fake = new FakeRun();
    fake.cache = new FakeCache();
    fake.digests = ['x', 'x'];
    fake.behaviour = ({ task }) => (task === 'w[0]' ? failed() : reading(['@element'], 'out'));
    const summary = await fake.run(items, { cache: cacheOf(keyed('w')) });
    expect(summary).toMatchObject({ status: 'failed', counts: { failed: 1, succeeded: 1 } });
  });
});

describe('the rate of a step that asks for leases', () => {
  it('is that of its starts, however long the answers take', async () => {
    const fake = new FakeRun();
    const cache = new FakeCache();
    cache.asking = () => fake.clock.sleep(500);
    fake.cache = cache;
    fake.labels = ['a', 'b', 'c', 'd'];
    const rate = { count: 10, perMs: 1000 };
    const each = step('e', { kind: 'foreach', foreach: 'items', scope: ['e'], rate, concurrency: 100 });
    const ended = fake.run([each], { cache: cacheOf(keyed('e')) });
    await settle();
    for (let i = 0; i < 100; i++) await fake.clock.advance(10);
    await ended;
    const gaps = fake.startedAt.slice(1).map((at, i) => at - (fake.startedAt[i] ?? 0));
    expect(gaps).toEqual([100, 100, 100]);
  });
});

describe('a task that another process executes', () => {
  it('is not executed here: the run waits for it and uses its result', async () => {
    const fake = new FakeRun();
    const cache = new FakeCache();
    cache.leases = [false, false, true];
    fake.cache = cache;
    const ended = fake.run([step('a')], { cache: cacheOf(keyed('a')) });
    await settle();
    expect(fake.started).toEqual([]);
    await fake.clock.advance(500);
    cache.stored = { a: [entry({ at: 2 })] };
    await fake.clock.advance(500);
    expect((await ended).counts).toEqual({ cached: 1 });
    expect(fake.started).toEqual([]);
    expect(cache.released).toHaveLength(1);
  });

  it('is executed here when the other process left no result', async () => {
    const fake = new FakeRun();
    const cache = new FakeCache();
    cache.leases = [false, true];
    fake.cache = cache;
    const ended = fake.run([step('a')], { cache: cacheOf(keyed('a')) });
    await settle();
    await fake.clock.advance(500);
    expect((await ended).counts).toEqual({ succeeded: 1 });
    expect(cache.leaseRequests).toHaveLength(2);
    expect(cache.released).toHaveLength(1);
  });

  it('takes no worker from other steps while the run waits', async () => {
    const fake = new FakeRun();
    fake.width = 1;
    const cache = new FakeCache();
    cache.leases = [false];
    fake.cache = cache;
    const ended = fake.run([step('a'), step('z')], { cache: cacheOf(keyed('a')) });
    await settle();
    expect(fake.started).toEqual(['own:z']);
    await fake.clock.advance(500);
    expect((await ended).counts).toEqual({ succeeded: 2 });
  });

  it('is no longer waited for when the run is stopped', async () => {
    const fake = new FakeRun();
    const cache = new FakeCache();
    cache.leases = Array.from({ length: 100 }, () => false);
    fake.cache = cache;
    const stop = new AbortController();
    const ended = fake.run([step('a')], { cache: cacheOf(keyed('a')), signal: stop.signal });
    await settle();
    stop.abort();
    expect((await ended).status).toBe('cancelled');
    expect(fake.started).toEqual([]);
  });

  it('is executed here without a lease when it is short', async () => {
    const fake = new FakeRun();
    const cache = new FakeCache({ a: [entry({ reads: ['items'], tokens: ['x'], ms: 5 })] });
    fake.cache = cache;
    await fake.run([step('a')], { cache: cacheOf(keyed('a')) });
    expect(cache.leaseRequests).toEqual([]);
  });
});

describe('an artifact whose bytes are lost', () => {
  const leaving = (text: string) => ({ ...done(), writes: { out: artifact(text) } }) as TaskOutcome;
  const cannotRead = (lost: string) => failed('VarveError', { lost: digestOf(lost), retryable: false });

  it('is made again by the task that wrote it, and then read', async () => {
    const fake = new FakeRun();
    fake.cache = new FakeCache({ a: [entry()] });
    let tries = 0;
    fake.behaviour = (spec) =>
      spec.step === 'b' && tries++ === 0 ? cannotRead('stored') : spec.step === 'a' ? leaving('stored') : done();
    const summary = await fake.run(chain, { cache: cacheOf(keyed('a')) });
    expect(fake.started).toEqual(['own:b', 'own:a', 'own:b', 'own:c']);
    expect(summary).toMatchObject({ status: 'succeeded', counts: { succeeded: 3 } });
    expect(summary.counts.cached ?? 0).toBe(0);
    expect(fake.records).toEqual([expect.objectContaining({ step: 'a', generation: 1 })]);
  });

  it('may be made again as another value, which all later steps read', async () => {
    const fake = new FakeRun();
    fake.cache = new FakeCache({ a: [entry()] });
    fake.behaviour = (spec) => {
      if (spec.step === 'a') return leaving('other');
      return spec.inputs.out?.digest === digestOf('stored') ? cannotRead('stored') : done();
    };
    expect((await fake.run(chain, { cache: cacheOf(keyed('a')) })).status).toBe('succeeded');
    expect(fake.specs.get('c')?.inputs.out?.digest).toBe(digestOf('other'));
  });

  it('is made again once for all tasks that were given the lost one', async () => {
    const fake = new FakeRun();
    fake.cache = new FakeCache({ a: [entry()] });
    const readers = ['b', 'c', 'd'].map((name) => step(name, { parents: ['a'] }));
    const releases: (() => void)[] = [];
    let made = 0;
    fake.behaviour = async (spec) => {
      if (spec.step === 'a') return leaving(`new ${++made}`);
      if (spec.inputs.out?.digest !== digestOf('stored')) return done();
      await new Promise<void>((resolve) => releases.push(resolve));
      return cannotRead('stored');
    };
    const steps = [step('a', { children: ['b', 'c', 'd'] }), ...readers];
    const ended = fake.run(steps, { cache: cacheOf(keyed('a')) });
    for (let i = 0; i < readers.length; i++) {
      await settle();
      releases.shift()?.();
    }
    expect(await ended).toMatchObject({ status: 'succeeded', counts: { succeeded: 4 } });
    expect(made).toBe(1);
    for (const { name } of readers) expect(fake.specs.get(name)?.inputs.out?.digest).toBe(digestOf('new 1'));
  });

  it('is not made again by a step with an effect', async () => {
    const fake = new FakeRun();
    fake.cache = new FakeCache();
    fake.behaviour = ({ step: name }) => (name === 'a' ? leaving('stored') : cannotRead('stored'));
    const steps = [step('a', { children: ['b'], effect: {} }), step('b', { parents: ['a'] })];
    const summary = await fake.run(steps, { cache: cacheOf(keyed('b')) });
    expect(fake.started).toEqual(['own:a', 'own:b']);
    expect(summary).toMatchObject({ status: 'failed', counts: { succeeded: 1, failed: 1 } });
  });

  it('is made again by a task that counts once in the summary', async () => {
    const fake = new FakeRun();
    fake.cache = new FakeCache();
    let tries = 0;
    fake.behaviour = ({ step: name }) => (name === 'b' && tries++ === 0 ? cannotRead('stored') : leaving('stored'));
    expect((await fake.run(chain, { cache: cacheOf(keyed('a')) })).counts).toEqual({ succeeded: 3 });
    expect(fake.started).toEqual(['own:a', 'own:b', 'own:a', 'own:b', 'own:c']);
  });

  it('fails the task that reads it when it is lost once more', async () => {
    const fake = new FakeRun();
    fake.cache = new FakeCache({ a: [entry()] });
    fake.behaviour = (spec) =>
      spec.step === 'b' ? cannotRead('stored') : ({ ...done(), writes: { out: artifact('stored') } } as TaskOutcome);
    const summary = await fake.run(chain, { cache: cacheOf(keyed('a')) });
    expect(summary.status).toBe('failed');
    expect(fake.started.filter((name) => name === 'own:a')).toHaveLength(2);
  });

  it('that no task of the run wrote fails the task that reads it at once', async () => {
    const fake = new FakeRun();
    fake.cache = new FakeCache();
    fake.behaviour = () => cannotRead('never made');
    expect((await fake.run([step('a')], { cache: cacheOf(keyed('a')) })).status).toBe('failed');
    expect(fake.started).toEqual(['own:a']);
  });
});

describe('a run that is stopped', () => {
  it('asks the cache for no more results', async () => {
    const fake = new FakeRun();
    const cache = new FakeCache({ b: [entry({ task: 'b', label: 'b' })] });
    fake.cache = cache;
    const stop = new AbortController();
    fake.behaviour = () => {
      stop.abort();
      return done();
    };
    const summary = await fake.run(chain, { cache: cacheOf(keyed('b')), signal: stop.signal });
    await settle();
    expect(summary).toMatchObject({ status: 'cancelled', counts: { succeeded: 1 } });
    expect(cache.lookups).toBe(0);
  });
});

describe('what a task is expected to read', () => {
  const names = ['flag', 'items'];
  const found = (fake: FakeRun, name: string) => fake.specs.get(name)?.expects;

  it('is what the task before it in the same step read', async () => {
    const fake = new FakeRun();
    fake.width = 1;
    const all: unknown[] = [];
    fake.behaviour = ({ expects }) => {
      all.push(expects);
      return reading(['!gone', '*', '@element', '@file a.csv', ...names]);
    };
    await fake.run([step('a', { foreach: 'items', kind: 'foreach' } as never)]);
    expect(all).toEqual([undefined, names]);
  });

  it('is what its nearest earlier result was made of', async () => {
    const fake = new FakeRun();
    fake.cache = new FakeCache({ a: [entry({ reads: names, tokens: ['json/1 sha256:00', 'json/1 sha256:01'] })] });
    await fake.run(chain, { cache: cacheOf(keyed('a')) });
    expect(found(fake, 'a')).toEqual(names);
    expect(found(fake, 'b')).toBeUndefined();
  });

  it('is what the step read in the last run, when its code has changed since', async () => {
    const fake = new FakeRun();
    const cache = new FakeCache();
    const [, { components }] = keyed('a');
    cache.earlier = { a: { ...components, code: 'before', reads: names } };
    fake.cache = cache;
    await fake.run(chain, { cache: cacheOf(keyed('a')) });
    expect(found(fake, 'a')).toEqual(names);
    expect(fake.ended).toContain('a succeeded');
  });

  it('is nothing for one artifact, which is fetched when it is read', async () => {
    const fake = new FakeRun();
    fake.cache = new FakeCache({ a: [entry({ reads: ['items'], tokens: ['json/1 sha256:00'] })] });
    await fake.run(chain, { cache: cacheOf(keyed('a')) });
    expect(found(fake, 'a')).toBeUndefined();
  });
});
