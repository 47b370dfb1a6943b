import { beforeAll, describe, expect, it, vi } from 'vitest';
import { artifactOf, outcomeOf } from '../../support/outcome.ts';
import { Project } from '../../support/project.ts';

// Each test starts several processes, which is slow on a busy machine.
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

/** `load` uses a helper; the steps after it are cached, never cached, and an effect; `last` is broken at first. */
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

describe('varve resume after one step was fixed', () => {
  const project = new Project({ 'changed.ts': flow({ last: BREAK }), 'help.ts': helper('2') });
  const resume = (...more: string[]) => outcomeOf(project, ['resume', 'Changed/1', ...more]);
  beforeAll(async () => {
    await outcomeOf(project, ['run', 'changed.ts'], 1);
  });

  it('executes only that step', async () => {
    project.write('changed.ts', flow());
    const { tasks, warnings } = await resume();
    expect(tasks).toEqual({
      ...{ load: 'cloned', between: 'cloned', clean: 'cloned', fetch: 'cloned', send: 'cloned', last: 'succeeded' },
    });
    expect(warnings).toEqual([]);
    expect(await artifactOf(project, '@last', 'text')).toBe('2 24 sent 24 3');
    expect(project.read('sent.txt')).toBe('x');
  });

  it('executes steps that reach a changed helper, and keeps uncacheable ones with a warning', async () => {
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

  it('keeps all tasks by position with --trust position, and names the changed code', async () => {
    const { tasks, executed, warnings } = await resume('--trust', 'position');
    expect(executed).toEqual([]);
    expect(tasks).toMatchObject({ load: 'cloned', clean: 'cloned', last: 'cached' });
    expect(warnings).toEqual([expect.stringMatching(/^load is kept from Changed\/1 although its code has changed/)]);
    expect(await artifactOf(project, '@last', 'text')).toBe('2 24 sent 24 3');
  });

  it('does not store tasks kept by position as results of the current code', async () => {
    const { tasks } = await outcomeOf(project, ['resume', '@last']);
    expect(tasks).toMatchObject({ load: 'cached', between: 'cached', clean: 'cached', fetch: 'cloned' });
    expect(await artifactOf(project, '@last', 'rows')).toBe(4);
  });
});

describe('varve resume after the graph was changed', () => {
  const project = new Project({ 'changed.ts': flow({ last: BREAK }), 'help.ts': helper('2') });
  const resume = (...more: string[]) => outcomeOf(project, ['resume', 'Changed/1', ...more]);
  beforeAll(async () => {
    await outcomeOf(project, ['run', 'changed.ts'], 1);
  });

  it('executes an inserted step, and all later ones', async () => {
    const more = `${BETWEEN}\n@step({ after: 'between' }) added() { this.size = 5; }`;
    project.write('changed.ts', flow({ between: more, afterBetween: 'added' }));
    const { tasks } = await resume();
    expect(tasks).toMatchObject({ load: 'cloned', between: 'cloned', added: 'succeeded', clean: 'succeeded' });
    expect(await artifactOf(project, '@last', 'cleaned')).toBe(25);
  });

  it('drops a removed step with its artifacts', async () => {
    project.write('changed.ts', flow({ between: '', afterBetween: 'load' }));
    const { tasks } = await resume();
    expect(tasks).toMatchObject({ load: 'cloned', clean: 'succeeded' });
    expect(tasks).not.toHaveProperty('between');
    expect(await artifactOf(project, '@last', 'cleaned')).toBe(20);
  });

  it('executes a renamed step', async () => {
    project.write('changed.ts', flow({ between: BETWEEN.replace('between()', 'middle()'), afterBetween: 'middle' }));
    const { tasks } = await resume();
    expect(tasks).toMatchObject({ load: 'cloned', middle: 'succeeded' });
    expect(tasks).not.toHaveProperty('between');
    expect(await artifactOf(project, '@last', 'text')).toBe('2 24 sent 24 3');
  });
});

describe('varve resume after fields were changed', () => {
  const fields = 'seed = Math.random(); limit = 1;';
  const project = new Project({ 'changed.ts': flow({ fields, last: BREAK }), 'help.ts': helper('2') });
  const resume = (...more: string[]) => outcomeOf(project, ['resume', 'Changed/1', ...more]);
  let seed: number;
  beforeAll(async () => {
    await outcomeOf(project, ['run', 'changed.ts'], 1);
    seed = await artifactOf(project, '@last', 'seed');
  });

  it('sets a new field, and leaves the existing ones', async () => {
    project.write('changed.ts', flow({ fields: `${fields} extra = 7;`, last: "this.text = 'extra ' + this.extra;" }));
    const { tasks, warnings } = await resume();
    expect(tasks).toMatchObject({ load: 'cloned', send: 'cloned', last: 'succeeded' });
    expect(await artifactOf(project, '@last', 'text')).toBe('extra 7');
    expect(await artifactOf(project, '@last', 'seed')).toBe(seed);
    expect(warnings).toEqual([expect.stringContaining("'seed' stays what it was in Changed/1")]);
  });

  it('warns that a changed initialiser is ignored, and applies it with --from init', async () => {
    const changed = flow({ fields: fields.replace('limit = 1', 'limit = 2'), last: 'this.text = String(this.limit);' });
    project.write('changed.ts', changed);
    expect((await resume()).warnings.join()).toContain("'limit' stays what it was in Changed/1");
    expect(await artifactOf(project, '@last', 'text')).toBe('1');
    const { tasks } = await resume('--from', 'init');
    expect(await artifactOf(project, '@last', 'text')).toBe('2');
    expect(tasks).toMatchObject({ load: 'cached', send: 'cloned' });
  });
});
