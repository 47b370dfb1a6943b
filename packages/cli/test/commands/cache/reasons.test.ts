import { describe, expect, it } from 'vitest';
import { expectCode, Project } from '../../support/project.ts';
import { LIB, ODD, OTHER_LIB, said, wordsProject } from './words.ts';

describe('varve run and varve show with cached results', () => {
  const project = wordsProject();
  const run = async (...args: string[]) =>
    said(expectCode(await project.varve(['run', 'words.ts', ...args]), 0).stderr);

  it('give no reasons in a first run, and one line per step when everything hits', async () => {
    expect((await run()).filter((line) => line.includes('←'))).toEqual([]);
    const second = await run();
    expect(second.slice(0, 4)).toEqual([
      expect.stringMatching(/^Words #2/),
      '≡ load  cached from #1',
      '≡ count  3 cached from #1',
      '≡ total  cached from #1',
    ]);
    expect(second.at(-1)).toMatch(/^✔ done in .* · 5 cached · 0 ran/);
    expect(second.join()).not.toContain('loading');
  });

  it('name the change beside each step that is executed', async () => {
    project.write('lib/split.ts', OTHER_LIB);
    const lines = await run();
    expect(lines).toContain('● count  started, 3 elements   ← code: split in lib/split.ts changed');
    expect(lines).toContain('≡ total  cached from #1');
    expect(lines.at(-1)).toMatch(/ · 2 cached · 3 ran/);
    project.write('lib/split.ts', LIB);
    expect((await run()).at(-1)).toMatch(/ · 5 cached · 0 ran/);
  });

  it('count the elements that hit when a list has changed', async () => {
    const lines = await run('--texts', `["one", "${ODD}", "and one more"]`);
    expect(lines).toContain('≡ count  2 cached from #1');
    expect(lines).toContain('● count  started, 3 elements   ← new');
    expect(lines.find((line) => line.startsWith('● total'))).toMatch(
      /← (words of the tasks|the number of tasks) it joins changed$/,
    );
  });

  it('mark a forced step', async () => {
    const lines = await run('--force', 'load');
    expect(lines).toContain('● load  started   ← forced');
    expect(lines).toContain('≡ count  3 cached from #1');
  });

  it('show later the run of a reused result, and why a task was executed', async () => {
    const show = async (...args: string[]) => expectCode(await project.varve(['show', ...args]), 0).stdout;
    expect(await show('Words/1')).not.toContain('WHY');
    expect(await show('Words/2')).toMatch(/count +3 +3 ≡ cached +from Words\/1/);
    expect(await show('Words/2/count')).toMatch(/count\[one\] +≡ cached from Words\/1\/count\[0\]/);
    expect(await show('Words/3')).toMatch(/count +3 +3 ✔ succeeded +code: split in lib\/split\.ts changed/);
    expect(await show('Words/3/count[0]')).toMatch(/why +code: split in lib\/split\.ts changed/);
    const { task } = await project.json<{ task: object }>('show', 'Words/2/count[1]', '--json');
    expect(task).toMatchObject({ status: 'cached', from: 'Words/1/count[1]' });
    expect(await project.json('show', 'Words/3/count[1]', '--json')).toMatchObject({
      task: { status: 'succeeded', why: 'CODE split in lib/split.ts changed' },
    });
    expect(expectCode(await project.varve(['logs', 'Words/2']), 0).stdout).toBe('load │ loading\n');
  });

  it('give origin and reason of each task as JSON', async () => {
    const events = await project.events(['words.ts', '--force', 'total']);
    expect(events.find(({ type, step }) => type === 'task-started' && step === 'total')).toMatchObject({
      why: { code: 'FORCED' },
    });
    const hit = events.find(({ type, task }) => type === 'task-ended' && task === 'count[2]');
    expect(hit).toMatchObject({ status: 'cached', from: 'Words/1/count[2]', scope: ['count'] });
    const summary = events.at(-1)?.summary as { counts: object; metrics: Record<string, number> };
    expect(summary.counts).toEqual({ cached: 4, succeeded: 1 });
    expect(summary.metrics.savedMs).toBeGreaterThanOrEqual(summary.metrics.savedCriticalMs ?? Number.NaN);
  });

  it('count hits like any other task in the list of runs', async () => {
    const { stdout } = expectCode(await project.varve(['list', '--limit', '1']), 0);
    expect(stdout).toMatch(/✔ succeeded +5 /);
  });
});

describe('the warning about an impure step', () => {
  const flow = (options = '') => `
    import { readFileSync } from 'node:fs';
    import { Flow, step } from 'varve';
    let calls = 0;
    export default class Impure extends Flow {
      at!: number; text!: string; home!: string; n!: number;
      @step(${options}) clock() { this.at = Date.now(); }
      @step() file() { const name = process.argv[1]; this.text = readFileSync(name ?? '', 'utf8').slice(0, 1); }
      @step() variable() { this.home = process.env.SOMEWHERE ?? ''; }
      @step() counter() { calls += 1; this.n = calls; }
    }
  `;
  const project = new Project({ 'impure.ts': flow() });
  const warnings = async (...args: string[]) =>
    said((await project.varve(['run', 'impure.ts', ...args])).stderr).filter((line) => line.startsWith('!'));

  it('is shown once per version of its code, with a hint', async () => {
    const first = await warnings();
    expect(first.filter((line) => line.includes('clock'))).toEqual([
      "! clock calls Date.now (impure.ts:7): its result is cached all the same. Give it cache: { ttl: '1d' }, effect or cache: false",
    ]);
    expect(first.filter((line) => line.startsWith('! file '))).toEqual([expect.stringContaining(' (impure.ts:8)')]);
    expect(first.join()).not.toContain('variable');
    expect((await warnings()).filter((line) => !line.includes('counter'))).toEqual([]);
    expect((await warnings('--force', 'clock')).join()).not.toContain('clock');
    project.write('impure.ts', flow().replace('= Date.now()', '= 1 + Date.now()'));
    expect((await warnings()).filter((line) => !line.includes('counter'))).toEqual([
      expect.stringContaining('! clock'),
    ]);
  });

  it('is not shown for a step with a ttl, nor when purity is ignored', async () => {
    project.write('impure.ts', flow("{ cache: { ttl: '1d' } }").replace('= Date.now()', '= 2 + Date.now()'));
    expect((await warnings()).join()).not.toContain('clock');
    project.write('impure.ts', flow().replace('= Date.now()', '= 3 + Date.now()'));
    project.write('varve.config.ts', `export default { cache: { purity: 'off' } };`);
    expect(await warnings()).toEqual([]);
    project.write('varve.config.ts', `export default { cache: { purity: 'strict' } };`);
    expect((await warnings()).filter((line) => line.includes('clock'))).toEqual([
      expect.stringMatching(
        /the result of clock is not kept for other runs: it calls Date\.now \([\w./]+:\d+\), and purity is strict.*cache: false/,
      ),
    ]);
    project.write('varve.config.ts', 'export default {};');
  });

  it('is shown in every run for a step that is never cached, with a hint', async () => {
    const { stderr } = await project.varve(['run', 'impure.ts']);
    const lines = said(stderr).filter((line) => line.includes('counter'));
    expect(lines).toContain('● counter  started   ← not cached: calls in impure.ts keeps state from task to task');
    expect(lines.join('\n')).toMatch(
      /! counter is executed in every run: .* Give the step cache: \{\} if its results do not depend on that, or cache: false/,
    );
    const { stdout, stderr: words } = await project.varve(['run', 'impure.ts', '--json']);
    expect(stdout.split('\n').filter((line) => line.includes('"type":"warning"'))).toHaveLength(1);
    expect(words.split('\n').filter((line) => line.includes('counter'))).toHaveLength(1);
  });
});
