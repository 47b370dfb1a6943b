import { describe, expect, it } from 'vitest';
import { batchKeys, LOSSES, lose, type RanOptions, ran } from '../../support/cached-run.ts';
import { Project } from '../../support/project.ts';

const flowOf = (members: string) => `import { appendFileSync, readFileSync } from 'node:fs';
import { Flow, param, step, type View } from 'varve';
/** Records outside of varve which step bodies ran. */
const note = (text: string) => appendFileSync(process.env.NOTES ?? '', text + '\\n');
/** Gives another value at each call. */
const chance = () => readFileSync(process.env.NOTES ?? '', 'utf8').length + '-' + Date.now();
export default class Lost extends Flow {
${members}
}
`;

/** Makes a project that has run once. */
async function warm(members: string, options: RanOptions = {}) {
  const project = new Project({ 'lost.ts': flowOf(members), '~notes.txt': '' });
  const run = async (args: readonly string[] = [], more: RanOptions = {}) => {
    project.write('~notes.txt', '');
    const env = { NOTES: project.path('~notes.txt'), ...options.env, ...more.env };
    const result = await ran(project, ['lost.ts', ...args], { ...options, ...more, env });
    return { ...result, notes: project.read('~notes.txt').split('\n').filter(Boolean).sort() };
  };
  await run();
  const value = (name: string, at = '@last') => project.json<unknown>('artifacts', 'get', at, name);
  return { project, run, value };
}

const SMALL = `
  n = param.int(1); text!: string; kept!: string; out!: string;
  @step() make() { note('make'); this.text = 'a text that gets ' + 'lost'; this.kept = 'k'; }
  @step({ after: 'make' }) use() { note('use'); this.out = this.text + this.n; }`;
const LARGE = `
  n = param.int(1); text!: string; out!: string;
  @step() make() { note('make'); this.text = 'a text that gets ' + 'lost' + '.'.repeat(20_000); }
  @step({ after: 'make' }) use() { note('use'); this.out = this.text.slice(0, 21) + this.n; }`;

describe.each(LOSSES)('lost bytes of a cached result (%s, scenario 31)', (loss) => {
  it('of a large artifact are recomputed in the same run, and the object is quarantined', async () => {
    const { project, run, value } = await warm(LARGE);
    const [blob = ''] = lose(project, 'a text that gets lost', loss);
    const second = await run(['--n', '2']);
    expect(second.notes).toEqual(['make', 'use', 'use']);
    expect(second.status).toEqual({ make: 'succeeded', use: 'succeeded' });
    expect(second.why.make).toMatch(/^BLOB_MISSING sha256:/);
    expect(second.counts).toEqual({ succeeded: 2 });
    expect(await value('out')).toBe('a text that gets lost2');
    expect(project.store.read(blob)?.includes('a text that gets lost'), 'there is a good one in its place').toBe(true);
    const aside = `quarantine/${blob}`;
    expect(project.store.keys().includes(aside)).toBe(loss === 'flip');
    if (loss === 'flip') expect(project.store.read(aside)?.includes('a text that gets lost')).toBe(false);
    expect((await run(['--n', '3'])).status).toEqual({ make: 'cached', use: 'succeeded' });
    expect(await value('out')).toBe('a text that gets lost3');
  });

  it('of a small artifact are recomputed, and the next run hits the new result', async () => {
    const { project, run, value } = await warm(SMALL);
    lose(project, 'a text that gets lost', loss);
    const second = await run(['--n', '2']);
    expect(second.status).toEqual({ make: 'succeeded', use: 'succeeded' });
    expect(second.counts).toEqual({ succeeded: 2 });
    expect(await value('out')).toBe('a text that gets lost2');
    const third = await run(['--n', '3']);
    expect(third.status).toEqual({ make: 'cached', use: 'succeeded' });
    expect(third.events.find((event) => event.task === 'make')).toMatchObject({ from: 'Lost/2/make' });
    expect(await value('out')).toBe('a text that gets lost3');
  });

  it('do not affect tasks that do not read them; gone ones are made again when the others have ended', async () => {
    const { project, run, value } = await warm(SMALL);
    lose(project, 'a text that gets lost', loss);
    // One object holds the small artifacts of both steps.
    expect((await run()).counts).toEqual(loss === 'delete' ? { succeeded: 2 } : { cached: 2 });
    if (loss === 'delete') expect(await value('text')).toBe('a text that gets lost');
  });

  it('are recomputed for the list of a foreach', async () => {
    const { project, run, value } = await warm(`
      n = param.int(1); items!: string[]; out!: string; all!: string[];
      @step() make() { note('make'); this.items = ['element ' + 'one', 'element ' + 'two']; }
      @step({ after: 'make', foreach: 'items' }) each(item: string) { note(item); this.out = item + this.n; }
      @step({ join: 'each' }) join(tasks: readonly View<Lost>[]) { this.all = tasks.map((t) => t.out); }`);
    lose(project, 'element one', loss);
    const second = await run();
    if (loss === 'delete') {
      // What the join has left holds the text, too: it is made again from its inputs, with all that lay in one object with it.
      expect(second.notes).toEqual(expect.arrayContaining(['element one', 'make']));
      expect((second.counts.succeeded ?? 0) + (second.counts.cached ?? 0)).toBe(4);
    } else {
      expect(second.notes).toEqual(['make']);
      expect(second.counts).toEqual({ succeeded: 1, cached: 3 });
    }
    lose(project, 'element one', loss);
    expect((await run(['--n', '2'])).notes).toEqual(['element one', 'element two', 'make']);
    expect(await value('all')).toEqual(['element one2', 'element two2']);
  });

  it('are recomputed for the artifact of a when', async () => {
    const { project, run, value } = await warm(`
      kind!: string; out!: string;
      @step() decide() { note('decide'); this.kind = 'very ' + 'big'; }
      @step({ after: 'decide', when: { kind: 'very big' } }) big() { note('big'); this.out = 'yes'; }
      @step({ after: 'decide', when: { kind: 'small' } }) small() { note('small'); this.out = 'no'; }`);
    lose(project, 'very big', loss);
    const second = await run();
    // An object that is gone may have held what the other step has left, too.
    if (loss === 'delete') expect(second.notes).toContain('decide');
    else expect(second.notes).toEqual(['decide']);
    const big = loss === 'delete' ? (expect.stringMatching(/^(cached|succeeded)$/) as string) : 'cached';
    expect(second.status).toEqual({ decide: 'succeeded', big, small: 'skipped' });
    expect(await value('out', '@last/big')).toBe('yes');
  });

  it('are recomputed for a join that reads them through views, and only for the tasks it reads', async () => {
    const { project, run, value } = await warm(`
      n = param.int(1); items = ['x', 'y', 'z']; out!: string; all!: string;
      @step({ foreach: 'items' }) each(item: string) { note(item); this.out = 'made of ' + item; }
      @step({ join: 'each' }) join(tasks: readonly View<Lost>[]) { note('join'); this.all = tasks.map((t) => t.out).join() + this.n; }`);
    lose(project, 'made of y', 'flip');
    const second = await run(['--n', '2']);
    expect(second.notes.filter((text) => text !== 'join')).toEqual(['y']);
    expect(second.status).toEqual({
      'each[x]': 'cached',
      'each[y]': 'succeeded',
      'each[z]': 'cached',
      join: 'succeeded',
    });
    expect(await value('all')).toBe('made of x,made of y,made of z2');
  });

  it('are recomputed through a whole chain when the producer reads lost bytes itself', async () => {
    const { project, run, value } = await warm(`
      n = param.int(1); a!: string; b!: string; c!: string; d!: string;
      @step() one() { note('one'); this.a = 'first ' + 'value'; }
      @step({ after: 'one' }) two() { note('two'); this.b = this.a.replace('first', 'second'); }
      @step({ after: 'two' }) three() { note('three'); this.c = this.b.replace('second', 'third'); }
      @step({ after: 'three' }) four() { note('four'); this.d = this.c + this.n; }`);
    for (const text of ['first value', 'second value', 'third value'])
      if (!gone(project, text)) lose(project, text, loss);
    const second = await run(['--n', '2']);
    expect(new Set(second.notes)).toEqual(new Set(['one', 'two', 'three', 'four']));
    expect(second.status).toEqual({ one: 'succeeded', two: 'succeeded', three: 'succeeded', four: 'succeeded' });
    expect(second.counts).toEqual({ succeeded: 4 });
    expect(await value('d')).toBe('third value2');
    expect((await run(['--n', '2'])).counts).toEqual({ cached: 4 });
  });

  it('are recomputed once for two concurrent consumers', async () => {
    const { project, run, value } = await warm(`
      n = param.int(1); text!: string; a!: string; b!: string; c!: string;
      @step() make() { note('make'); this.text = 'a text that gets ' + 'lost' + '.'.repeat(20_000); }
      @step({ after: 'make' }) left() { this.a = this.text.slice(0, 21) + this.n; }
      @step({ after: 'make' }) right() { this.b = this.text.slice(0, 20) + this.n; }
      @step({ after: ['left', 'right'] }) both() { this.c = this.a + this.b; }`);
    lose(project, 'a text that gets lost', loss);
    const second = await run(['--n', '2']);
    expect(second.notes).toEqual(['make']);
    expect(second.counts).toEqual({ succeeded: 4 });
    expect(await value('c')).toBe('a text that gets lost2a text that gets los2');
  });

  it('may be recomputed as another value, which all later readers see', async () => {
    const { project, run, value } = await warm(`
      n = param.int(1); text!: string; a!: string; b!: string;
      @step() make() { note('make'); this.text = 'by chance ' + chance(); }
      @step({ after: 'make' }) left() { this.a = this.text + this.n; }
      @step({ after: 'make' }) right() { this.b = this.text + this.n; }`);
    const before = await value('text');
    lose(project, 'by chance', loss);
    const second = await run(['--n', '2']);
    expect(second.notes).toEqual(['make']);
    expect(second.counts).toEqual({ succeeded: 3 });
    const text = await value('text', '@last/make');
    expect(text).not.toBe(before);
    expect(await value('a', '@last/left')).toBe(`${text}2`);
    expect(await value('b', '@last/right')).toBe(`${text}2`);
    expect((await run(['--n', '2'])).counts, 'the new one is found from now on').toEqual({ cached: 3 });
  });

  it('do not repeat the effect of a step that wrote an equal value', async () => {
    const { project, run, value } = await warm(`
      n = param.int(1); text!: string; sent!: string; out!: string;
      @step() make() { note('make'); this.text = 'equal ' + 'text'; }
      @step({ after: 'make', effect: {} }) send() { note('send'); this.sent = 'equal ' + 'text'; }
      @step({ after: 'send' }) use() { this.out = this.text + this.n; }`);
    lose(project, 'equal text', loss);
    const second = await run(['--n', '2']);
    expect(second.notes.filter((text) => text === 'send')).toEqual(['send']);
    expect(await value('out')).toBe('equal text2');
  });
});

/** True if no batch contains the text. */
function gone(project: Project, text: string): boolean {
  return !batchKeys(project).some((key) => project.store.read(key)?.includes(text));
}
