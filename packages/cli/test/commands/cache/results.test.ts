import { beforeAll, describe, expect, it } from 'vitest';
import { expectCode, expectNoStack } from '../../support/project.ts';
import { LIB, ODD, OTHER_LIB, type ResultDocument, wordsProject } from './words.ts';

describe('varve cache', () => {
  const project = wordsProject();
  const cache = async (...args: string[]) => expectCode(await project.varve(['cache', ...args]), 0).stdout;
  const refused = async (code: number, ...args: string[]) => {
    const result = expectCode(await project.varve(['cache', ...args]), code);
    expectNoStack(result);
    return result.stderr;
  };
  const list = async (...args: string[]) =>
    (await project.json<{ results: ResultDocument[] }>('cache', 'ls', '--json', ...args)).results;
  const names = async (...args: string[]) => (await list(...args)).map(({ name }) => name).sort();
  const lastCounts = async () => {
    const { runs } = await project.json<{ runs: { summary: { counts: object } }[] }>('list', '--json', '--limit', '1');
    return runs[0]?.summary.counts;
  };
  const run = async () => expectCode(await project.varve(['run', 'words.ts']), 0).stderr;

  beforeAll(async () => {
    expect(await cache('ls')).toContain('No results in ');
    expect(await cache('stats')).toContain('no run has ended yet');
    await run();
    await run();
    project.write('lib/split.ts', OTHER_LIB);
    await run();
    project.write('lib/split.ts', LIB);
  });

  it('stats counts results and the time they saved', async () => {
    const stats = await project.json<{ steps: object[]; runs: object }>('cache', 'stats', '--json');
    expect(stats).toMatchObject({ v: 1, keys: 4, results: 8, withdrawn: 0, damagedPages: 0 });
    expect(stats.steps[0]).toMatchObject({ step: 'count', keys: 2, results: 6 });
    expect(stats.runs).toMatchObject({ runs: 3, cached: 7, executed: 8 });
    expect(await project.json('cache', 'stats', '--runs', '1', '--json')).toMatchObject({
      runs: { runs: 1, cached: 2, executed: 3 },
    });
    const text = await cache('stats');
    expect(text).toMatch(/results +8 of 3 steps, under 4 keys/);
    expect(text).toMatch(/last 3 runs: 7 of 15 tasks cached \(47 %\)/);
  });

  it('ls lists results by flow, step, run, task and label, newest first', async () => {
    expect(await names()).toHaveLength(8);
    expect((await list())[0]?.name).toMatch(/^Words\/3\//);
    expect(await names('Words/load')).toEqual(['Words/1/load']);
    expect(await names('Words/3')).toEqual([0, 1, 2].map((i) => `Words/3/count[${i}]`));
    expect(await names('@last')).toHaveLength(3);
    expect(await names('Words/1/count[0]')).toEqual(['Words/1/count[0]']);
    expect(await names('Words/count[one]')).toEqual(['Words/1/count[0]', 'Words/3/count[0]']);
    expect(await names(`Words/1/count[${ODD}]`)).toEqual(['Words/1/count[2]']);
    expect(await names(`Words/count[${ODD}]`)).toEqual(['Words/1/count[2]', 'Words/3/count[2]']);
    expect(await names('Words/2')).toEqual([]);
    expect(await names('Other')).toEqual([]);
    expect(await cache('ls', 'Words/load')).toMatch(/^load +Words\/1 +\d+[sm] ago .* 0 +[0-9a-f]{12}$/m);
    expect(await cache('ls', '--limit', '1')).toContain('… and more: --limit 10');
    expect(await refused(2, 'ls', 'a b')).toContain("'a b' names no results");
    expect(await refused(5, 'ls', 'Nowhere/@last')).toContain('VARVE_NO_RUN');
  });

  it('show lists reads, writes and key components of a result', async () => {
    const text = await cache('show', `Words/1/count[${ODD}]`);
    expect(text).toContain('Words/1/count[2]');
    expect(text).toMatch(/@element +element json\/1 sha256:/);
    expect(text).toMatch(/words +\d+ B +json\/1/);
    expect(text).toMatch(/code +lib\/split\.ts#split +sha256:/);
    const { result } = await project.json<{ result: ResultDocument & { components: { pieces: object } } }>(
      ...['cache', 'show', 'Words/1/load', '--json'],
    );
    expect(result).toMatchObject({ name: 'Words/1/load', step: 'load', generation: 0, reads: {} });
    expect(Object.keys(result.components.pieces)).toContain('words.ts#Words.load');
    expect(await cache('show', result.key.slice(0, 10))).toContain('Words/1/load');
    expect(await cache('show', result.key)).toContain('Words/1/load');
  });

  it('show follows a cached task to the task that was executed', async () => {
    expect(await cache('show', 'Words/2/count[one]')).toContain('Words/1/count[0]');
  });

  it('show names the candidates of an ambiguous name, and refuses an unknown one', async () => {
    expect(await refused(2, 'show', 'Words/1/count')).toMatch(
      /VARVE_SEVERAL_RESULTS\n.*Words\/1\/count\[\d\] \([0-9a-f]{12}\)/,
    );
    expect(await refused(5, 'show', 'Words/9/load')).toContain('VARVE_NO_RESULT');
    expect(await refused(5, 'show', '0000000000')).toContain('varve cache ls');
  });

  it('invalidate makes the next run recompute results with that reason, and --undo takes it back', async () => {
    const dry = await cache('invalidate', 'Words/1/count[one]', '--dry-run');
    expect(dry).toMatch(/Words\/1\/count\[0\] .*\n1 result would be withdrawn/);
    expect(await names('--withdrawn')).toEqual([]);
    const said = await cache('invalidate', 'Words/1/count[one]', 'Words/load', '--why', 'wrong data');
    const [, id = ''] = /--undo ([0-9a-f]{8})/.exec(said) ?? [];
    expect(await names('--withdrawn')).toEqual(['Words/1/count[0]', 'Words/1/load']);
    expect(await cache('ls', '--withdrawn')).toMatch(new RegExp(`withdrawn by .*: wrong data \\(${id}\\)`));
    expect(await cache('show', 'Words/1/load')).toContain(`varve cache invalidate --undo ${id}`);
    expect(await cache('stats')).toContain('2 withdrawn');
    expect(await refused(5, 'invalidate', 'Words/1/load')).toContain('VARVE_NO_RESULT');
    const before = await project.varve(['run', 'words.ts', '--cache', 'read']);
    expect(before.stderr).toMatch(/load {2}started +← withdrawn by .*: wrong data/);
    expect(await lastCounts()).toEqual({ cached: 3, succeeded: 2 });
    expect(await cache('invalidate', '--undo', id)).toContain('taken back');
    expect(await names('--withdrawn')).toEqual([]);
    await run();
    expect(await lastCounts()).toEqual({ cached: 5 });
    expect(await refused(5, 'invalidate', '--undo', id)).toContain('no withdrawal');
  });

  it('refresh replaces results by new ones, which outlive --undo', async () => {
    const said = await cache('refresh', '--step', 'total');
    const [, id = ''] = /--undo ([0-9a-f]{8})/.exec(said) ?? [];
    expect(await run()).toMatch(/total {2}started +← withdrawn by .*: refresh/);
    const [fresh] = await list('Words/total');
    expect(fresh).toMatchObject({ generation: 2 });
    await cache('invalidate', '--undo', id);
    expect(await list('Words/total')).toEqual([fresh]);
    await run();
    expect(await lastCounts()).toEqual({ cached: 5 });
  });

  it('invalidate selects by age, and requires a selection', async () => {
    expect(await refused(5, 'invalidate', '--older', '1h')).toContain('VARVE_NO_RESULT');
    expect(await refused(2, 'invalidate', '--older', 'soon')).toContain("Write '30d'");
    expect(await refused(2, 'invalidate')).toContain('say which results');
    expect(await refused(2, 'invalidate', 'Words', '--undo', '00000000')).toContain('VARVE_USAGE');
    const { results, dryRun } = await project.json<{ results: object[]; dryRun: boolean }>(
      ...['cache', 'invalidate', 'Words/count', '--older', '0ms', '--dry-run', '--json'],
    );
    expect([results.length, dryRun]).toEqual([6, true]);
  });
});
