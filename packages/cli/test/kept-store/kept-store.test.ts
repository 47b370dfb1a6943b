import { readFileSync, rmSync } from 'node:fs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { artifactOf, outcomeOf, readOutcome } from '../support/outcome.ts';
import { expectCode, type Project } from '../support/project.ts';
import { ageStore, filesOfStore, KEPT_ENV, keptProject } from './kept-project.ts';

// Each test starts whole processes, several of them: a busy machine takes its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
for (const [name, value] of Object.entries(KEPT_ENV)) vi.stubEnv(name, value);

const NOTE = ['--note', 'note.txt'];
/** Results of before do not say what their steps had read outside of the run. */
const UPGRADED = 'RUNTIME another version of varve made the earlier result';
const EXECUTED = ['files', 'last', 'load', 'measure[0]', 'measure[1]', 'measure[2]', 'merge', 'plain', 'sum', 'values'];

type References = Readonly<Record<string, { readonly digest: string; readonly size: number; readonly codec: string }>>;

interface TaskDocument {
  readonly task: string;
  readonly reads: readonly string[];
}

async function out(project: Project, ...args: string[]): Promise<string> {
  return expectCode(await project.varve(args), 0).stdout;
}

/** The tasks of a run as `varve show` prints them, by name. */
async function tasksOf(project: Project, run: string): Promise<Readonly<Record<string, TaskDocument>>> {
  const { run: shown } = await project.json<{ run: { tasks: TaskDocument[] } }>('show', run, '--json');
  return Object.fromEntries(shown.tasks.map((task) => [task.task, task]));
}

/** Digest, size and codec of each artifact of a run. */
async function artifactsOf(project: Project, run: string): Promise<References> {
  const { artifacts } = await project.json<{ artifacts: References }>('artifacts', 'ls', run, '--json');
  return Object.fromEntries(
    Object.entries(artifacts).map(([name, { digest, size, codec }]) => [name, { digest, size, codec }]),
  );
}

/** Reads values that JSON cannot express, and files. Fails when one differs from what the flow wrote. */
const READ_FROM_CODE = `
import { deepStrictEqual as same } from 'node:assert/strict';
import { client } from 'varve';
const { artifacts } = await client('Kept').run(1);
same(artifacts.exact, {
  map: new Map([['one', 1], ['two', 2]]),
  set: new Set(['a', 'b']),
  date: new Date('2001-02-03T04:05:06.789Z'),
  big: 12345678901234567890n,
  odd: [NaN, -0, Infinity],
  nothing: undefined,
});
same(artifacts.samples, Float64Array.of(0.5, -0, NaN, 1e300));
same(new Uint8Array(artifacts.pixels), Uint8Array.from({ length: 17_000 }, (_, i) => (i * 7) % 251));
same(Buffer.from(artifacts.note).toString(), 'a note');
same(await artifacts.file.text(), 'red\\ngreen\\nblue\\n');
same(await artifacts.streamed.text(), 'streamed a note');
same(await artifacts.folder.file('data/rows.csv').text(), '1,2\\n');
same(await artifacts.folder.file('index.md').text(), '# Report\\n');
const { words, drawn, merged, report } = artifacts;
same(words, ['red', 'green', 'blue']);
same(drawn, 0.3654748453778839);
same([merged, report], ['red\\ngreen\\nblue\\na note, no fancy', '89.25 at 4 in Kept']);
console.log('all the same');
`;

describe('a store written by commit c945520, read by this varve', () => {
  let project: Project;
  beforeAll(() => {
    project = keptProject();
  });

  it('lists its runs with state, parameters, tags and pin', async () => {
    const { runs } = await project.json<{ runs: { status: string; pinned?: true; record: object }[] }>(
      'list',
      '--json',
    );
    const record = (flow: string, number: number, more: object = {}) =>
      expect.objectContaining({ flow, number, user: 'ada', host: 'host', tags: [], parameters: {}, ...more });
    expect(runs).toMatchObject([
      { status: 'succeeded', record: record('Repeated', 3, { parameters: { broken: 'true' } }) },
      { status: 'succeeded', record: record('Repeated', 2, { parameters: { broken: 'false' } }) },
      { status: 'succeeded', record: record('Repeated', 1, { parameters: { broken: 'false' } }) },
      { status: 'lost', record: record('Stopped', 3) },
      { status: 'succeeded', record: record('Stopped', 2, { tags: ['again'] }) },
      { status: 'failed', record: record('Stopped', 1) },
      {
        status: 'failed',
        record: record('Kept', 2, { parameters: { factor: '5', kind: 'plain', note: 'note.txt' } }),
        summary: {
          counts: { cached: 5, skipped: 1, succeeded: 4, failed: 1 },
          failure: 'last: RangeError: there is no file called ready',
        },
      },
      {
        status: 'succeeded',
        pinned: true,
        record: record('Kept', 1, {
          tags: ['kind=nightly', 'first'],
          parameters: { factor: '3', kind: 'plain', note: 'note.txt' },
        }),
        summary: { counts: { succeeded: 10, skipped: 1 } },
      },
    ]);
    expect(await out(project, 'list', '--tag', 'kind=nightly')).toMatch(/^RUN.*\nKept\/1 .*\(pinned\).*\n$/);
  });

  it('shows what each task read, why it was executed and how it failed', async () => {
    const first = await tasksOf(project, 'Kept/1');
    expect(first.sum?.reads).toEqual(['@length', '[*].area', '[2].place']);
    expect(first.merge?.reads).toEqual(['@branches', 'plain.left']);
    expect(first['measure[1]']).toMatchObject({ status: 'succeeded', why: 'NO_RECORD first run' });
    expect(first.fancy).toMatchObject({ status: 'skipped', attempts: [] });
    const error = { name: 'RangeError', message: 'there is no file called ready', location: { line: 109 } };
    const attempt = { status: 'failed', error };
    expect(await tasksOf(project, 'Kept/2')).toMatchObject({
      load: { status: 'cached', from: 'Kept/1/load' },
      'measure[0]': { status: 'succeeded', why: 'READ factor changed' },
      last: { status: 'failed', attempts: [attempt, attempt] },
    });
    expect(await tasksOf(project, 'Stopped/2')).toMatchObject({
      send: { status: 'cloned', from: 'Stopped/1/send' },
      'each[2]': { status: 'succeeded' },
    });
    const { run } = await project.json<{ run: object }>('show', 'Stopped/1', '--json');
    expect(run).toMatchObject({ status: 'failed', resumedBy: ['Stopped/2'] });
  });

  it('gives every kind of artifact as it was: in a batch and in an object of its own', async () => {
    expect(await artifactOf(project, 'Kept/1', 'text')).toBe('red green blue'.repeat(1_500));
    expect(await artifactOf(project, 'Kept/2/measure[2]', 'area')).toBe(125);
    expect(await artifactOf(project, 'Repeated/3', 'problem')).toMatchObject({ name: 'TypeError', message: 'caught' });
    await out(project, 'artifacts', 'get', 'Kept/1', 'pixels', '--output', 'pixels.bin');
    expect([...readFileSync(project.path('pixels.bin')).subarray(34, 38)]).toEqual([238, 245, 1, 8]);
    await out(project, 'artifacts', 'get', 'Kept/1', 'folder', '--output', 'folder');
    expect(project.read('folder/data/rows.csv')).toBe('1,2\n');
    project.write('read.mjs', READ_FROM_CODE);
    expect(expectCode(await project.node('read.mjs'), 0).stdout).toBe('all the same\n');
  });

  it('prints what the tasks printed', async () => {
    expect((await out(project, 'logs', 'Kept/1')).split('\n')).toEqual([
      'load │ loading 3 shapes',
      'load │ a line',
      'load │ and a half',
      'measure[square#0] │ measuring square',
      'measure[circle] │ measuring circle',
      'measure[square#2] │ measuring square',
      'last │ attempt 1',
      '',
    ]);
    expect(await out(project, 'logs', 'Kept/2/last')).toBe('attempt 2\n');
  });

  it('finds every page of results and every byte they refer to sound', async () => {
    const verified = await project.json('cache', 'verify', '--json');
    expect(verified).toMatchObject({ sound: true, results: 17, damagedPages: [], damagedResults: [], otherFormat: [] });
    expect(await out(project, 'cache', 'ls', '--withdrawn')).toMatch(/Repeated\/1 .*withdrawn by ada: wrong data/);
  });

  it('gives the sources of its runs, to the byte', async () => {
    const { files } = await project.json<{ files: { path: string; now: string }[] }>('code', 'Kept/1', '--json');
    expect(files.map(({ path, now }) => `${path} ${now}`).sort()).toEqual([
      'kept.ts same',
      'rates.json same',
      'shapes.ts same',
    ]);
    expect(await out(project, 'code', 'Kept/1', 'kept.ts')).toBe(project.read('kept.ts'));
  });
});

describe('a store written by commit c945520, used by new runs', () => {
  it('holds no result they use, because it does not say all that a step had read, and tells so', async () => {
    const project = keptProject();
    project.write('ready', '');
    const { number, executed, why } = await outcomeOf(project, ['run', 'kept.ts', ...NOTE]);
    expect(number).toBe(3);
    expect([...executed].sort()).toEqual(EXECUTED);
    for (const task of executed) expect(why[task], task).toBe(UPGRADED);
    expect(await artifactsOf(project, 'Kept/3')).toEqual(await artifactsOf(project, 'Kept/1'));
    expect((await outcomeOf(project, ['run', 'kept.ts', ...NOTE])).executed).toEqual([]);
    expect(await tasksOf(project, 'Kept/4')).toMatchObject({ values: { from: 'Kept/3/values' } });
  });

  it('says what has changed since results were made anew', async () => {
    const project = keptProject();
    project.write('ready', '');
    await outcomeOf(project, ['run', 'kept.ts', ...NOTE]);
    const because = async (task: string, env: Readonly<Record<string, string>> = {}) =>
      readOutcome(await project.varve(['run', 'kept.ts', ...NOTE, '--cache', 'read', '--json'], env)).why[task];
    const changed = async (file: string, from: string, to: string, task: string) => {
      const text = project.read(file);
      project.write(file, text.replace(from, to));
      const why = await because(task);
      project.write(file, text);
      return why;
    };
    expect(await because('load', { KEPT_MODE: 'other' })).toMatch(/^ENV .*KEPT_MODE/);
    expect(await changed('shapes.ts', '0.75', '0.5', 'measure[1]')).toMatch(/^CODE .*shapes\.ts/);
    expect(await changed('words.txt', 'red', 'pink', 'load')).toBe('READ words.txt changed');
    expect(await changed('kept.ts', 'version: 2', 'version: 3', 'values')).toMatch(/^OPTION .*version/);
    expect(await changed('node_modules/tiny/package.json', '1.2.3', '1.3.0', 'load')).toMatch(/^PACKAGE tiny 1\.2\.3/);
  });

  it('knows a result withdrawn, and gives it back when that is undone', async () => {
    const project = keptProject();
    const [, id] = /\((\w+)\)/.exec(await out(project, 'cache', 'ls', '--withdrawn')) ?? [];
    await out(project, 'cache', 'invalidate', '--undo', String(id));
    expect(await out(project, 'cache', 'ls', '--withdrawn')).not.toContain('withdrawn by ada');
    const { why } = await outcomeOf(project, ['run', 'repeated.ts']);
    expect(why).toEqual({ first: UPGRADED, second: UPGRADED, third: UPGRADED });
    expect((await outcomeOf(project, ['run', 'repeated.ts'])).executed).toEqual([]);
  });

  it('loses nothing that a pinned run needs when gc deletes the rest', async () => {
    const project = keptProject();
    ageStore(project, 2);
    const before = filesOfStore(project);
    const flags = ['--keep-last', '0', '--older', '0s', '--json'];
    const plan = await project.json('gc', ...flags);
    expect(plan).toMatchObject({
      dryRun: true,
      live: 0,
      removed: {
        runs: ['Repeated/3', 'Repeated/2', 'Repeated/1', 'Stopped/3', 'Stopped/2', 'Stopped/1', 'Kept/2'].map(
          (name) => {
            const [flow, number] = name.split('/');
            return { flow, number: Number(number) };
          },
        ),
      },
      kept: [{ flow: 'Kept', number: 1, why: 'pinned' }],
      unreadable: [],
    });
    expect(filesOfStore(project)).toEqual(before);
    await project.json('gc', ...flags, '--yes');
    expect(filesOfStore(project).length).toBeLessThan(before.length / 2);
    expect(await project.json('cache', 'verify', '--json')).toMatchObject({ sound: true });
    project.write('read.mjs', READ_FROM_CODE);
    expect(expectCode(await project.node('read.mjs'), 0).stdout).toBe('all the same\n');
    expect(await artifactOf(project, 'Kept/1', 'report')).toBe('89.25 at 4 in Kept');
  });
});

describe('a run of a store written by commit c945520 that did not succeed', () => {
  it('goes on when it had failed: each task is executed again, and it is said why', async () => {
    const project = keptProject();
    project.write('ready', '');
    const { number, executed, why } = await outcomeOf(project, ['resume', 'Kept/2']);
    expect(number).toBe(3);
    expect([...executed].sort()).toEqual(EXECUTED);
    for (const task of executed.filter((one) => one !== 'last')) expect(why[task], task).toBe(UPGRADED);
    expect(await artifactOf(project, 'Kept/3', 'report')).toBe('148.75 at 4 in Kept');
  });

  it('goes on with the code it has kept when the files are gone', async () => {
    const project = keptProject();
    project.write('ready', '');
    for (const file of ['kept.ts', 'shapes.ts', 'rates.json']) rmSync(project.path(file));
    const { executed } = await outcomeOf(project, ['resume', 'Kept/2', '--code', 'stored']);
    expect([...executed].sort()).toEqual(EXECUTED);
    expect(await artifactOf(project, '@last', 'report')).toBe('148.75 at 4 in Kept');
  });

  it('goes on when it was killed: what is not cached is kept too, and an effect is not repeated', async () => {
    const project = keptProject();
    const { number, tasks } = await outcomeOf(project, ['resume', 'Stopped/3']);
    expect(number).toBe(4);
    expect(tasks).toMatchObject({
      begin: 'cloned',
      send: 'cloned',
      'each[0]': 'cloned',
      'each[1]': 'cloned',
      'each[2]': 'succeeded',
      gather: 'succeeded',
    });
    expect(project.read('each.txt')).toBe('c');
    expect(filesOfStore(project).filter((file) => file.endsWith('fence'))).toHaveLength(1);
    expect(() => project.read('sent.txt')).toThrow();
    expect(await artifactOf(project, 'Stopped/4', 'all')).toBe('a10 b11 c12');
  });

  it('is spun: a step is executed on what the run had left for it', async () => {
    const spun = await out(keptProject(), 'spin', 'sum', '--from', 'Kept/2');
    expect(spun).toContain('= total');
  });
});
