import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type RanOptions, ran } from '../../support/cached-run.ts';
import { Project } from '../../support/project.ts';

/** Makes projects with the same flow that share one store. */
function machines(count: number, files: Readonly<Record<string, string>>) {
  const shared = new Project();
  const config = `import { fsStore } from '@varve/store-fs';
export default { datastore: fsStore({ root: ${JSON.stringify(shared.path('bucket'))} }) };
`;
  const projects = Array.from({ length: count }, () => new Project({ 'varve.config.mjs': config, ...files }));
  const value = (project: Project, name: string) => project.json<unknown>('artifacts', 'get', '@last', name);
  return { shared, projects: projects as [Project, Project, ...Project[]], value };
}

const TEXT = `import { Flow, step } from 'varve';
import { words } from './lib/words.ts';
export default class Text extends Flow {
  list!: string[]; long!: string;
  @step() split() { this.list = words('a few words'); }
  @step({ after: 'split' }) glue() { this.long = this.list.join('-') + \`
  two lines\`; }
}
`;
const WORDS = `/** Splits. */
export const words = (text: string): string[] =>
  text.split(' ');
`;

describe('a store shared by several projects or machines', () => {
  it('gives hits to another folder, another user and files with CRLF', async () => {
    const { projects, value } = machines(3, { 'text.ts': TEXT, 'lib/words.ts': WORDS });
    const [first, second, third] = projects;
    const cold = await ran(first, ['text.ts']);
    expect(cold.counts).toEqual({ succeeded: 2 });
    const home = second.path('home');
    const other: RanOptions = { env: { USER: 'somebody', LOGNAME: 'somebody', HOME: home, LANG: 'de_DE.UTF-8' } };
    expect((await ran(second, ['text.ts'], other)).counts).toEqual({ cached: 2 });
    for (const path of ['text.ts', 'lib/words.ts']) third?.write(path, third.read(path).replaceAll('\n', '\r\n'));
    expect((await ran(third ?? first, ['text.ts'])).counts).toEqual({ cached: 2 });
    expect(await value(third ?? first, 'long')).toBe('a-few-words\n  two lines');
  });

  it('treats a flow in a sub-folder like one in the project root', async () => {
    const { projects } = machines(2, {});
    const [first, second] = projects;
    const plain = `import { Flow, step } from 'varve';
export default class Plain extends Flow { a!: number; @step() one() { this.a = 1; } }
`;
    first.write('plain.ts', plain);
    second.write('deep/folder/other-name.ts', plain);
    expect((await ran(first, ['plain.ts'])).counts).toEqual({ succeeded: 1 });
    expect((await ran(second, ['deep/folder/other-name.ts'])).counts).toEqual({ cached: 1 });
  });

  const CHANCE = `import { Flow, step } from 'varve';
export default class Chance extends Flow {
  a!: string; b!: string;
  @step() draw() { this.a = String(Math.random()); }
  @step({ after: 'draw' }) keep() { this.b = this.a; }
}
`;
  it('keeps the first of two different concurrent results, and reports the difference (scenario 33)', async () => {
    const { projects, value } = machines(3, { 'chance.ts': CHANCE });
    const [a, b, c = a] = projects;
    // Neither sees the result of the other, as when both look up before either has ended.
    const alone = ['chance.ts', '--cache', 'write'];
    await ran(a, alone);
    const one = await value(a, 'b');
    await ran(b, alone);
    const two = await value(b, 'b');
    expect(two, 'a run keeps its own outputs').not.toBe(one);
    for (const project of [c, b, a]) {
      const later = await ran(project, ['chance.ts']);
      expect(later.counts).toEqual({ cached: 2 });
      expect(await value(project, 'b')).toBe(one);
      expect(later.warnings.filter((text) => /^NONDETERMINISTIC draw left something else/.test(text))).toHaveLength(1);
    }
  });

  it('does not report a different result of a forced step (scenario 33)', async () => {
    const { projects, value } = machines(2, { 'chance.ts': CHANCE });
    const [a, b] = projects;
    await ran(a, ['chance.ts']);
    const forced = await ran(a, ['chance.ts', '--force', 'draw']);
    expect(forced.warnings).toEqual([]);
    expect(forced.status).toEqual({ draw: 'succeeded', keep: 'succeeded' });
    expect((await ran(b, ['chance.ts'])).counts).toEqual({ cached: 2 });
    expect(await value(b, 'b')).toBe(await value(a, 'b'));
  });

  it('gives hits on results that another machine stores during the run', async () => {
    const { shared, projects } = machines(2, {
      'slow.ts': `import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Flow, step } from 'varve';
export default class Slow extends Flow {
  a!: number; b!: number;
  @step({ cache: false }) async wait() { while (!existsSync(process.env.GO ?? '')) await sleep(20); this.a = 1; }
  @step({ after: 'wait' }) work() { this.b = this.a + 1; }
}
`,
    });
    const [a, b] = projects;
    const first = ran(a, ['slow.ts'], { env: { GO: shared.path('go') } });
    writeFileSync(shared.path('now'), '');
    expect((await ran(b, ['slow.ts'], { env: { GO: shared.path('now') } })).counts).toEqual({ succeeded: 2 });
    writeFileSync(shared.path('go'), '');
    expect((await first).status).toEqual({ wait: 'succeeded', work: 'cached' });
  });

  it('gives hits on code of a linked sibling package by its content', async () => {
    const { projects } = machines(2, {
      'flow.ts': `import { Flow, step } from 'varve';
import { twice } from 'helper';
export default class Linked extends Flow { a!: number; @step() one() { this.a = twice(2); } }
`,
      'node_modules/helper/package.json':
        '{ "name": "helper", "version": "1.0.0", "type": "module", "main": "i.js" }\n',
      'node_modules/helper/i.js': 'export const twice = (n) => n * 2;\n',
    });
    const [a, b] = projects;
    expect((await ran(a, ['flow.ts'])).counts).toEqual({ succeeded: 1 });
    expect((await ran(b, ['flow.ts'])).counts).toEqual({ cached: 1 });
    appendFileSync(join(b.root, 'node_modules/helper/i.js'), 'export const more = 1;\n');
    const changed = await ran(b, ['flow.ts']);
    expect(changed.counts).toEqual({ succeeded: 1 });
    expect(changed.why.one).toMatch(/^PACKAGE helper 1\.0\.0/);
  });
});
