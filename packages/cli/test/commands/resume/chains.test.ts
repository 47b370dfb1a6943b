import { rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { artifactOf, outcomeOf } from '../../support/outcome.ts';
import { Project } from '../../support/project.ts';

// Each test starts several processes, which is slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Three runs: the second one executes `base` again and stops before `part` and `sum`. */
const CHAIN = (base: string) => `import { existsSync } from 'node:fs';
import { Flow, step } from 'varve';
export default class Chain extends Flow {
  base!: number; part!: number; sum!: number; end!: number;
  @step() root() { this.base = ${base}; }
  @step({ after: 'root' }) middle() {
    if (existsSync('break-middle')) throw new Error('broken');
    this.part = this.base + 1;
  }
  @step({ after: 'middle' }) total() { this.sum = this.part + 1; }
  @step({ after: 'total' }) last() {
    if (existsSync('break-last')) throw new Error('broken');
    this.end = this.sum;
  }
}
`;

describe('a resume of a resume', () => {
  it.each(['rw', 'off'])('never mixes results of runs that are not in its chain (--cache %s)', async (mode) => {
    const project = new Project({ 'chain.ts': CHAIN('10'), 'break-last': '' });
    const cache = ['--cache', mode];
    await outcomeOf(project, ['run', 'chain.ts', ...cache], 1);
    project.write('chain.ts', CHAIN('20'));
    // The code of `middle` is unchanged. An artifact that it reads has changed, but the run stops before it.
    writeFileSync(project.path('break-middle'), '');
    const second = await outcomeOf(project, ['resume', ...cache], 1);
    expect(second.tasks).toMatchObject({ root: 'succeeded', middle: 'failed' });
    rmSync(project.path('break-middle'));
    rmSync(project.path('break-last'));
    const third = await outcomeOf(project, ['resume', ...cache]);
    expect(third.tasks).toEqual({ root: 'cloned', middle: 'succeeded', total: 'succeeded', last: 'succeeded' });
    expect(await artifactOf(project, '@last', 'end')).toBe(22);
  });
});

const LISTS = (list: string) => `import { appendFileSync, existsSync } from 'node:fs';
import { Flow, step, type View } from 'varve';
export default class Lists extends Flow {
  outer!: string[]; inner!: string[]; id!: string; joined!: string; all!: string;
  @step() make() { this.outer = ${list}; }
  @step({ after: 'make', foreach: 'outer' }) split(letter: string) { this.inner = [letter + 1, letter + 2]; }
  @step({ after: 'split', foreach: 'inner', cache: false }) each(item: string) {
    if (existsSync('break-' + item)) throw new Error('no ' + item);
    appendFileSync('done.txt', item + ' ');
    this.id = item;
  }
  @step({ join: 'each' }) gather(tasks: readonly View<Lists>[]) { this.joined = tasks.map((task) => task.id).join('+'); }
  @step({ join: 'gather' }) end(tasks: readonly View<Lists>[]) { this.all = tasks.map((task) => task.joined).join(' '); }
}
`;

describe('resuming nested foreach steps whose list has changed', () => {
  const project = new Project({ 'lists.ts': LISTS("['a', 'b', 'c']"), 'break-b2': '' });
  const done = () => {
    const items = project.read('done.txt').trim().split(' ').sort();
    project.write('done.txt', '');
    return items;
  };

  it('keeps finished elements at their new positions', async () => {
    await outcomeOf(project, ['run', 'lists.ts'], 1);
    expect(done()).toEqual(['a1', 'a2', 'b1', 'c1', 'c2']);
    project.write('lists.ts', LISTS("['d', 'c', 'b']"));
    const resumed = await outcomeOf(project, ['resume'], 1);
    expect(done()).toEqual(['d1', 'd2']);
    expect(resumed.tasks).toMatchObject({ 'each[1,0]': 'cloned', 'each[1,1]': 'cloned', 'each[2,0]': 'cloned' });
  });

  it('uses the newest list when the resumed run is resumed again', async () => {
    rmSync(project.path('break-b2'));
    const { executed } = await outcomeOf(project, ['resume']);
    expect(done()).toEqual(['b2']);
    expect([...executed].sort()).toEqual(['each[2,1]', 'end', 'gather[2]']);
    expect(await artifactOf(project, '@last', 'all')).toBe('d1+d2 c1+c2 b1+b2');
  });

  it('executes one element again with --from, and the joins around it', async () => {
    const { tasks } = await outcomeOf(project, ['resume', '@last', '--from', 'each[c,c2]', '--cache', 'off']);
    expect(done()).toEqual(['c2']);
    expect(tasks).toMatchObject({ 'each[1,1]': 'succeeded', 'each[1,0]': 'cloned', end: 'cloned' });
    await outcomeOf(project, ['resume', '@last', '--from', 'each[0,1]']);
    expect(done()).toEqual(['d2']);
  });
});
