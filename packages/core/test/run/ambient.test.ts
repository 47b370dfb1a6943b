import { digestOf, step } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import type { CacheEntry, CacheSettings, StepPolicy } from '../../src/cache/index.ts';
import { encodePage } from '../../src/cache/page.ts';
import type { AmbientReads, TaskOutcome } from '../../src/contract/index.ts';
import type { AmbientPort, CachePort, RunCache, StepCache } from '../../src/run/plan/ports.ts';
import type { OriginTask, ResumeSource } from '../../src/run/plan/resume-source.ts';
import { artifact, done, FakeRun } from './fake-run.ts';

const KEY = '0'.repeat(64);
const POLICY: StepPolicy = { lookup: true, publish: true, forced: false, forcedLabels: new Set() };
const origin = { flow: 'F', runId: 'before', number: 1 };

function cacheOf(settings: Partial<CacheSettings> = {}, ...names: string[]): RunCache {
  const steps = new Map<string, StepCache>(
    names.map((name) => [name, { key: KEY, policy: POLICY, components: componentsOf(name) }]),
  );
  return { settings: { mode: 'rw', purity: 'warn', force: [], ...settings }, steps, keys: steps };
}

function componentsOf(name: string): StepCache['components'] {
  return {
    step: name,
    code: 'c',
    pieces: {},
    packages: {},
    assets: {},
    load: {},
    runtime: {},
    options: {},
    scope: 's',
  };
}

function storedResults(...saw: Record<string, string>[]): CachePort {
  const entries = saw.map(
    (tokens, i): CacheEntry => ({
      ...{ task: 'a', label: 'a', reads: Object.keys(tokens), tokens: Object.values(tokens) },
      ...{ writes: { out: artifact(`stored ${i}`).reference }, deletes: [], ms: 5, generation: 0, origin, at: 1 },
    }),
  );
  return {
    pages: async () => [{ key: 'p', modifiedAt: 1, bytes: encodePage({ key: KEY, step: 'a', entries, origin }) }],
    lease: async () => true,
    release: () => {},
    skew: async () => 0,
    before: async () => ({}),
  };
}

/** The world as a test sets it; `looks` are the questions it was asked. */
function worldOf(tokens: Record<string, string>): AmbientPort & { readonly looks: string[][]; tokens: typeof tokens } {
  const looks: string[][] = [];
  return {
    looks,
    tokens,
    async look(reads) {
      looks.push([...reads]);
      return new Map(reads.flatMap((read) => (read in tokens ? [[read, tokens[read] as string] as const] : [])));
    },
    prepare: () => undefined,
    settle: (seen) => new Map(Object.entries(seen).map(([read, token]) => [read, `kept ${token}`])),
  };
}

const saw = (ambient: AmbientReads): TaskOutcome => ({ ...done('out'), ambient }) as TaskOutcome;
const endOf = (fake: FakeRun, task: string) =>
  fake.events.find((event) => event.type === 'task-succeeded' && event.task === task);

function runOver(cache: CachePort, world: AmbientPort | undefined): FakeRun {
  const fake = new FakeRun();
  fake.cache = cache;
  fake.ambient = world;
  return fake;
}

describe('a result that read something outside of the run', () => {
  it('is used while that is as it was', async () => {
    const fake = runOver(storedResults({ '@file a.csv': 'f1' }), worldOf({ '@file a.csv': 'f1' }));
    await fake.run([step('a')], { cache: cacheOf({}, 'a') });
    expect(fake.started).toEqual([]);
    expect(endOf(fake, 'a')).toMatchObject({ reads: ['@file a.csv'], ambient: { '@file a.csv': 'f1' } });
  });

  it.each([
    ['@file a.csv', 'READ a.csv changed'],
    ['@dir data', 'READ the list of files in data changed'],
    ['@env MODE', 'ENV the variable MODE changed'],
    ['@tz', 'RUNTIME the time zone changed'],
    ['@os cwd', 'RUNTIME the working directory changed'],
    ['@package zod', 'PACKAGE the package zod changed'],
    ['@wrote out.html', 'OUTPUT out.html is not as this step left it'],
  ])('is not used when %s has changed', async (read, why) => {
    const fake = runOver(storedResults({ [read]: 'old' }), worldOf({ [read]: 'new' }));
    await fake.run([step('a')], { cache: cacheOf({}, 'a') });
    expect(fake.started).toEqual(['own:a']);
    expect(endOf(fake, 'a')).toMatchObject({ why });
  });

  it('is not used when nothing can look there', async () => {
    const fake = runOver(storedResults({ '@file a.csv': 'f1' }), undefined);
    await fake.run([step('a')], { cache: cacheOf({}, 'a') });
    expect(fake.started).toEqual(['own:a']);
  });

  it('is chosen among others by what is there now', async () => {
    const fake = runOver(
      storedResults({ '@file a.csv': 'f1' }, { '@file a.csv': 'f2' }, { '@env M': 'm', '@file a.csv': 'f3' }),
      worldOf({ '@file a.csv': 'f2', '@env M': 'm' }),
    );
    await fake.run([step('a')], { cache: cacheOf({}, 'a') });
    expect(endOf(fake, 'a')).toMatchObject({ writes: { out: { digest: digestOf('stored 1') } } });
  });

  it('is looked at when the task may start, not before', async () => {
    const world = worldOf({ '@file a.csv': 'f1' });
    const fake = runOver(storedResults({ '@file a.csv': 'f2' }), world);
    fake.behaviour = () => {
      world.tokens['@file a.csv'] = 'f2';
      return done();
    };
    const steps = [step('first', { children: ['a'] }), step('a', { kind: 'linear', parents: ['first'] })];
    await fake.run(steps, { cache: cacheOf({}, 'a') });
    expect(fake.started).toEqual(['own:first']);
  });
});

describe('a task that reads something outside of the run', () => {
  it('is kept for other runs under what it saw, in the form that is stored', async () => {
    const fake = runOver(storedResults(), worldOf({}));
    fake.behaviour = () => saw({ tokens: { '@file a.csv': 'f1', '@env M': 'm' } });
    await fake.run([step('a')], { cache: cacheOf({}, 'a') });
    expect(fake.records).toEqual([
      expect.objectContaining({ reads: ['@env M', '@file a.csv'], tokens: ['kept m', 'kept f1'] }),
    ]);
    expect(endOf(fake, 'a')).toMatchObject({ ambient: { '@env M': 'kept m', '@file a.csv': 'kept f1' } });
  });

  it('is not kept when what it read changed meanwhile, and the run says so once', async () => {
    const fake = runOver(storedResults(), worldOf({}));
    fake.behaviour = () => saw({ tokens: {}, unrecorded: 'a.csv changed while it was read' });
    await fake.run([step('a')], { cache: cacheOf({}, 'a') });
    expect(fake.records).toEqual([]);
    expect(warningsOf(fake)).toEqual(['the result of a is not kept for other runs: a.csv changed while it was read']);
  });

  it('that calls the clock is kept with a warning, and without one when a TTL says how long it lasts', async () => {
    const seen = saw({ tokens: {}, calls: [{ call: 'Date.now', file: 'flow.ts', line: 3 }] });
    for (const [cache, count] of [
      [{}, 1],
      [{ ttlMs: 1000 }, 0],
    ] as const) {
      const fake = runOver(storedResults(), worldOf({}));
      fake.behaviour = () => seen;
      await fake.run([step('a', { cache })], { cache: cacheOf({}, 'a') });
      expect(fake.records).toHaveLength(1);
      expect(warningsOf(fake)).toHaveLength(count);
      if (count === 1) expect(warningsOf(fake)[0]).toMatch(/^a calls Date.now \(flow.ts:3\): its result is cached/);
    }
  });

  it('is neither kept nor found under strict purity when it calls the clock', async () => {
    const fake = runOver(storedResults({ '@call Date.now': 'made' }), worldOf({}));
    fake.behaviour = () => saw({ tokens: {}, calls: [{ call: 'Date.now', file: 'flow.ts', line: 3 }] });
    await fake.run([step('a')], { cache: cacheOf({ purity: 'strict' }, 'a') });
    expect(endOf(fake, 'a')).toMatchObject({ why: 'IMPURE it calls Date.now, and purity is strict' });
    expect(fake.records).toEqual([]);
  });
});

describe('a task of a run that is resumed', () => {
  const finished = (changes: Partial<OriginTask>): OriginTask => ({
    ...{ writes: {}, deletes: [], reads: [], ms: 1, from: 'F/1/a', key: undefined, sameBundle: true },
    ...changes,
  });
  const source = (tasks: Record<string, OriginTask>, trust: ResumeSource['trust'] = 'verify'): ResumeSource => ({
    ...{ path: 'F/1', tasks: new Map(Object.entries(tasks)), elements: new Map(), trust, initialisers: 'reuse' },
    ...{ rerunSteps: new Set(), rerunTasks: new Set() },
  });
  const tasks = { init: finished({ from: 'F/1/init' }), a: finished({ ambient: { '@file a.csv': 'f1' } }) };

  it('is taken over while what it read outside of the run is as it was', async () => {
    const fake = runOver(storedResults(), worldOf({ '@file a.csv': 'f1' }));
    await fake.run([step('a')], { origin: source(tasks) });
    expect(fake.started).toEqual([]);
  });

  it('is executed when that has changed, unless its place alone counts', async () => {
    for (const [trust, started] of [
      ['verify', ['own:a']],
      ['position', []],
    ] as const) {
      const fake = runOver(storedResults(), worldOf({ '@file a.csv': 'f2' }));
      await fake.run([step('a')], { origin: source(tasks, trust) });
      expect(fake.started).toEqual(started);
    }
  });

  it('is kept with a warning when its step never uses earlier results', async () => {
    const fake = runOver(storedResults(), worldOf({ '@file a.csv': 'f2' }));
    await fake.run([step('a', { cache: false })], { origin: source(tasks) });
    expect(fake.started).toEqual([]);
    expect(warningsOf(fake)).toEqual([
      expect.stringContaining('although what it reads outside of the run has changed'),
    ]);
  });
});

function warningsOf(fake: FakeRun): string[] {
  return fake.progress.flatMap((one) => (one.type === 'warning' ? [one.message] : []));
}
