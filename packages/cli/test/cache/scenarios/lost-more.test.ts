import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lose, type RanOptions, ran } from '../../support/cached-run.ts';
import { expectCode, Project } from '../../support/project.ts';

const flowOf = (
  members: string,
) => `import { appendFileSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { artifact, Flow, param, step, type View } from 'varve';
/** Records outside of varve which step bodies ran. */
const note = (text: string) => appendFileSync(process.env.NOTES ?? '', text + '\\n');
export default class Lost extends Flow {
${members}
}
`;

/** Makes a project that has run once. */
async function warm(members: string, args: readonly string[] = []) {
  const project = new Project({ 'lost.ts': flowOf(members), '~notes.txt': '' });
  const run = async (more: readonly string[] = [], options: RanOptions = {}) => {
    project.write('~notes.txt', '');
    const env = { NOTES: project.path('~notes.txt'), TMPDIR: project.path('~'), ...options.env };
    const result = await ran(project, ['lost.ts', ...args, ...more], { ...options, env });
    return { ...result, notes: project.read('~notes.txt').split('\n').filter(Boolean).sort() };
  };
  await run();
  const value = (name: string, at = '@last') => project.json<unknown>('artifacts', 'get', at, name);
  return { project, run, value };
}

const CHAIN = `
  n = param.int(1); text!: string; out!: string; problem?: unknown;
  @step() make() { note('make'); this.text = 'a text that gets ' + 'lost'; }
  @step({ after: 'make', catch: 'problem', retry: 0 }) use() {
    try { this.out = this.text + this.n; } catch { this.out = 'nothing'; }
  }`;

describe('lost bytes of cached results (scenario 31)', () => {
  it('do not count as a failure that a step may catch', async () => {
    const { project, run, value } = await warm(CHAIN);
    lose(project, 'a text that gets lost', 'flip');
    const second = await run(['--n', '2']);
    expect(second.notes).toEqual(['make']);
    expect(await value('out')).toBe('a text that gets lost2');
    expect(second.events.filter((event) => event.caught !== undefined)).toEqual([]);
    expect((await run(['--n', '2'])).counts, 'and its result is kept').toEqual({ cached: 2 });
  });

  it.each(['inline', 'process'])('are recomputed on the runner %s, too', async (runner) => {
    const { project, run, value } = await warm(CHAIN, ['--runner', runner]);
    lose(project, 'a text that gets lost', 'delete');
    expect((await run(['--n', '2'])).notes).toEqual(['make']);
    expect(await value('out')).toBe('a text that gets lost2');
  });

  it('are recomputed with --cache read, without storing or invalidating results', async () => {
    const { project, run, value } = await warm(CHAIN);
    lose(project, 'a text that gets lost', 'flip');
    const before = project.store.keys('cache/v1');
    expect((await run(['--n', '2', '--cache', 'read'])).counts).toEqual({ succeeded: 2 });
    expect(await value('out')).toBe('a text that gets lost2');
    expect(project.store.keys('cache/v1')).toEqual(before);
  });

  it('of a branch are recomputed for a static join', async () => {
    const { project, run, value } = await warm(`
      n = param.int(1); l!: string; r!: string; out!: string;
      @step() left() { note('left'); this.l = 'made on the ' + 'left'; }
      @step() right() { note('right'); this.r = 'made on the ' + 'right'; }
      @step({ after: ['left', 'right'] }) both(inputs: { left: View<Lost>; right: View<Lost> }) {
        this.out = inputs.left.l + inputs.right.r + this.n;
      }`);
    lose(project, 'made on the right', 'flip');
    const second = await run(['--n', '2']);
    expect(second.notes).toEqual(['right']);
    expect(second.status).toEqual({ left: 'cached', right: 'succeeded', both: 'succeeded' });
    expect(await value('out')).toBe('made on the leftmade on the right2');
  });

  it('of a list may be recomputed as a longer list', async () => {
    const { project, run, value } = await warm(`
      items!: string[]; out!: string; count!: number;
      @step() make() {
        note('make');
        this.items = ['list of ' + 'items', ...(existsSync((process.env.NOTES ?? '').replace('notes', 'extra')) ? ['more'] : [])];
      }
      @step({ after: 'make', foreach: 'items' }) each(item: string) { note(item); this.out = item; }
      @step({ join: 'each' }) join(tasks: readonly View<Lost>[]) { this.count = tasks.length; }`);
    expect(await value('count')).toBe(1);
    project.write('~extra.txt', 'yes');
    lose(project, 'list of items', 'flip');
    const second = await run();
    expect(second.status).toMatchObject({ make: 'succeeded', join: 'succeeded' });
    expect(second.notes).toEqual(['make', 'more']);
    expect(await value('count')).toBe(2);
  });

  it('of a stored file, and of a file in a stored folder, are recomputed', async () => {
    const { project, run, value } = await warm(`
      n = param.int(1); file!: ReturnType<typeof artifact.file>; folder!: ReturnType<typeof artifact.dir>; out!: string;
      @step() make() {
        note('make');
        const at = mkdtempSync(join(process.env.TMPDIR ?? '', 'made-'));
        writeFileSync(join(at, 'one.txt'), 'first file ' + 'of the folder');
        writeFileSync(join(at, 'two.txt'), 'second file ' + 'of the folder');
        this.folder = artifact.dir(at);
        this.file = artifact.file(join(at, 'one.txt'));
      }
      @step({ after: 'make' }) use() { this.out = readFileSync(join(this.folder.path(), 'two.txt'), 'utf8') + this.n; }
      @step({ after: 'make' }) useFile() { this.out = readFileSync(this.file.path(), 'utf8') + this.n; }`);
    for (const text of ['second file of the folder', 'first file of the folder']) {
      lose(project, text, 'delete');
      // Local copies of stored files must not help.
      rmSync(project.path('.varve/copies'), { recursive: true, force: true });
      const n = text.length;
      const second = await run(['--n', String(n)]);
      expect(second.notes).toEqual(['make']);
      expect(await value('out', '@last/use')).toBe(`second file of the folder${n}`);
      expect(await value('out', '@last/useFile')).toBe(`first file of the folder${n}`);
    }
  });

  it('of a log are reported, and the rest of the task is reused', async () => {
    const { project, run, value } = await warm(`
      a!: string;
      @step() talk() { console.log('a line that gets ' + 'lost'); this.a = 'kept'; }`);
    lose(project, 'a line that gets lost', 'flip');
    expect((await run()).counts).toEqual({ cached: 1 });
    const logs = await project.varve(['logs', '@last']);
    expect(logs.code).toBe(4);
    expect(logs.stderr).toContain('VARVE_CORRUPT_ARTIFACT');
    expect(await value('a')).toBe('kept');
  });

  it('fail the run with both reasons when the step fails on recomputing them', async () => {
    const { project, run } = await warm(`
      n = param.int(1); text!: string; out!: string;
      @step() make() {
        if (existsSync('.varve/broken.txt')) throw new Error('no longer');
        this.text = 'a text that gets ' + 'lost';
      }
      @step({ after: 'make' }) use() { this.out = this.text + this.n; }`);
    project.write('.varve/broken.txt', 'yes');
    lose(project, 'a text that gets lost', 'delete');
    const { status, counts } = await run(['--n', '2'], { code: 1 });
    expect(status).toEqual({ make: 'failed', use: 'failed' });
    expect(counts).toEqual({ failed: 2 });
    const shown = expectCode(await project.varve(['show', '@last']), 0);
    expect(shown.stdout).toContain('no longer');
    expect(shown.stdout).toMatch(/VARVE_(MISSING|CORRUPT)_ARTIFACT|bytes/);
  });
});
