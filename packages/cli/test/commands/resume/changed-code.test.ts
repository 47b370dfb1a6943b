import { beforeAll, describe, expect, it, vi } from 'vitest';
import { artifactOf, outcomeOf } from '../../support/outcome.ts';
import { Project } from '../../support/project.ts';

// Each test starts whole processes, several of them: a busy machine takes its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

interface Parts {
  readonly fields?: string;
  readonly between?: string;
  readonly afterBetween?: string;
  readonly last?: string;
}

const BREAK = "throw new Error('broken');";
const LAST = "this.text = [this.rows, this.fetched, this.sent, this.size].join(' ');";
const BETWEEN = "@step({ after: 'load' }) between() { this.size = 3; }";

/** `load` uses a helper; what follows it is cached, never cached, and an effect; `last` is broken at first. */
function flow({ fields = '', between = BETWEEN, afterBetween = 'between', last = LAST }: Parts = {}): string {
  return `import { appendFileSync } from 'node:fs';
import { Flow, step } from 'varve';
import { help } from './help.ts';
export default class Changed extends Flow {
  ${fields}
  rows!: number; size!: number; cleaned!: number; fetched!: number; sent!: string; text!: string;
  @step() load() { this.rows = help(); }
  ${between}
  @step({ after: '${afterBetween}' }) clean() { this.cleaned = this.rows * 10 + (this.size ?? 0); }
  @step({ after: 'clean', cache: false }) fetch() { this.fetched = this.cleaned + 1; }
  @step({ after: 'fetch', effect: true }) send() { appendFileSync('sent.txt', 'x'); this.sent = 'sent ' + this.fetched; }
  @step({ after: 'send' }) last() { ${last} }
}
`;
}
const helper = (body: string) => `export function help() { return ${body}; }\n`;

describe('after one step was mended', () => {
  const project = new Project({ 'changed.ts': flow({ last: BREAK }), 'help.ts': helper('2') });
  const resume = (...more: string[]) => outcomeOf(project, ['resume', 'Changed/1', ...more]);
  beforeAll(async () => {
    await outcomeOf(project, ['run', 'changed.ts'], 1);
  });

  it('executes that step only', async () => {
    project.write('changed.ts', flow());
    const { tasks, warnings } = await resume();
    expect(tasks).toEqual({
      ...{ load: 'cloned', between: 'cloned', clean: 'cloned', fetch: 'cloned', send: 'cloned', last: 'succeeded' },
    });
    expect(warnings).toEqual([]);
    expect(await artifactOf(project, '@last', 'text')).toBe('2 24 sent 24 3');
    expect(project.read('sent.txt')).toBe('x');
  });

  it('executes what a changed helper reaches, and keeps what is never cached with a word of warning', async () => {
    project.write('help.ts', helper('4'));
    const { tasks, warnings, why } = await resume();
    expect(tasks).toMatchObject({ load: 'succeeded', between: 'cached', clean: 'succeeded' });
    expect(tasks).toMatchObject({ fetch: 'cloned', send: 'cloned', last: 'succeeded' });
    expect(why.load).toContain('help.ts');
    expect(warnings).toEqual([
      expect.stringMatching(/^fetch is kept from Changed\/1 although what leads to it has changed: .*--from fetch/),
      expect.stringMatching(/^send is kept /),
    ]);
    expect(project.read('sent.txt')).toBe('x');
  });

  it('keeps everything for its place with --trust position, and says where the code has changed', async () => {
    const { tasks, executed, warnings } = await resume('--trust', 'position');
    expect(executed).toEqual([]);
    expect(tasks).toMatchObject({ load: 'cloned', clean: 'cloned', last: 'cached' });
    expect(warnings).toEqual([expect.stringMatching(/^load is kept from Changed\/1 although its code has changed/)]);
    expect(await artifactOf(project, '@last', 'text')).toBe('2 24 sent 24 3');
  });

  it('does not take what was kept for its place for the result of the code of now', async () => {
    const { tasks } = await outcomeOf(project, ['resume', '@last']);
    expect(tasks).toMatchObject({ load: 'cached', between: 'cached', clean: 'cached', fetch: 'cloned' });
    expect(await artifactOf(project, '@last', 'rows')).toBe(4);
  });
});

describe('after the graph was changed', () => {
  const project = new Project({ 'changed.ts': flow({ last: BREAK }), 'help.ts': helper('2') });
  const resume = (...more: string[]) => outcomeOf(project, ['resume', 'Changed/1', ...more]);
  beforeAll(async () => {
    await outcomeOf(project, ['run', 'changed.ts'], 1);
  });

  it('runs a step that was put in, and what comes after it anew', async () => {
    const more = `${BETWEEN}\n@step({ after: 'between' }) added() { this.size = 5; }`;
    project.write('changed.ts', flow({ between: more, afterBetween: 'added' }));
    const { tasks } = await resume();
    expect(tasks).toMatchObject({ load: 'cloned', between: 'cloned', added: 'succeeded', clean: 'succeeded' });
    expect(await artifactOf(project, '@last', 'cleaned')).toBe(25);
  });

  it('drops a step that was taken out, with what it had left', async () => {
    project.write('changed.ts', flow({ between: '', afterBetween: 'load' }));
    const { tasks } = await resume();
    expect(tasks).toMatchObject({ load: 'cloned', clean: 'succeeded' });
    expect(tasks).not.toHaveProperty('between');
    expect(await artifactOf(project, '@last', 'cleaned')).toBe(20);
  });

  it('runs a step that was renamed', async () => {
    project.write('changed.ts', flow({ between: BETWEEN.replace('between()', 'middle()'), afterBetween: 'middle' }));
    const { tasks } = await resume();
    expect(tasks).toMatchObject({ load: 'cloned', middle: 'succeeded' });
    expect(tasks).not.toHaveProperty('between');
    expect(await artifactOf(project, '@last', 'text')).toBe('2 24 sent 24 3');
  });
});

describe('after the fields were changed', () => {
  const fields = 'seed = Math.random(); limit = 1;';
  const project = new Project({ 'changed.ts': flow({ fields, last: BREAK }), 'help.ts': helper('2') });
  const resume = (...more: string[]) => outcomeOf(project, ['resume', 'Changed/1', ...more]);
  let seed: number;
  beforeAll(async () => {
    await outcomeOf(project, ['run', 'changed.ts'], 1);
    seed = await artifactOf(project, '@last', 'seed');
  });

  it('sets a field that is new, and leaves those that were there', async () => {
    project.write('changed.ts', flow({ fields: `${fields} extra = 7;`, last: "this.text = 'extra ' + this.extra;" }));
    const { tasks, warnings } = await resume();
    expect(tasks).toMatchObject({ load: 'cloned', send: 'cloned', last: 'succeeded' });
    expect(await artifactOf(project, '@last', 'text')).toBe('extra 7');
    expect(await artifactOf(project, '@last', 'seed')).toBe(seed);
    expect(warnings).toEqual([expect.stringContaining("'seed' stays what it was in Changed/1")]);
  });

  it('says of a changed initialiser that it does not count, and lets it with --from init', async () => {
    const changed = flow({ fields: fields.replace('limit = 1', 'limit = 2'), last: 'this.text = String(this.limit);' });
    project.write('changed.ts', changed);
    expect((await resume()).warnings.join()).toContain("'limit' stays what it was in Changed/1");
    expect(await artifactOf(project, '@last', 'text')).toBe('1');
    const { tasks } = await resume('--from', 'init');
    expect(await artifactOf(project, '@last', 'text')).toBe('2');
    expect(tasks).toMatchObject({ load: 'cached', send: 'cloned' });
  });
});
