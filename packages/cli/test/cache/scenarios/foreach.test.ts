import { describe, expect, it } from 'vitest';
import { type RanOptions, ran } from '../../support/cached-run.ts';
import { Project } from '../../support/project.ts';

const HEAD = `import { appendFileSync, readFileSync } from 'node:fs';
import { Flow, param, step, type View } from 'varve';
/** Records outside of varve which step bodies ran. */
const note = (text: string) => appendFileSync(process.env.NOTES ?? '', text + '\\n');
const begun = () => readFileSync(process.env.NOTES ?? '', 'utf8').split('in\\n').length - 1;
/** Waits until so many step bodies have begun. */
const meet = async (count: number) => { while (begun() < count) await new Promise((resolve) => setTimeout(resolve, 5)); };
`;

function open(members: string) {
  const project = new Project({
    'each.ts': `${HEAD}export default class Each extends Flow {\n${members}\n}\n`,
    '~notes.txt': '',
  });
  const notes = () => {
    const lines = project.read('~notes.txt').split('\n').filter(Boolean);
    project.write('~notes.txt', '');
    return lines;
  };
  const run = async (args: readonly string[] = [], options: RanOptions = {}) => {
    const result = await ran(project, ['each.ts', ...args], {
      ...options,
      env: { NOTES: project.path('~notes.txt'), ...options.env },
    });
    const noted = notes();
    return { ...result, noted, notes: noted.toSorted() };
  };
  const value = (name: string, at = '@last') => project.json<unknown>('artifacts', 'get', at, name);
  return { project, run, value };
}

describe('random numbers of elements', () => {
  it('differ between equal elements and below different outer ones, and are cached with all of them', async () => {
    const { project, run, value } = open(`
      sites = ['a', 'b']; trials = [1, 1, 2]; out!: number; one!: number[]; all!: number[][];
      @step({ foreach: 'sites' }) site(name: string) {}
      @step({ after: 'site', foreach: 'trials' }) trial(n: number) { note('trial'); this.out = this.random(); }
      @step({ join: 'trial' }) inner(tasks: readonly View<Each>[]) { this.one = tasks.map((t) => t.out); }
      @step({ join: 'inner' }) outer(tasks: readonly View<Each>[]) { this.all = tasks.map((t) => t.one); }`);
    await run();
    const first = (await value('all')) as number[][];
    expect(new Set(first.flat()).size).toBe(6);
    const text = project.read('each.ts');
    project.write('each.ts', text.replace("['a', 'b']", "['c', 'b', 'a']").replace('[1, 1, 2]', '[2, 1, 0, 1]'));
    const second = await run();
    const [c, b, a] = (await value('all')) as number[][];
    const moved = ([one, other, two]: number[]) => [two, one, expect.any(Number), other];
    expect([a, b]).toEqual(first.map(moved));
    expect(new Set([a, b, c].flat()).size).toBe(12);
    expect(second.notes).toHaveLength(6);
    await run(['--cache', 'off']);
    expect(await value('all')).toEqual([c, b, a]);
  });
});

describe('caching of foreach elements', () => {
  it('equal elements are executed once, and are separate tasks with equal results (scenario 16)', async () => {
    const { run, value } = open(`
      items = ['v', 'v', 'w']; out!: string; all!: string[];
      @step({ foreach: 'items' }) each(item: string) { note(item); this.out = item + '!'; }
      @step({ join: 'each' }) join(tasks: readonly View<Each>[]) { this.all = tasks.map((t) => t.out); }`);
    const first = await run();
    expect(first.notes).toEqual(['v', 'w']);
    expect(first.counts).toEqual({ succeeded: 3, cached: 1 });
    expect(await value('all')).toEqual(['v!', 'v!', 'w!']);
    expect(await value('out', '@last/each[0]')).toBe('v!');
    expect(await value('out', '@last/each[1]')).toBe('v!');
    const second = await run();
    expect(second.notes).toEqual([]);
    expect(second.counts).toEqual({ cached: 4 });
  });

  it('equal elements that read their index are all executed, in parallel (scenario 16)', async () => {
    const { run, value } = open(`
      items = [null, null, null, null]; at!: number; all!: number[];
      @step({ foreach: 'items', concurrency: 4, timeout: '20s' }) async each(_: null, index: number) {
        note('in');
        this.at = index;
        await meet(4);
        note('out');
      }
      @step({ join: 'each' }) join(tasks: readonly View<Each>[]) { this.all = tasks.map((t) => t.at); }`);
    const first = await run();
    expect(await value('all')).toEqual([0, 1, 2, 3]);
    expect(first.notes.filter((text) => text === 'in')).toHaveLength(4);
    expect(first.noted.slice(0, 4), 'all at once').toEqual(['in', 'in', 'in', 'in']);
    expect((await run()).counts).toEqual({ cached: 5 });
  });

  it('equal elements that read their place in the run wait only for the first one (scenario 16)', async () => {
    const { run } = open(`
      items = [null, null, null]; at!: string;
      @step({ foreach: 'items', concurrency: 4, timeout: '20s' }) async each() {
        note('in');
        this.at = this.run.task;
        if (begun() > 1) await meet(3);
        note('out');
      }`);
    expect((await run()).noted).toEqual(['in', 'out', 'in', 'in', 'out', 'out']);
  });

  it('equal elements are deduplicated within a step, never across steps (scenario 16)', async () => {
    const { run } = open(`
      a!: number; b!: number;
      @step() left() { note('left'); this.a = 1; }
      @step() right() { note('right'); this.a = 1; }
      @step({ after: ['left', 'right'] }) both() { this.b = this.a; }`);
    expect((await run()).notes).toEqual(['left', 'right']);
    expect((await run()).notes).toEqual([]);
  });

  it.each(['front', 'middle', 'end'])(
    'an element added at the %s of a thousand executes one task and the join',
    async (where) => {
      const { run, value } = open(`
      more = param.string(''); items!: number[]; half!: number; sum!: number;
      @step() make() {
        this.items = Array.from({ length: 1000 }, (_, i) => i);
        if (this.more === 'front') this.items = [-7, ...this.items];
        if (this.more === 'middle') this.items = this.items.toSpliced(500, 0, -7);
        if (this.more === 'end') this.items = [...this.items, -7];
      }
      @step({ after: 'make', foreach: 'items' }) each(item: number) { note('each ' + item); this.half = item / 2; }
      @step({ join: 'each' }) join(tasks: readonly View<Each>[]) { note('join'); this.sum = tasks.reduce((s, t) => s + t.half, 0); }`);
      expect((await run()).notes).toHaveLength(1001);
      const more = await run(['--more', where]);
      expect(more.notes).toEqual(['each -7', 'join']);
      expect(more.counts).toEqual({ succeeded: 3, cached: 1000 });
      expect(await value('sum')).toBe((999 * 1000) / 4 - 3.5);
    },
  );

  it('nested elements hit by value at any position', async () => {
    const { run, value } = open(`
      extra = param.boolean(false);
      groups!: number[][]; members!: number[]; out!: number; sum!: number; total!: number;
      @step() make() { this.groups = [[1, 2], [3]]; if (this.extra) this.groups = [[9], ...this.groups]; }
      @step({ after: 'make', foreach: 'groups' }) group(members: number[]) { note('group ' + members); this.members = [...members]; }
      @step({ after: 'group', foreach: 'members' }) member(n: number) { note('member ' + n); this.out = n * 10; }
      @step({ join: 'member' }) inner(tasks: readonly View<Each>[]) { note('inner'); this.sum = tasks.reduce((s, t) => s + t.out, 0); }
      @step({ join: 'inner' }) outer(tasks: readonly View<Each>[]) { note('outer'); this.total = tasks.reduce((s, t) => s + t.sum, 0); }`);
    expect((await run()).notes).toEqual(
      ['group 1,2', 'group 3', 'member 1', 'member 2', 'member 3', 'inner', 'inner', 'outer'].sort(),
    );
    expect((await run()).notes).toEqual([]);
    expect((await run(['--extra'])).notes).toEqual(['group 9', 'inner', 'member 9', 'outer']);
    expect(await value('total')).toBe(150);
  });

  it('elements inside a branch that is not taken are skipped, and hit when it is taken again', async () => {
    const { run } = open(`
      go = param.boolean(true);
      flag!: boolean; items = [1, 2]; out!: number; sum!: number; done!: boolean;
      @step() decide() { this.flag = this.go; }
      @step({ after: 'decide', when: 'flag' }) enter() { note('enter'); this.done = false; }
      @step({ after: 'enter', foreach: 'items' }) each(n: number) { note('each ' + n); this.out = n; }
      @step({ join: 'each' }) join(tasks: readonly View<Each>[]) { note('join'); this.sum = tasks.length; }`);
    expect((await run()).notes).toEqual(['each 1', 'each 2', 'enter', 'join']);
    const off = await run(['--no-go']);
    expect(off.notes).toEqual([]);
    expect(off.status.enter).toBe('skipped');
    const on = await run();
    expect(on.notes).toEqual([]);
    expect(on.counts).toEqual({ cached: 5 });
  });

  it('an empty list leads to a join that hits, too', async () => {
    const { run, value } = open(`
      items: number[] = []; out!: number; count!: number;
      @step({ foreach: 'items' }) each(n: number) { this.out = n; }
      @step({ join: 'each' }) join(tasks: readonly View<Each>[]) { note('join'); this.count = tasks.length; }`);
    expect((await run()).notes).toEqual(['join']);
    const second = await run();
    expect(second.notes).toEqual([]);
    expect(second.status).toEqual({ join: 'cached' });
    expect(await value('count')).toBe(0);
  });

  it('reordered elements hit by value, and the join sees the new order', async () => {
    const { run, value } = open(`
      back = param.boolean(false); items!: string[]; out!: string; all!: string;
      @step() make() { const list = ['a', 'b', 'c']; this.items = this.back ? list.reverse() : list; }
      @step({ after: 'make', foreach: 'items' }) each(item: string) { note(item); this.out = item; }
      @step({ join: 'each' }) join(tasks: readonly View<Each>[]) { note('join'); this.all = tasks.map((t) => t.out).join(''); }`);
    expect((await run()).notes).toEqual(['a', 'b', 'c', 'join']);
    expect((await run(['--back'])).notes).toEqual(['join']);
    expect(await value('all')).toBe('cba');
  });

  it('equal elements are all executed when the first one fails', async () => {
    const { run } = open(`
      items = ['v', 'v']; out!: string;
      @step({ foreach: 'items' }) each(item: string) { note(item); if (process.env.FAIL === '1') throw new Error('no'); this.out = item; }`);
    const failed = await run([], { code: 1, env: { FAIL: '1' } });
    expect(failed.counts).toEqual({ failed: 2 });
    expect((await run([], { env: { FAIL: '0' } })).notes).toEqual(['v']);
  });
});
