import { describe, expect, it } from 'vitest';
import { ran } from '../../support/cached-run.ts';
import { Project } from '../../support/project.ts';

const FLOW = `
import { clean } from './lib/text.ts';
import { Flow, step } from 'varve';
import { mean } from './lib/math.ts';

interface Row { value: number }

export default class Report extends Flow {
  start = 2;
  rows!: Row[];
  average!: number;
  title!: string;
  @step() load() { this.rows = [{ value: this.start }, { value: 4 }]; }
  @step({ after: 'load' }) average_() { this.average = mean(this.rows.map((row) => row.value)); }
  @step({ after: 'average_' }) name() { this.title = clean(' all ') + this.describe(); }
  describe() { return '!'; }
}
`;
const FILES = {
  'report.ts': FLOW,
  'lib/math.ts': `import { total } from './deep/total.ts';
export function mean(values: number[]): number { return total(values) / values.length; }
export function median(values: number[]): number { return values[0]; }
`,
  'lib/deep/total.ts': `import { add } from '../../deeper/add.ts';
export const total = (values: number[]) => values.reduce(add, 0);
`,
  'deeper/add.ts': 'export function add(a: number, b: number) { return a + b; }\n',
  'lib/text.ts': 'export const clean = (text: string) => text.trim();\n',
};
const ALL_CACHED = { load: 'cached', average_: 'cached', name: 'cached' };

/** Makes a project whose results are all cached. */
async function warm(files: Readonly<Record<string, string>> = FILES, file = 'report.ts') {
  const project = new Project(files);
  const first = await ran(project, [file]);
  expect(Object.values(first.status).every((status) => status === 'succeeded')).toBe(true);
  const edit = (path: string, from: string | RegExp, to: string) => {
    const before = project.read(path);
    const after = before.replace(from, to);
    expect(after, `${path} holds ${from}`).not.toBe(before);
    project.write(path, after);
  };
  return { project, edit, again: () => ran(project, [file]) };
}

describe('the cache key of a step follows its code', () => {
  it('comments, formatting and types do not change it (scenario 1)', async () => {
    const { edit, again } = await warm();
    edit('report.ts', 'interface Row { value: number }', '/** One. */\ninterface Row { value: number; unit?: string }');
    edit('report.ts', '@step() load() {', '@step()\n  load(): void { // fetch\n   ');
    edit('lib/math.ts', 'total(values) / values.length', '(total(values)\n / (values.length))');
    edit('lib/math.ts', 'mean(values: number[]): number', 'mean(values: readonly number[]): number');
    expect((await again()).status).toEqual(ALL_CACHED);
  });

  it('an export that no step reaches does not change it (scenario 2)', async () => {
    const { edit, again } = await warm();
    edit('lib/math.ts', 'return values[0];', 'return values[1] ?? NaN;');
    expect((await again()).status).toEqual(ALL_CACHED);
  });

  it('a helper three modules deep changes only the steps that reach it, and is named (scenario 3)', async () => {
    const { edit, again } = await warm();
    edit('deeper/add.ts', 'a + b', 'b + a');
    const { status, why } = await again();
    expect(status).toEqual({ ...ALL_CACHED, average_: 'succeeded' });
    expect(why.average_).toMatch(/^CODE add in deeper\/add\.ts changed$/);
  });

  it('moving a helper to another file does not change it (scenario 4)', async () => {
    const { project, edit, again } = await warm();
    project.write('elsewhere/sum.ts', project.read('deeper/add.ts'));
    project.write('deeper/add.ts', 'export const nothing = 0;\n');
    edit('lib/deep/total.ts', '../../deeper/add.ts', '../../elsewhere/sum.ts');
    expect((await again()).status).toEqual(ALL_CACHED);
  });

  it('renaming a constant does not change it; renaming a function does, because code can read its name (scenario 4)', async () => {
    const { edit, again } = await warm({
      ...FILES,
      'deeper/add.ts': `const BIAS = 0;\n${FILES['deeper/add.ts'].replace('a + b', 'a + b + BIAS')}`,
    });
    edit('deeper/add.ts', /BIAS/g, 'OFFSET');
    expect((await again()).status).toEqual(ALL_CACHED);
    edit('deeper/add.ts', 'function add', 'function plus');
    edit('lib/deep/total.ts', '{ add }', '{ plus }');
    edit('lib/deep/total.ts', 'reduce(add', 'reduce(plus');
    expect((await again()).status).toEqual({ ...ALL_CACHED, average_: 'succeeded' });
  });

  it('a side effect at module level changes the steps that load the module (scenario 5)', async () => {
    const { edit, again } = await warm({
      ...FILES,
      'lib/text.ts': `(globalThis as { mode?: string }).mode = 'a';\n${FILES['lib/text.ts']}`,
    });
    edit('lib/text.ts', `'a'`, `'b'`);
    const { status, why } = await again();
    expect(status.name).toBe('succeeded');
    expect(why.name).toMatch(/^CODE .*lib\/text\.ts/);
  });

  it('an initialiser that gives an artifact another value makes its readers miss by value (scenario 6)', async () => {
    const { edit, again } = await warm();
    edit('report.ts', 'start = 2;', 'start = 1 + 1;');
    expect((await again()).status, 'the same value').toEqual(ALL_CACHED);
    edit('report.ts', 'start = 1 + 1;', 'start = 3;');
    const { status, why } = await again();
    expect(status).toEqual({ ...ALL_CACHED, load: 'succeeded', average_: 'succeeded' });
    expect(why).toMatchObject({ load: 'READ start changed', average_: 'READ rows changed' });
  });

  it('a method of a base class changes the steps that call it (scenario 6)', async () => {
    const { edit, again } = await warm({
      'report.ts': `import { step } from 'varve';
import { Base } from './base.ts';
export default class Report extends Base {
  a!: string; b!: string;
  @step() one() { this.a = this.greet(); }
  @step({ after: 'one' }) two() { this.b = 'two'; }
}
`,
      'base.ts': `import { Flow } from 'varve';\nexport class Base extends Flow { greet() { return 'hello'; } }\n`,
    });
    edit('base.ts', `'hello'`, `'good evening'`);
    const { status, why } = await again();
    expect(status).toEqual({ one: 'succeeded', two: 'cached' });
    expect(why.one).toMatch(/^CODE .*greet/);
  });

  it('a step that calls a method by a computed name depends on every member (scenario 7)', async () => {
    const { edit, again } = await warm({
      'report.ts': `import { Flow, step } from 'varve';
export default class Report extends Flow {
  kind = 'plus'; a!: number; b!: number;
  @step() one() { this.a = (this as unknown as Record<string, () => number>)[this.kind](); }
  @step({ after: 'one' }) two() { this.b = 2; }
  plus() { return 1; }
  unused() { return 5; }
}
`,
    });
    edit('report.ts', 'return 5', 'return 6');
    const { status, why } = await again();
    expect(status).toEqual({ one: 'succeeded', two: 'cached' });
    expect(why.one).toMatch(/^CODE .*unused/);
  });

  it('upgrading a package changes only the steps that reach it (scenario 8)', async () => {
    const { project, again } = await warm({
      ...FILES,
      'report.ts': FLOW.replace(
        'import { clean } from',
        `import { clean } from 'cleaner';\nimport { clean as other } from`,
      ),
      'package.json': '{ "type": "module", "dependencies": { "cleaner": "1.0.0" } }\n',
      'node_modules/cleaner/package.json':
        '{ "name": "cleaner", "version": "1.0.0", "type": "module", "main": "index.js" }\n',
      'node_modules/cleaner/index.js': 'export const clean = (text) => text.trim();\n',
    });
    project.write(
      'node_modules/cleaner/package.json',
      '{ "name": "cleaner", "version": "1.1.0", "type": "module", "main": "index.js" }\n',
    );
    const { status, why } = await again();
    expect(status).toEqual({ ...ALL_CACHED, name: 'succeeded' });
    expect(why.name).toBe('PACKAGE cleaner 1.0.0 -> 1.1.0');
  });

  it('CRLF line ends do not change it, also inside template strings (scenario 21)', async () => {
    const { project, again } = await warm({
      ...FILES,
      'lib/text.ts': 'export const clean = (text: string) => text.trim() + `two\nlines`;\n',
    });
    for (const path of Object.keys(FILES)) project.write(path, project.read(path).replaceAll('\n', '\r\n'));
    expect((await again()).status).toEqual(ALL_CACHED);
  });

  it('retries, timeouts, concurrency, rate, runner and tags do not change it (scenario 10)', async () => {
    const { project, edit } = await warm();
    edit(
      'report.ts',
      '@step() load()',
      `@step({ retry: 3, timeout: '5m', concurrency: 2, rate: '100/s', runner: 'process' }) load()`,
    );
    expect((await ran(project, ['report.ts', '--tag', 'nightly', '--workers', '1'])).status).toEqual(ALL_CACHED);
  });

  it('a step that runs again and writes the same artifacts does not invalidate later steps (scenario 11)', async () => {
    const { edit, again } = await warm();
    edit('report.ts', 'this.rows = [{', 'const two = 2; this.rows = [{');
    const { status, why } = await again();
    expect(status).toEqual({ ...ALL_CACHED, load: 'succeeded' });
    expect(why.load).toMatch(/^CODE .*load/);
  });
});
