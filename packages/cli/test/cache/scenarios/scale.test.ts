import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ran, storeFiles } from '../../support/cached-run.ts';
import { expectCode, Project } from '../../support/project.ts';
import { takeCalls, WATCHED_CONFIG } from '../../support/watched-store.ts';

const SQUARES = `import { Flow, param, step, type View } from 'varve';
export default class Squares extends Flow {
  n = param.int(10_000);
  items!: number[]; square!: number; total!: number;
  @step() make() { this.items = Array.from({ length: this.n }, (_, i) => i); }
  @step({ after: 'make', foreach: 'items' }) raise(item: number) { this.square = item * item; }
  @step({ join: 'raise' }) add(tasks: readonly View<Squares>[]) { this.total = tasks.reduce((sum, task) => sum + task.square, 0); }
}
`;
/** Limit for a warm foreach over ten thousand elements, some seconds above the usual time, ms. */
const WARM_MS = 15_000;

describe('a foreach over 10,000 cached elements (scenario 48)', () => {
  it('takes a bounded number of store calls and little time', async () => {
    const project = new Project({ 'squares.ts': SQUARES, 'varve.config.mjs': WATCHED_CONFIG });
    expect((await ran(project, ['squares.ts'])).counts).toEqual({ succeeded: 10_002 });
    takeCalls(project);
    const began = Date.now();
    const warm = await ran(project, ['squares.ts']);
    const ms = Date.now() - began;
    const calls = takeCalls(project);
    const of = (call: string, prefix = '') => calls.filter((line) => line.startsWith(`${call} ${prefix}`)).length;
    const figures = { ms, all: calls.length, cache: of('get', 'cache/'), lists: of('list', 'cache/'), puts: of('put') };
    expect(warm.counts).toEqual({ cached: 10_002 });
    expect(figures.lists).toBe(3);
    expect(figures.all, JSON.stringify(figures)).toBeLessThan(200);
    expect(ms).toBeLessThan(WARM_MS);
    expect(await project.json('artifacts', 'get', '@last', 'total')).toBe(333_283_335_000);
  }, 120_000);
});

describe('a step with 1,000 results of 40 runs', () => {
  it('has them in a few pages, and each one hits', async () => {
    const project = new Project({
      'squares.mjs': `import { Flow, param, step } from 'varve';
export class Many extends Flow {
  from = param.int(0);
  first() { this.items = Array.from({ length: 25 }, (_, i) => this.from + i); }
  raise(item) { this.square = item * item; }
}
const decorate = (options, name) => step(options)(Many.prototype, name, Object.getOwnPropertyDescriptor(Many.prototype, name));
decorate({}, 'first');
decorate({ after: 'first', foreach: 'items' }, 'raise');
`,
      'main.mjs': `import { run } from 'varve';
import { Many } from './squares.mjs';
const counts = [];
for (let i = 0; i < 40; i++) counts.push((await run(Many, { from: i * 25 })).summary.counts);
const all = await run(Many, { from: 0 });
console.log(JSON.stringify([counts.every((c) => c.succeeded === 26 && !c.cached), all.summary.counts]));
`,
      'again.mjs': `import { run } from 'varve';
import { Many } from './squares.mjs';
const counts = [];
for (const from of [0, 475, 975]) counts.push((await run(Many, { from })).summary.counts);
console.log(JSON.stringify(counts));
`,
    });
    expect(JSON.parse(expectCode(await project.node('main.mjs'), 0).stdout)).toEqual([true, { cached: 26 }]);
    const files = storeFiles(project, 'cache/v1');
    const keys = [...new Set(files.map(dirname))].map((key) => files.filter((file) => dirname(file) === key));
    expect(keys).toHaveLength(2);
    for (const pages of keys) expect(pages.length).toBeLessThanOrEqual(16);
    const entriesIn = (file: string) => readFileSync(file, 'utf8').split('"task":').length - 1;
    const entries = keys.map((pages) => pages.reduce((sum, file) => sum + entriesIn(file), 0));
    expect(
      entries.sort((a, b) => a - b),
      'each result is kept once',
    ).toEqual([40, 1000]);
    expect(JSON.parse(expectCode(await project.node('again.mjs'), 0).stdout)).toEqual(Array(3).fill({ cached: 26 }));
  }, 300_000);
});
