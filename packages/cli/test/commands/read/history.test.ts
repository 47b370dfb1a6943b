import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectCode, expectNoStack, Project, type Result } from '../../support/project.ts';

const WORDS = `
import { Flow, param, step, type View } from 'varve';
export default class Words extends Flow {
  texts = param.json<string[]>({ default: ['one', 'two words', 'two words'] });
  fail = param.boolean(false);
  words!: string[]; count!: number; total!: number; bytes!: Uint8Array; plain!: string;
  @step({ foreach: 'texts' }) split(text: string) {
    console.log('splitting %s', text);
    if (text === 'one') process.stderr.write('a line\\nand a half');
    this.words = text.split(' ');
  }
  @step({ after: 'split' }) countWords() { this.count = this.words.length; }
  @step({ join: 'countWords' }) add(tasks: readonly View<Words>[]) {
    console.info({ tasks: tasks.length });
    if (this.fail) throw new RangeError('told to fail');
    this.total = tasks.reduce((sum, task) => sum + task.count, 0);
    this.bytes = Uint8Array.from([0, 255, 10, 13]);
    this.plain = 'text';
  }
}
`;

const OTHER = `
import { Flow, step } from 'varve';
export class Other extends Flow { @step() async only() { await Promise.resolve(); console.log('one task alone'); } }
`;

describe('the history of runs', () => {
  const project = new Project({ 'words.ts': WORDS, 'other.ts': OTHER });
  let failed: Result;
  let ids: string[];
  const out = async (...args: string[]) => expectCode(await project.varve(args), 0).stdout;

  beforeAll(async () => {
    expectCode(await project.varve(['run', 'words.ts', '--tag', 'kind=nightly']), 0);
    failed = expectCode(await project.varve(['run', 'words.ts', '--fail', '--cache', 'off']), 1);
    expectCode(await project.varve(['run', 'words.ts', '--texts', '["a b c"]', '-q', '--cache', 'off']), 0);
    expectCode(await project.varve(['run', 'other.ts']), 0);
    const { runs } = await project.json<{ runs: { record: { id: string } }[] }>('list', '--json');
    ids = runs.map((run) => run.record.id).reverse();
  });

  it('lists runs newest first, with status, number of tasks and parameters', async () => {
    const lines = (await out('list')).trimEnd().split('\n');
    expect(lines[0]).toMatch(/^RUN +STATUS +TASKS +TIME +STARTED +TAGS AND PARAMETERS$/);
    expect(lines.slice(1).map((line) => line.split(/ {2,}/).slice(0, 3))).toEqual([
      ['Other/1', '✔ succeeded', '1'],
      ['Words/3', '✔ succeeded', '3'],
      ['Words/2', '✖ failed', '7'],
      ['Words/1', '✔ succeeded', '7'],
    ]);
    expect(lines[4]).toContain('kind=nightly');
    expect(lines[2]).toContain('texts=["a b c"]');
  });

  it('tells how often a run called its store', async () => {
    const lines = (await out('show', 'Words/1', '--requests')).trimEnd().split('\n');
    expect(lines.slice(2).map((line) => line.split(/ {2,}/)[0])).toEqual([
      ...['CALL', 'write', 'read', 'look up', 'list', 'copy', 'delete', 'in all'],
    ]);
    const counts = lines.slice(3).map((line) => Number(line.split(/ {2,}/)[1]));
    expect(counts.at(-1)).toBe(counts.slice(0, -1).reduce((sum, count) => sum + count, 0));
    expect(counts[0]).toBeGreaterThan(5);
    expect(lines[3]).toMatch(/[\d.]+ kB$/);
    const again = await project.varve(['show', 'Words/1/split', '--requests']);
    expect(expectCode(again, 2).stderr).toContain('VARVE_USAGE');
  });

  it('lists runs as JSON, filtered by flow and status', async () => {
    const list = (...args: string[]) =>
      project.json<{ v: number; runs: { record: { flow: string; number: number }; status: string }[] }>(
        'list',
        '--json',
        ...args,
      );
    const all = await list();
    expect(all.v).toBe(1);
    expect(all.runs[2]).toMatchObject({
      status: 'failed',
      record: { flow: 'Words', number: 2, parameters: { fail: 'true' } },
      summary: { status: 'failed', counts: { succeeded: 6, failed: 1 }, failure: 'add: RangeError: told to fail' },
    });
    const numbers = async (...args: string[]) =>
      (await list(...args)).runs.map(({ record }) => `${record.flow}/${record.number}`);
    expect(await numbers('Words')).toEqual(['Words/3', 'Words/2', 'Words/1']);
    expect(await numbers('--status', 'failed')).toEqual(['Words/2']);
    expect(await numbers('--tag', 'kind=nightly')).toEqual(['Words/1']);
    expect(await numbers('--limit', '2')).toEqual(['Other/1', 'Words/3']);
    const wrong = expectCode(await project.varve(['list', '--status', 'fine']), 2);
    expect(wrong.stderr).toContain('succeeded');
    expect(await out('list', 'Nothing')).toContain('No runs of Nothing');
  });

  it('finds a run by every kind of name', async () => {
    const named = async (text: string) => {
      const { run } = await project.json<{ run: { flow: string; number: number } }>('show', text, '--json');
      return `${run.flow}/${run.number}`;
    };
    expect(await named('@last')).toBe('Other/1');
    expect(await named('@prev')).toBe('Words/3');
    expect(await named('Words/@last-ok')).toBe('Words/3');
    expect(await named('Words/@prev')).toBe('Words/2');
    expect(await named('Words/2')).toBe('Words/2');
    expect(await named('Words#1')).toBe('Words/1');
    expect(await named('Words')).toBe('Words/3');
    expect(await named('#3')).toBe('Words/3');
    expect(await named(ids[1] ?? '')).toBe('Words/2');
  });

  it('shows a run, a step and a task', async () => {
    const run = await out('show', 'Words/2');
    expect(run).toMatch(/Words #2 +✖ failed in \d/);
    expect(run).toMatch(/split +3 +3 ✔ succeeded/);
    expect(run).toMatch(/add +1 +✖ failed/);
    expect(run).toContain('RangeError: told to fail');
    expect(run).toContain('words.ts:15');
    expect(run).toContain("❯ 15 │     if (this.fail) throw new RangeError('told to fail');");
    const step = await out('show', 'Words/1/split');
    expect(step).toMatch(/split\[one\] +✔ succeeded/);
    expect(step).toMatch(/split\[two words#1\]/);
    const task = await out('show', 'Words/1/split[1]');
    expect(task).toContain('split[two words#1]');
    expect(task).toMatch(/words +\d+ B +json\/1/);
    expect(await project.json('show', 'Words/1/countWords[0]', '--json')).toMatchObject({
      v: 1,
      task: { task: 'countWords[0]', label: 'countWords[one]', status: 'succeeded', reads: ['words'] },
    });
  });

  it('names the existing runs, tasks and artifacts when one is missing, with exit code 5', async () => {
    const missing = async (...args: string[]) => {
      const result = expectCode(await project.varve(args), 5);
      expectNoStack(result);
      return result.stderr;
    };
    expect(await missing('show', 'Words/9')).toMatch(/no run Words\/9 .*\n.*Words\/3, Words\/2, Words\/1/);
    expect(await missing('show', 'Words/1/split[7]')).toContain('split[one], split[two words#1]');
    expect(await missing('logs', 'Words/1/nowhere')).toContain('no task nowhere');
    expect(await missing('artifacts', 'get', 'Words/1', 'nothing')).toMatch(
      /no artifact 'nothing'\s.*\n.*Artifacts: .*total/,
    );
    expect(await missing('show', 'Nowhere/1')).toContain('Other/1');
    const wrong = expectCode(await project.varve(['show', 'a b']), 2);
    expect(wrong.stderr).toContain("'a b' names no run");
    expectCode(await project.varve(['show', '@lats']), 2);
  });

  it('prints artifacts as JSON or as bytes, on stdout or into a file', async () => {
    expect(await out('artifacts', 'get', 'Words/1', 'total')).toBe('5\n');
    expect(await out('artifacts', 'get', 'Words/1/split[1]', 'words')).toBe('[\n  "two",\n  "words"\n]\n');
    await out('artifacts', 'get', 'Words/1', 'bytes', '-o', 'out.bin');
    expect([...readFileSync(project.path('out.bin'))]).toEqual([0, 255, 10, 13]);
    await out('artifacts', 'get', 'Words/1', 'plain', '--output', 'out.txt');
    expect(project.read('out.txt')).toBe('text');
    const refused = expectCode(await project.varve(['artifacts', 'get', 'Words/1', 'plain', '-o', 'no/where/out']), 2);
    expectNoStack(refused);
    const rows = (await out('artifacts', 'ls', 'Words/1')).split('\n');
    expect(rows.find((row) => row.startsWith('bytes'))).toMatch(/bytes +4 B +raw\/1;u8 +sha256:[0-9a-f]{12}/);
    expect(
      (await project.json<{ artifacts: object }>('artifacts', 'ls', 'Words/1/split[0]', '--json')).artifacts,
    ).toHaveProperty('words.digest');
  });

  it('keeps the output of tasks, and prefixes it with the task when there are several', async () => {
    expect((await out('logs', 'Words/1')).split('\n')).toEqual([
      'split[one] │ splitting one',
      'split[one] │ a line',
      'split[one] │ and a half',
      'split[two words#1] │ splitting two words',
      'split[two words#2] │ splitting two words',
      'add │ { tasks: 3 }',
      '',
    ]);
    expect(await out('logs', 'Words/1/split[0]')).toBe('splitting one\na line\nand a half\n');
    expect(await out('logs', 'Words/2/add')).toBe('{ tasks: 3 }\n');
    expect(await out('logs', '@last')).toBe('one task alone\n');
    const { logs } = await project.json<{ logs: { task: string; lines: { stream: string; text: string }[] }[] }>(
      'logs',
      'Words/1/split[0]',
      '--json',
    );
    expect(logs).toMatchObject([
      {
        task: 'split[0]',
        lines: [{ stream: 'stdout' }, { stream: 'stderr' }, { stream: 'stderr', text: 'and a half' }],
      },
    ]);
  });

  it('shows task output and failures on stderr during the run', () => {
    expect(failed.stdout).toBe('');
    expect(failed.stderr).toContain('split[one] │ splitting one');
    expect(failed.stderr).toMatch(/✖ add +\d/);
    expect(failed.stderr).toContain("❯ 15 │     if (this.fail) throw new RangeError('told to fail');");
    expectNoStack(failed);
  });
});

it('gives elements with colliding names distinct labels', async () => {
  const project = new Project({
    'numbers.ts': `import { Flow, step } from 'varve';
    export default class Numbers extends Flow {
      sizes = [2, 1, 10, 'x']; same = [0, 1]; size!: unknown;
      @step({ foreach: 'sizes' }) measure(size: unknown) { this.size = size; if (size === 1) throw new Error('too small'); }
      @step({ foreach: 'same' }) count() {}
      @step({ join: 'measure' }) never() {}
    }`,
  });
  const events = await project.events(['numbers.ts'], 1);
  const labels = events.filter((e) => e.type === 'task-started').map((e) => e.label);
  expect(new Set(labels)).toEqual(
    new Set(['count[0]', 'count[1]', 'measure[2#0]', 'measure[1#1]', 'measure[10#2]', 'measure[x]']),
  );
  expect(await project.json('artifacts', 'get', '@last/measure[2]', 'size')).toBe(10);
  expect(await project.json('artifacts', 'get', '@last/measure[2#0]', 'size')).toBe(2);
  expect(expectCode(await project.varve(['show']), 0).stdout).toMatch(/never +1 +– not reached/);
});

it('varve list in a project without runs says so, and prints JSON with --json', async () => {
  const project = new Project();
  expect(expectCode(await project.varve(['list']), 0).stdout).toContain('No runs');
  expect(await project.json('list', '--json')).toMatchObject({ v: 1, runs: [] });
  expect(expectCode(await project.varve(['show']), 5).stderr).toContain('varve run flow.ts');
});
