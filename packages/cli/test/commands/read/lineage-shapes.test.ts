import { rmSync } from 'node:fs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { ageHeartbeats } from '../../support/heartbeats.ts';
import { expectCode, Project, pause } from '../../support/project.ts';

// Each test starts several processes, which is slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Nested lists, one of them empty, branches that agree and differ, a condition, a caught error, a deleted field. */
const FLOW = `import { existsSync } from 'node:fs';
import { Flow, param, step, type Inputs, type View } from 'varve';
export default class Shapes extends Flow {
  base = param.int(2); wide = param.boolean(false);
  groups = [2, 0, 1]; items!: number[]; part!: number; shine!: number; top!: number; sum!: number; side!: string; same!: string;
  extra?: string; scrap?: number; problem?: { message: string }; done!: string;
  @step() start() { this.scrap = 1; this.same = 'first'; }
  @step({ after: 'start', foreach: 'groups' }) outer(size: number) { this.items = Array.from({ length: size }, (_, i) => i + this.base); }
  @step({ after: 'outer', foreach: 'items' }) inner(item: number) { this.part = item; }
  @step({ after: 'inner', catch: 'problem', retry: { times: 1, backoff: 0 } }) polish() {
    if (this.part === 3) throw new RangeError('three');
    this.shine = this.part * this.base;
  }
  @step({ join: 'polish' }) best(tasks: readonly View<Shapes>[]) { this.top = Math.max(0, ...tasks.map((t) => t.shine ?? 0)); }
  @step({ join: 'best' }) total(tasks: readonly View<Shapes>[]) { this.sum = tasks.reduce((sum, t) => sum + t.top, 0); }
  @step({ after: 'total' }) left() { this.side = 'left'; this.same = 'both'; delete this.scrap; }
  @step({ after: 'total' }) right() { this.side = 'right'; this.same = 'both'; delete this.scrap; }
  @step({ after: 'total', when: 'wide' }) extras() { this.extra = 'more'; }
  @step({ after: ['left', 'right', 'extras'] }) merge(inputs: Inputs<Shapes, 'left' | 'right', 'extras'>) {
    this.done = [inputs.left.side, inputs.right.side, inputs.extras?.extra, this.same, this.sum].join();
  }
  @step({ after: 'merge' }) async last() {
    while (existsSync('wait')) await new Promise((resolve) => setTimeout(resolve, 10));
    if (!existsSync('go')) throw new Error('not yet ' + this.done);
    this.done = [this.done, this.groups.length, this.scrap].join();
  }
}
`;

/** Checks that must hold for every task of every run. */
const CHECK = `import { client } from 'varve';
const wrong = [];
const seen = {};
for await (const listed of client('Shapes').runs()) {
  const run = await listed.open();
  const tasks = [run.task('init'), ...run.tasks()];
  const has = (list, task) => list.some(({ name }) => name === task.name);
  const say = (task, what) => wrong.push(run.number + '/' + task.name + ' ' + what);
  let reads = 0;
  for (const task of tasks) {
    for (const parent of task.parents()) if (!has(parent.children(), task)) say(task, 'is no child of its parent ' + parent.name);
    for (const child of task.children()) {
      if (child.parents().length > 0 && !has(child.parents(), task)) say(task, 'is no parent of its child ' + child.name);
    }
    for (const name of Object.keys(task.state.writes)) {
      for (const reader of task.readersOf(name)) if (!has(reader.producersOf(name), task)) say(task, name + ' was not written for ' + reader.name);
    }
    for (const read of task.reads) {
      if (read.absent || !('name' in read)) continue;
      reads++;
      const producers = read.kind === 'own' ? [task.producerOf(read.name)] : task.producersOf(read.name);
      for (const producer of producers) {
        if (producer === undefined || !(read.name in producer.state.writes)) say(task, 'read ' + read.name + ' and nobody wrote it');
        else if (!has(producer.readersOf(read.name), task) && (read.index === undefined || read.index === '*') && read.kind !== 'branch')
          say(task, 'is no reader of ' + read.name + ' of ' + producer.name);
      }
      if (read.kind === 'own' && !(producers[0]?.state.writes[read.name].digest)) say(task, 'has no digest of ' + read.name);
    }
    if (task.from !== undefined) {
      const original = await task.original();
      if (original.from !== undefined || JSON.stringify(original.state.writes) !== JSON.stringify(task.state.writes)) say(task, 'is not what ' + task.from + ' computed');
    }
  }
  const value = (name) => run.tasks().filter(({ step }) => step === name).map(({ status }) => status).join();
  seen[run.number] = { status: run.status, tasks: run.tasks().length, reads, last: value('last'), extras: value('extras'), from: run.tasks().filter(({ from }) => from).length };
}
const one = await client('Shapes').run(1);
const merge = (await client('Shapes').run(2)).task('merge');
const names = (tasks) => tasks.map(({ name }) => name);
let differ;
try { merge.producerOf('same'); } catch ({ code }) { differ = code; }
console.log(JSON.stringify({ wrong, seen, one: {
  parts: names(one.task('best[0]').producersOf('shine')), empty: [names(one.task('best[1]').parents()), names(one.task('outer[1]').children())],
  problem: [one.task('polish[0,1]').error.message, one.task('polish[0,1]').attempts.length],
  sides: [names(one.task('left').readersOf('side')), names(one.task('merge').producersOf('same')), one.task('last').producerOf('scrap') ?? null],
  skipped: [names(one.task('merge').parents()), names(one.task('extras').readersOf('extra'))], failed: one.task('last').producerOf('done').name,
  differ: [merge.status, merge.error.code, differ, names(merge.producersOf('same'))],
} }));
`;

interface Said {
  readonly wrong: readonly string[];
  readonly seen: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly one: Readonly<Record<string, unknown>>;
}

describe('producers and readers of artifacts are correct for', () => {
  const project = new Project({ 'shapes.ts': FLOW, 'check.mjs': CHECK });
  let said: Said;

  beforeAll(async () => {
    const varve = (...args: string[]) => project.varve([...args, '-q']);
    expectCode(await varve('run', 'shapes.ts'), 1);
    expectCode(await varve('run', 'shapes.ts', '--wide', '--base', '3'), 1);
    project.write('wait', '');
    const lost = project.start(['run', 'shapes.ts', '--json']);
    while (!lost.output.stdout.includes('"task":"last"') && lost.child.exitCode === null) await pause(10);
    // Waits until the journal has the start of the last task, too.
    await pause(500);
    process.kill(-(lost.child.pid ?? 0), 'SIGKILL');
    await lost.ended;
    ageHeartbeats(project.store);
    rmSync(project.path('wait'));
    project.write('go', '');
    expectCode(await varve('resume', 'Shapes/1'), 0);
    expectCode(await varve('run', 'shapes.ts'), 0);
    said = JSON.parse(expectCode(await project.node('check.mjs'), 0).stdout) as Said;
  });

  it('every task of failed, lost, resumed and cached runs', () => {
    expect(said.wrong).toEqual([]);
    expect(said.seen).toMatchObject({
      1: { status: 'failed', last: 'failed', extras: 'skipped', from: 0 },
      2: { status: 'failed', last: '', extras: 'succeeded' },
      3: { status: 'lost', last: 'lost' },
      4: { status: 'succeeded', last: 'succeeded', tasks: 19, from: 17 },
      5: { status: 'succeeded', tasks: 19 },
    });
    for (const { reads } of Object.values(said.seen)) expect(reads).toBeGreaterThan(5);
  });

  it('nested foreach steps, one of them empty', () => {
    expect(said.one).toMatchObject({
      parts: ['polish[0,0]'],
      empty: [['outer[1]'], ['best[1]']],
    });
  });

  it('branches, conditions and caught errors', () => {
    expect(said.one).toMatchObject({
      problem: ['three', 2],
      sides: [['merge'], ['left', 'right'], null],
      skipped: [['left', 'right', 'extras'], []],
      failed: 'merge',
      differ: ['failed', 'VARVE_BRANCHES_DIFFER', 'VARVE_BRANCHES_DIFFER', ['left', 'right', 'start']],
    });
  });
});
