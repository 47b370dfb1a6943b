import { beforeAll, describe, expect, it } from 'vitest';
import { expectCode, expectNoStack, Project, type Result } from '../../support/project.ts';

const FIVE = `import { Flow, step } from 'varve';
export default class Five extends Flow {
  rows: number[] = []; raw!: string;
  @step() load() {}
  @step({ after: 'laod' }) clean() {}
  @step({ after: 'load', foreach: 'rosw' }) train() {}
  @step({ join: 'load' }) report() {}
  @step({ after: 'load', timeout: 'soon' }) wait() {}
  @step({ after: ['load', 'train'] }) both() {}
}
`;

const flow = (body: string, head = '') =>
  `import { Flow, param, step, transient } from 'varve';\n${head}\nexport default class Bad extends Flow {\n${body}\n}\n`;

describe('a flow that cannot run', () => {
  const project = new Project({ 'five.ts': FIVE });
  const refused = async (args: readonly string[], code: number): Promise<string> => {
    const result = expectCode(await project.varve(args), code);
    expectNoStack(result);
    expect(result.stdout).toBe('');
    return result.stderr;
  };

  it('is reported with all its mistakes at once, each with its line', async () => {
    const said = await refused(['run', 'five.ts'], 3);
    expect(said).toContain('Five has 5 mistakes');
    expect([...said.matchAll(/five\.ts:(\d+)/g)].map((match) => match[1])).toEqual(['5', '6', '7', '8', '9']);
    expect(said).toContain("Did you mean 'load'?");
    expect(said).toContain("❯ 6 │   @step({ after: 'load', foreach: 'rosw' }) train() {}");
    expect(await refused(['check', 'five.ts'], 3)).toBe(said);
    expect(await refused(['graph', 'five.ts'], 3)).toBe(said);
    const { stdout, code } = await project.varve(['check', 'five.ts', '--json']);
    expect(code).toBe(3);
    expect((JSON.parse(stdout) as { findings: unknown[] }).findings).toHaveLength(5);
  });

  it('starts no run and writes nothing into the store', async () => {
    expect(await project.json('list', '--json')).toMatchObject({ runs: [] });
  });

  it('is reported when its file is missing, is a folder, or is no code', async () => {
    expect(await refused(['run', 'fiev.ts'], 2)).toMatch(/no file .*fiev\.ts.*\n.*Did you mean five\.ts/);
    expect(await refused(['run', 'nowhere/flow.ts'], 2)).toContain('nowhere');
    expect(await refused(['run', '.'], 2)).toMatch(/is a folder.*\n(.*\n)*.*five\.ts/);
    project.write('data.csv', 'a,b');
    expect(await refused(['run', 'data.csv'], 2)).toContain('is not a file of code');
  });

  it('is reported when its code does not compile', async () => {
    project.write(
      'syntax.ts',
      "import { Flow } from 'varve';\nexport default class Broken extends Flow {\n  x = ;\n}\n",
    );
    expect(await refused(['run', 'syntax.ts'], 3)).toMatch(/Unexpected ";"[\s\S]*syntax\.ts:3\n[\s\S]*❯ 3 │ {3}x = ;/);
    project.write(
      'lost.ts',
      "import { a } from './nowhere.ts';\nimport { b } from 'not-installed';\nexport { a, b };\n",
    );
    const said = await refused(['run', 'lost.ts'], 3);
    expect(said).toContain("cannot resolve './nowhere.ts'");
    expect(said).toContain("cannot resolve 'not-installed'");
    expect(said).toContain('npm install not-installed');
    expect(said).toContain('lost.ts:2');
  });

  it('is reported with the line when its file throws on loading', async () => {
    project.write('throws.ts', flow('@step() a() {}', "const table = JSON.parse('{');"));
    const said = await refused(['run', 'throws.ts'], 3);
    expect(said).toContain('SyntaxError');
    expect(said).toContain('throws.ts:2');
    project.write(
      'constructor.ts',
      flow('rows: number[] = (undefined as never as string[]).map(Number); @step() a() {}'),
    );
    expect(await refused(['run', 'constructor.ts'], 3)).toMatch(/TypeError[\s\S]*constructor\.ts:4/);
  });

  it.each([
    ['CommonJS', `require('lost');`, '{ "name": "needs", "version": "1.0.0" }'],
    ['CommonJS, a file in a scope', `require('@lost/one/two');`, '{ "name": "needs", "version": "1.0.0" }'],
    [
      'an ES module',
      `import 'lost';`,
      '{ "name": "needs", "version": "1.0.0", "type": "module", "exports": "./index.js" }',
    ],
  ])('is reported with what is missing, who needs it and what to do: %s', async (_, text, manifest) => {
    project.write('node_modules/needs/package.json', manifest);
    project.write('node_modules/needs/index.js', text);
    project.write('needs.ts', flow('  @step() go() {}', `import 'needs';`));
    const said = await refused(['run', 'needs.ts'], 3);
    const name = text.includes('@') ? '@lost/one' : 'lost';
    expect(said).toContain(`cannot find '${name}`);
    expect(said).toMatch(/which .*node_modules\/needs\/index\.js loads/);
    expect(said).toContain('VARVE_FLOW_LOAD');
    expect(said).toContain(`npm install ${name}`);
    expect(said).not.toContain('│');
  });

  it('is reported when its file exports no flow, or several', async () => {
    project.write('none.ts', 'export const x = 1;\n');
    expect(await refused(['run', 'none.ts'], 3)).toMatch(/none\.ts exports no flow[\s\S]*extends Flow/);
    project.write(
      'two.ts',
      "import { Flow, step } from 'varve';\nexport class One extends Flow { @step() a() { console.log('one'); } }\nexport class Two extends Flow { @step() a() {} }\n",
    );
    expect(await refused(['run', 'two.ts'], 2)).toMatch(
      /two\.ts exports several flows: One, Two[\s\S]*varve run two\.ts#One/,
    );
    expect(await refused(['run', 'two.ts#Three'], 3)).toMatch(/no flow named 'Three'[\s\S]*two\.ts#One/);
    expect(expectCode(await project.varve(['run', 'two.ts#One']), 0).stderr).toContain('│ one');
  });

  it('is distinguished from an unknown command or option', async () => {
    expect(await refused(['rnu', 'five.ts'], 2)).toContain('Did you mean run?');
    expect(await refused(['list', '--limt', '3'], 2)).toContain('--limit');
    expect(await refused(['list', '--limit', 'x'], 2)).toContain('whole number');
    expect(await refused(['run', 'two.ts#One', '--runner', 'moon'], 2)).toContain('threads');
    expect(await refused(['graph', 'two.ts#One', '--format', 'png'], 2)).toContain('mermaid');
  });
});

describe('a step that fails', () => {
  const project = new Project({
    'failing.ts': flow(
      `
  folds = param.int(5);
  rows: number[] = [1];
  nested = { list: [{ a: 1 }] };
  helper!: unknown; absent!: { x: number };
  @step() throws() {
    const best: { acc?: number } = {};
    return best.acc!.toFixed(3);
  }
  @step() deep() { inHelper(); }
  @step() unstorable() { this.helper = { rows: [1, { parse: () => 1 }] }; }
  @step() pushes() { this.rows.push(2); }
  @step() writesDeep() { this.nested.list[0]!.a = 2; }
  @step() assigns() { this.folds = 6; }
  @step() missing() { return this.absent.x; }
  @step() notAnError() { throw 'just text'; }
  @step() async late() { await Promise.reject(new Error('outer', { cause: new Error('inner') })); }
  @step({ after: 'throws' }) never() {}
  @step() fine() {}`,
      'function inHelper(): never { throw new RangeError("in a helper"); }',
    ),
  });
  let run: Result;
  const part = (step: string) =>
    run.stderr.split(/^(?=\S* ?[✖✔●] )/m).find((text) => text.includes(`✖ ${step} `)) ?? '';
  beforeAll(async () => {
    run = expectCode(await project.varve(['run', 'failing.ts']), 1);
  });

  it('does not stop independent steps, and prints no stack', async () => {
    expect(run.stderr).toMatch(/✔ fine/);
    expect(run.stderr).toMatch(/✖ failed after [^\n]*9 failed · 1 succeeded/);
    expectNoStack(run);
    const { run: shown } = await project.json<{ run: { summary: object; steps: object[] } }>('show', '--json');
    expect(shown.summary).toMatchObject({ status: 'failed', counts: { failed: 9, succeeded: 1 } });
  });

  it("is reported with the user's own line", () => {
    expect(part('throws')).toMatch(
      /TypeError: Cannot read properties of undefined[\s\S]*failing\.ts:11\n[\s\S]*❯ 11 │ {5}return best/,
    );
    expect(part('deep')).toMatch(/RangeError: in a helper[\s\S]*failing\.ts:2\n/);
    expect(part('missing')).toMatch(/TypeError[\s\S]*failing\.ts:18/);
    expect(part('notAnError')).toContain('just text');
    expect(part('late')).toMatch(/Error: outer[\s\S]*failing\.ts:20[\s\S]*caused by Error: inner/);
  });

  it('is reported with the path of a value that cannot be stored', () => {
    expect(part('unstorable')).toContain(
      'assigned this.helper.rows[1].parse: it is a function, which cannot be stored',
    );
    expect(part('unstorable')).toContain('@transient');
  });

  it('is reported with a replacement for changing a frozen input', () => {
    expect(part('pushes')).toMatch(/this\.rows = \[\.\.\.this\.rows, [^\]]+\]/);
    expect(part('pushes')).toContain('failing.ts:15');
    expect(part('writesDeep')).toContain('failing.ts:16');
    expect(part('writesDeep')).toContain('VARVE_');
  });

  it('is reported with an alternative for assigning to a parameter', () => {
    expect(part('assigns')).toMatch(/parameter 'folds' was assigned[\s\S]*failing\.ts:17[\s\S]*this\.foldsUsed/);
  });

  it('stops the whole run with --fail-fast', async () => {
    project.write(
      'fast.ts',
      flow(`
  @step() bad() { throw new Error('no'); }
  @step() async slow() { await new Promise((resolve) => this.run.signal.addEventListener('abort', resolve)); throw this.run.signal.reason; }
  @step({ after: 'slow' }) next() {}`),
    );
    const events = await project.events(['fast.ts', '--fail-fast'], 1);
    expect(events.filter((e) => e.type === 'task-ended').map((e) => [e.step, e.status])).toEqual([
      ['bad', 'failed'],
      ['slow', 'cancelled'],
    ]);
    expect(events.at(-1)).toMatchObject({ type: 'run-ended', status: 'failed' });
  });

  it.each(['threads', 'inline', 'process'])(
    'is reported with its line for any name of the folder (runner %s)',
    async (runner) => {
      project.write('a b/c#d%20é/odd.ts', flow("\n  @step() odd() {\n    throw new Error('here');\n  }"));
      const failed = expectCode(await project.varve(['run', 'a b/c#d%20é/odd.ts', '--runner', runner]), 1);
      expect(failed.stderr).toMatch(/Error: here[\s\S]*a b\/c#d%20é\/odd\.ts:6\n[\s\S]*❯ 6 │ {5}throw new Error/);
      expectNoStack(failed);
    },
  );

  it('is reported when its foreach has no list', async () => {
    project.write(
      'list.ts',
      flow(`
  items!: string[];
  @step() a() { (this as { items: unknown }).items = 'abc'; }
  @step({ after: 'a', foreach: 'items' }) b(item: string) { console.log(item); }`),
    );
    const failed = expectCode(await project.varve(['run', 'list.ts']), 1);
    expect(failed.stderr).toContain('the string "abc"');
    expectNoStack(failed);
  });
});
