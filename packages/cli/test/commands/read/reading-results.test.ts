import { beforeAll, describe, expect, it, vi } from 'vitest';
import { artifactOf, outcomeOf } from '../../support/outcome.ts';
import { expectCode, expectNoStack, Project } from '../../support/project.ts';

// Each test starts several processes, which is slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const PENGUINS = `import { existsSync, writeFileSync } from 'node:fs';
import { Flow, param, step, type Inputs, type View } from 'varve';
export class Penguins extends Flow {
  folds = param.int(5); fail = param.boolean(false);
  models = ['knn', 'tree'];
  raw!: number[]; rows!: number[]; score!: number; best!: number; mean!: number; size!: number; problem?: { message: string };
  @step() load() { this.raw = [1, 2, 3]; }
  @step({ after: 'load' }) clean() { this.rows = this.raw.map((n) => n * 2); }
  @step({ after: 'clean', foreach: 'models', retry: { times: 2, backoff: 0 }, cache: { version: 1 } }) train(model: string) {
    console.log('training %s', model);
    if (this.fail && model === 'tree') throw new RangeError('no tree grows');
    this.score = this.rows.length * this.folds + model.length;
  }
  @step({ join: 'train' }) report(tasks: readonly View<Penguins>[]) { this.best = Math.max(...tasks.map((t) => t.score)); }
  @step({ after: 'report' }) left() { this.mean = this.best / 2; }
  @step({ after: 'report', catch: 'problem', cache: false }) right() { throw new TypeError('not today'); }
  @step({ after: ['left', 'right'] }) merge(inputs: Inputs<Penguins, 'left' | 'right'>) {
    this.size = inputs.left.mean + (inputs.right.problem?.message.length ?? 0);
  }
}
export class Flaky extends Flow {
  done!: string;
  @step({ retry: { times: 3, backoff: 0 } }) go() {
    console.log('attempt %d', this.run.attempt);
    if (this.run.attempt < 3) throw Object.assign(new RangeError('try ' + this.run.attempt), { code: 'TOO_SOON' });
    this.done = 'at last';
  }
}
`;

const CODE = `
import { client } from 'varve';
const history = client('Penguins');
const names = (tasks) => tasks.map(({ name }) => name);
const describe = (run) => ({
  status: run.status,
  train: {
    parents: names(run.task('train[tree]').parents()), children: names(run.task('train[tree]').children()),
    rows: run.task('train[tree]').producerOf('rows').name, models: run.task('train[1]').producerOf('models').name,
    readers: names(run.task('train[0]').readersOf('score')),
    element: [run.task('train[tree]').element.index, run.task('train[tree]').element.label, run.task('train[tree]').element.value],
  },
  report: { producers: names(run.task('report').producersOf('score')), readers: names(run.task('report').readersOf('best')) },
  merge: { parents: names(run.task('merge').parents()), best: run.task('merge').producerOf('best').name,
    problem: names(run.task('right').readersOf('problem')), mean: names(run.task('left').readersOf('mean')) },
  rows: names(run.task('clean').readersOf('rows')), folds: names(run.task('init').readersOf('folds')),
  caught: [run.task('right').status, run.task('right').error.message, run.task('right').attempts.map(({ status }) => status)],
  size: run.producerOf('size').name,
});
const [one, two] = [await history.run(1), await history.run(2)];
const original = await two.task('train[tree]').producerOf('rows').original();
const flaky = (await client('Flaky').last()).task('go');
const list = async (query) => { const all = []; for await (const { record } of history.runs(query)) all.push(record.number); return all; };
const [listed] = [await history.runs({ limit: 1, status: 'failed' }).next()];
console.log(JSON.stringify({
  one: describe(one), two: describe(two),
  from: [two.task('clean').from, two.task('clean').attempts.length, original.label, original.status, original.artifacts.rows],
  flaky: { status: flaky.status, error: flaky.error ?? null, startedAt: flaky.startedAt <= flaky.endedAt,
    attempts: await Promise.all(flaky.attempts.map(async ({ number, status, error, ms, log }, i, all) =>
      [number, status, error?.name, error?.code, error?.message, error?.stack?.includes('flows.ts:') ?? null, ms >= 0, (await all[i].log()).map(({ text }) => text)])) },
  lists: [await list({ parameters: { folds: 7 } }), await list({ tag: 'nightly', status: ['succeeded', 'lost'] }),
    await list({ since: new Date(Date.now() - 3_600_000) }), await list({ until: Date.now() - 3_600_000 })],
  opened: (await listed.value.open()).task('train[tree]').error.message,
  last: [(await history.last({ tag: 'nightly' })).number, await history.last({ tag: 'x' }).catch(({ code }) => code)],
}));
`;

describe('the results of runs', () => {
  const project = new Project({ 'flows.ts': PENGUINS, 'read.mjs': CODE });
  let said: Record<string, unknown>;
  const out = async (...args: string[]) => expectCode(await project.varve(args), 0).stdout;

  beforeAll(async () => {
    const run = (...args: string[]) => project.varve(['run', ...args, '-q']);
    expectCode(await run('flows.ts#Penguins', '--tag', 'nightly'), 0);
    expectCode(await run('flows.ts#Penguins'), 0);
    expectCode(await run('flows.ts#Penguins', '--folds', '7', '--fail'), 1);
    expectCode(await run('flows.ts#Flaky'), 0);
    said = JSON.parse(expectCode(await project.node('read.mjs'), 0).stdout) as Record<string, unknown>;
  });

  const lineage = {
    status: 'succeeded',
    train: {
      ...{ parents: ['clean'], children: ['report'], rows: 'clean', models: 'init', readers: ['report'] },
      element: [1, 'tree', 'tree'],
    },
    report: { producers: ['train[0]', 'train[1]'], readers: ['left'] },
    merge: { parents: ['left', 'right'], best: 'report', problem: ['merge'], mean: ['merge'] },
    rows: ['train[0]', 'train[1]'],
    folds: ['train[0]', 'train[1]'],
    caught: ['succeeded', 'not today', ['failed']],
    size: 'merge',
  };

  it('have producers and readers, in executed and in cached runs', () => {
    expect(said.one).toEqual(lineage);
    expect(said.two).toEqual(lineage);
    expect(said.from).toEqual(['Penguins/1/clean', 0, 'clean', 'succeeded', [2, 4, 6]]);
  });

  it('have every attempt with its error and output', () => {
    expect(said.flaky).toEqual({
      ...{ status: 'succeeded', error: null, startedAt: true },
      attempts: [
        [1, 'failed', 'RangeError', 'TOO_SOON', 'try 1', true, true, ['attempt 1']],
        [2, 'failed', 'RangeError', 'TOO_SOON', 'try 2', true, true, ['attempt 2']],
        [3, 'succeeded', null, null, null, null, true, ['attempt 3']],
      ],
    });
  });

  it('are found from code by status, tag, time and parameters', () => {
    expect(said.lists).toEqual([[3], [1], [3, 2, 1], []]);
    expect(said.opened).toBe('no tree grows');
    expect(said.last).toEqual([1, 'VARVE_NO_RUN']);
  });

  it('are listed by varve list with the same filters', async () => {
    const numbers = async (...args: string[]) => {
      const { runs } = await project.json<{ runs: { record: { flow: string; number: number } }[] }>(
        ...['list', '--json', ...args],
      );
      return runs.map(({ record }) => `${record.flow}/${record.number}`);
    };
    expect(await numbers('--param', 'folds=7')).toEqual(['Penguins/3']);
    expect(await numbers('--param', 'folds=5', '--param', 'fail=false')).toEqual(['Penguins/2', 'Penguins/1']);
    expect(await numbers('--status', 'failed', '--status', 'lost')).toEqual(['Penguins/3']);
    expect(await numbers('--since', '1h', '--limit', '2')).toEqual(['Flaky/1', 'Penguins/3']);
    expect(await numbers('--until', '1h')).toEqual([]);
    expect(await numbers('--until', '2999-01-01', '--tag', 'nightly')).toEqual(['Penguins/1']);
    expect(await out('list', '--until', '1h', '--param', 'folds=5')).toContain('No runs with folds=5 until 1h in');
    for (const wrong of [
      ['--since', 'yesterday'],
      ['--param', 'folds'],
      ['--until', '12'],
      ['--status', 'done'],
    ]) {
      const refused = expectCode(await project.varve(['list', ...wrong]), 2);
      expect(refused.stderr).toContain(wrong.join(' '));
      expectNoStack(refused);
    }
  });

  it('are shown for one task with attempts, producers and readers', async () => {
    const train = await out('show', 'Penguins/2/train[tree]');
    expect(train).toMatch(/^train\[tree\] +≡ cached from Penguins\/1\/train\[1\] in/);
    expect(train).toMatch(/after +clean \(from Penguins\/1\/clean\)/);
    expect(train).toMatch(/\nREAD +WRITTEN BY\n/);
    expect(train).toMatch(/\nrows +clean \(from Penguins\/1\/clean\)\n/);
    expect(train).toMatch(/\nmodels +init\n/);
    expect(train).toMatch(/ARTIFACT +SIZE +CODEC +DIGEST +READ BY\nscore .* report\n/);
    expect(await out('show', 'Penguins/1/report')).toMatch(/\nscore +train\[knn\], train\[tree\]\n/);
    const go = await out('show', 'Flaky/1/go');
    expect(go).toMatch(/attempt 1 +✖ failed in .*\n +RangeError: try 1 +TOO_SOON\n/);
    expect(go).toMatch(/attempt 3 +✔ succeeded/);
    expect(await out('show', 'Flaky/1/go')).toMatch(/\ndone .* –\n/);
    const { task } = await project.json<{ task: Record<string, unknown> }>('show', 'Penguins/1/train[0]', '--json');
    expect(task).toMatchObject({
      ...{ parents: ['clean'], children: ['report'], readers: { score: ['report'] } },
      producers: { rows: ['clean'], folds: ['init'], models: ['init'] },
      attempts: [{ attempt: 1, status: 'succeeded' }],
    });
  });
});

const RESUME = `
import { client, resume, run } from 'varve';
import { writeFileSync } from 'node:fs';
import { Two } from './two.mjs';
const failed = await run(Two, { base: 4 });
const executed = (r) => r.tasks({ status: 'succeeded' }).map(({ label }) => label);
writeFileSync('go', '');
const live = await resume(failed, { tags: ['again'] });
const by = (await failed.resumedBy()).map(({ record }) => record.number);
const single = await resume(live, { from: 'each[b]' });
const anew = await resume(live, { from: ['each'], set: { base: 5 } });
const nothing = await resume(Two).catch(({ code }) => code);
const wrong = await resume(live, { from: 'eech' }).catch(({ code, findings }) => [code, findings.length]);
const far = await resume(await client('Two').run(1));
console.log(JSON.stringify({
  failed: [failed.status, failed.error.message, failed.isSuccessful],
  live: [live.status, live.number, live.artifacts.sum, executed(live), live.record.tags, live.tasks({ status: 'cloned' }).length],
  chain: [(await live.resumes()).number, by], from: live.task('load').from,
  single: [single.status, executed(single)],
  anew: [anew.status, anew.artifacts.sum, anew.record.parameters.base],
  nothing, wrong, far: [far.status, far.number, far.record.origin === failed.id],
}));
`;

/** A flow with legacy decorators, compiled. */
const TWO = `
import { existsSync } from 'node:fs';
import { Flow, param, step } from 'varve';
export class Two extends Flow {
  base = param.int(1);
  list = ['a', 'b', 'c'];
  load() { this.start = 10; }
  each(item) { if (item === 'b' && !existsSync('go')) throw new Error('not yet'); this.part = this.start * this.base; }
  join(tasks) { this.sum = tasks.reduce((sum, { part }) => sum + part, 0); }
}
const decorate = (options, name) => step(options)(Two.prototype, name, Object.getOwnPropertyDescriptor(Two.prototype, name));
decorate({ cache: false }, 'load');
decorate({ after: 'load', foreach: 'list', cache: false }, 'each');
decorate({ join: 'each' }, 'join');
`;

describe('resume() from code', () => {
  const project = new Project({ 'two.mjs': TWO, 'resume.mjs': RESUME });
  let said: Record<string, unknown>;
  beforeAll(async () => {
    said = JSON.parse(expectCode(await project.node('resume.mjs'), 0).stdout) as Record<string, unknown>;
  });

  it('executes the failed tasks and those after them', () => {
    expect(said.failed).toEqual(['failed', 'not yet', false]);
    expect(said.live).toEqual(['succeeded', 2, 120, ['each[b]', 'join'], ['again'], 3]);
    expect(said).toMatchObject({ chain: [1, [2]], from: 'Two/1/load' });
  });

  it('executes named steps again, with other parameters', () => {
    expect(said.single).toEqual(['succeeded', ['each[b]']]);
    expect(said.anew).toEqual(['succeeded', 150, '5']);
  });

  it('refuses a run with nothing to resume, and contradictory options', () => {
    expect(said.nothing).toBe('VARVE_NOTHING_TO_RESUME');
    expect(said.wrong).toEqual(['VARVE_RESUME_OPTION', 1]);
  });

  it('finds the file of the flow from the name of the flow', () => {
    expect(said.far).toEqual(['succeeded', 5, true]);
  });

  it('resumes the newest stopped run of a flow', async () => {
    const other = new Project({
      'two.mjs': TWO,
      'other.mjs': `import { Flow, step } from 'varve';
export class Other extends Flow { fail() { throw new Error('always'); } }
step({})(Other.prototype, 'fail', Object.getOwnPropertyDescriptor(Other.prototype, 'fail'));`,
      'go-on.mjs': `import { resume, run } from 'varve';
import { writeFileSync } from 'node:fs';
import { Other } from './other.mjs';
import { Two } from './two.mjs';
await run(Two);
await run(Other);
writeFileSync('go', '');
const again = await resume(Two);
console.log(again.flow, again.number, again.status, again.artifacts.sum);`,
    });
    expect(expectCode(await other.node('go-on.mjs'), 0).stdout).toBe('Two 2 succeeded 30\n');
    expect((await outcomeOf(other, ['resume'], 1)).executed).toEqual([]);
    expect(await artifactOf(other, 'Two/2', 'sum')).toBe(30);
  });

  it('writes to the store where the run was found', async () => {
    const there = new Project({
      'two.mjs': TWO,
      'start.mjs':
        "import { run } from 'varve'; import { Two } from './two.mjs'; console.log((await run(Two)).status);",
    });
    expect(expectCode(await there.node('start.mjs'), 0).stdout).toBe('failed\n');
    const here = new Project({
      go: '',
      'go-on.mjs': `import { client, resume } from 'varve';
const run = await client('Two', { from: ${JSON.stringify(there.root)} }).last();
const again = await resume(run);
console.log(again.status, again.number, (await run.resumedBy()).length, await client('Two').last().catch(({ code }) => code));`,
    });
    expect(expectCode(await here.node('go-on.mjs'), 0).stdout).toBe('succeeded 2 1 VARVE_NO_RUN\n');
  });
});
