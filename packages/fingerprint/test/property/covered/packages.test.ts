import { cpSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CORPUS_STEPS, corpusProject } from '../../oracle/corpus.ts';
import { flow, makeProject, stepsOf } from '../../project.ts';
import { BUSY_STEPS } from './corpus-steps.ts';
import { openCoveredRuns } from './covered-runs.ts';

const runs = openCoveredRuns();

/** What ran in each step although nothing but the code of every step led to it. */
const NOTHING = { failure: undefined, missed: [], missedAlone: [] };

test('every function of several hundred modules that runs is one that the step reaches', {
  timeout: 600_000,
}, async () => {
  const code = { ...CORPUS_STEPS, ...BUSY_STEPS };
  const project = corpusProject(code);
  onTestFinished(project.remove);
  const calls = Object.keys(code).map((name) => ({ step: `${name}Step` }));
  const { failure, loaded, steps } = await runs.cover({ path: project.flow, name: 'Example', calls });
  expect(failure).toBeUndefined();
  expect(loaded.missed).toEqual([]);
  expect(loaded.ran.length).toBeGreaterThan(500);
  for (const each of steps) expect(each).toMatchObject(NOTHING);
  expect(new Set(steps.flatMap(({ ran }) => ran)).size).toBeGreaterThan(800);
});

/** The sources of a package that was written for browsers as well, as files of a flow. */
function copyPropertyTester() {
  const project = makeProject({});
  const manifest = createRequire(import.meta.url).resolve('effect/package.json');
  const folder = dirname(createRequire(manifest).resolve('fast-check/package.json'));
  cpSync(join(folder, 'lib/esm'), project.path('lib'), { recursive: true });
  symlinkSync(join(dirname(folder), 'pure-rand'), project.path('node_modules/pure-rand'), 'junction');
  return project;
}

const PROPERTIES = flow(
  "import fc from './lib/fast-check.js';\nconst once = { numRuns: 3, seed: 1 };",
  `@step() plain() { this.out = 1; }
  @step({ after: 'plain' }) numbers() { this.out = fc.sample(fc.integer(), once); }
  @step({ after: 'numbers' }) shrinks() {
    const { counterexample } = fc.check(fc.property(fc.array(fc.nat()), (all) => all.length < 3), { seed: 2 });
    this.out = counterexample;
  }
  @step({ after: 'shrinks' }) texts() {
    this.out = fc.sample(fc.tuple(fc.string(), fc.emailAddress(), fc.date(), fc.uuid(), fc.webUrl(), fc.ipV6()), once);
  }
  @step({ after: 'texts' }) records() {
    const a = fc.oneof(fc.nat(), fc.constant(2));
    const c = fc.dictionary(fc.string(), fc.json());
    const record = fc.record({ a, b: fc.option(fc.boolean()), c, d: fc.object(), e: fc.double(), f: fc.func(fc.nat()) });
    this.out = fc.sample(record, once).map(({ f }) => f(1));
  }
  @step({ after: 'records' }) trees() {
    const made = fc.letrec((tie) => ({ tree: fc.oneof({ depthSize: 'small' }, fc.nat(), fc.tuple(tie('tree'), tie('tree'))) }));
    this.out = fc.sample(made.tree.filter((x) => x !== 3).chain((x) => fc.constant(x)), once);
  }
  @step({ after: 'trees' }) async models() {
    const command = { check: () => true, run() {}, toString: () => 'x' };
    const runAll = (all) => fc.modelRun(() => ({ model: {}, real: {} }), all);
    fc.assert(fc.property(fc.commands([fc.constant(command)]), runAll), once);
    await fc.assert(fc.asyncProperty(fc.scheduler(), async (tasks) => {
      const done = tasks.schedule(Promise.resolve(1));
      await tasks.waitAll();
      await done;
    }), once);
  }
  @step({ after: 'models' }) failing() {
    try { fc.assert(fc.property(fc.string(), (text) => text.length < 2), { seed: 1, verbose: 2 }); }
    catch (error) { this.out = String(error); }
  }`,
);

test('every function of a package of classes that runs is one that the step reaches', {
  timeout: 600_000,
}, async () => {
  const project = copyPropertyTester();
  project.write({ 'flow.ts': PROPERTIES });
  const calls = stepsOf(PROPERTIES).map((step) => ({ step }));
  const { failure, loaded, steps } = await runs.cover({ path: project.path('flow.ts'), name: 'Example', calls });
  expect(failure).toBeUndefined();
  expect(loaded.missed).toEqual([]);
  for (const each of steps) expect(each).toMatchObject(NOTHING);
  expect(new Set(steps.flatMap(({ ran }) => ran)).size).toBeGreaterThan(300);
});
