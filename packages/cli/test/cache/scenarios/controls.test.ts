import { readFileSync, utimesSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ran, storeFiles } from '../../support/cached-run.ts';
import { expectCode, Project } from '../../support/project.ts';
import { takeCalls, WATCHED_CONFIG } from '../../support/watched-store.ts';

const CHAIN = `import { Flow, param, step } from 'varve';
export default class Chain extends Flow {
  n = param.int(1); a!: number; b!: number; c!: number; d!: number;
  @step() one() { this.a = this.n; }
  @step({ after: 'one' }) two() { this.b = this.a; }
  @step({ after: 'two' }) three() { this.c = this.b; }
  @step() other() { this.d = 4; }
}
`;
const ALL = { one: 'cached', two: 'cached', three: 'cached', other: 'cached' };

async function warm(files: Readonly<Record<string, string>> = { 'chain.ts': CHAIN }) {
  const project = new Project(files);
  const [file = ''] = Object.keys(files);
  await ran(project, [file]);
  return { project, run: (...args: string[]) => ran(project, [file, ...args]) };
}

/** Entries of all stored pages. */
function entries(project: Project): { task: string; generation?: number }[] {
  return storeFiles(project, 'cache/v1').flatMap((file) => {
    const [, json = '{}'] = readFileSync(file, 'utf8').split('\n');
    return (JSON.parse(json) as { entries: { task: string; generation?: number }[] }).entries;
  });
}

/** Makes all results look as if they had been stored so long ago. */
function agePages(project: Project, days: number): void {
  const then = Date.now() / 1000 - days * 86_400;
  for (const file of storeFiles(project, 'cache/v1')) utimesSync(file, then, then);
}

describe('forcing execution', () => {
  it('--force step executes the step; later steps hit when its result is the same (scenario 22)', async () => {
    const { project, run } = await warm();
    const { status, why } = await run('--force', 'two');
    expect(status).toEqual({ ...ALL, two: 'succeeded' });
    expect(why.two).toBe('FORCED asked for');
    expect(entries(project).filter(({ task }) => task === 'two')).toMatchObject([{}, { generation: 1 }]);
    expect((await run()).status).toEqual(ALL);
  });

  it('--force step+ executes all later steps, too (scenario 22)', async () => {
    const { run } = await warm();
    const { status } = await run('--force', 'two+');
    expect(status).toEqual({ ...ALL, two: 'succeeded', three: 'succeeded' });
  });

  it('--force of an element that does not exist fails, and says which there are', async () => {
    const project = new Project({
      'each.ts': `import { Flow, step } from 'varve';
export default class Each extends Flow {
  items = ['x', 'y', 'z']; many = Array.from({ length: 20 }, (_, i) => i); out!: string; n!: number;
  @step({ foreach: 'items' }) each(item: string) { this.out = item; }
  @step({ after: 'each' }) more() { this.out += '!'; }
  @step({ join: 'more' }) all() {}
  @step({ foreach: 'many' }) count(n: number) { this.n = n; }
  @step({ join: 'count' }) sum() {}
}
`,
    });
    for (const [force, hint] of [
      ['each[3]', 'each has [0] to [2], by name x, y, z.'],
      ['more[w]', 'each has [0] to [2], by name x, y, z.'],
      ['count[99]', 'count has [0] to [19].'],
      ['all[0]', 'Write --force all.'],
    ] as const) {
      const { code, stderr } = await project.varve(['run', 'each.ts', '--force', force]);
      expect([force, code === 0, stderr]).toEqual([force, false, expect.stringContaining(hint)]);
      expect(stderr).toContain('VARVE_CACHE_OPTION');
    }
    for (const force of ['each[2]', 'more[y]', 'count[19]'])
      expectCode(await project.varve(['run', 'each.ts', '--force', force]), 0);
  });

  it('--force step[element] executes only that element (scenario 22)', async () => {
    const { run } = await warm({
      'each.ts': `import { Flow, step } from 'varve';
export default class Each extends Flow {
  items = ['x', 'y', 'z']; out!: string;
  @step({ foreach: 'items' }) each(item: string) { this.out = item; }
}
`,
    });
    const { status, why } = await run('--force', 'each[y]');
    expect(status).toEqual({ 'each[x]': 'cached', 'each[y]': 'succeeded', 'each[z]': 'cached' });
    expect(why['each[y]']).toBe('FORCED asked for');
  });

  it('results recomputed with --cache refresh replace the old ones for other projects (scenario 23)', async () => {
    const shared = new Project();
    const config = `import { fsStore } from '@varve/store-fs';
export default { datastore: fsStore({ root: ${JSON.stringify(shared.path('store'))} }), inputs: { env: { exclude: ['UNSOUND'] } } };
`;
    // A variable that is left out is part of no key.
    const flow = `import { Flow, step } from 'varve';
export default class Unsound extends Flow {
  text!: string; loud!: string;
  @step() load() { this.text = process.env.UNSOUND ?? ''; }
  @step({ after: 'load' }) shout() { this.loud = this.text.toUpperCase(); }
}
`;
    const bad = { env: { UNSOUND: 'bad' } };
    const good = { env: { UNSOUND: 'good' } };
    const [a, b] = [1, 2].map(() => new Project({ 'unsound.ts': flow, 'varve.config.mjs': config })) as [
      Project,
      Project,
    ];
    const loud = (project: Project) => project.json<string>('artifacts', 'get', '@last', 'loud');
    await ran(a, ['unsound.ts'], bad);
    expect((await ran(b, ['unsound.ts'], good)).status).toEqual({ load: 'cached', shout: 'cached' });
    expect(await loud(b)).toBe('BAD');
    expect((await ran(a, ['unsound.ts', '--cache', 'refresh'], good)).counts).toEqual({ succeeded: 2 });
    expect((await ran(b, ['unsound.ts'], good)).status).toEqual({ load: 'cached', shout: 'cached' });
    expect(await loud(b)).toBe('GOOD');
  });

  it('a result older than its ttl is recomputed, an equal one still hits later steps, and the ttl is in no key (scenario 24)', async () => {
    const aging = CHAIN.replace("@step({ after: 'one' })", "@step({ after: 'one', cache: { ttl: '7d' } })");
    const { project, run } = await warm({ 'chain.ts': aging });
    agePages(project, 3);
    expect((await run()).status).toEqual(ALL);
    agePages(project, 8);
    const old = await run();
    expect(old.status).toEqual({ ...ALL, two: 'succeeded' });
    expect(old.why.two).toBe('EXPIRED the result of Chain/1 is too old');
    expect((await run()).status).toEqual(ALL);
    agePages(project, 8);
    project.write('chain.ts', aging.replace('7d', '30d'));
    expect((await run()).status).toEqual(ALL);
  });

  it('--max-age limits the age of results for a whole run (scenario 24)', async () => {
    const { project, run } = await warm();
    agePages(project, 3);
    expect((await run('--max-age', '4d')).status).toEqual(ALL);
    const old = await run('--max-age', '2d');
    expect(old.counts).toEqual({ succeeded: 4 });
    expect(old.why.one).toMatch(/^EXPIRED /);
    expect((await run('--max-age', '2d')).status).toEqual(ALL);
  });
});

describe('cache modes and step options', () => {
  const watched = { 'chain.ts': CHAIN, 'varve.config.mjs': WATCHED_CONFIG };

  it('mode read only looks up, write only stores, off does neither (scenario 26)', async () => {
    const project = new Project(watched);
    const run = (...args: string[]) => ran(project, ['chain.ts', ...args]);
    const pages = () => takeCalls(project).filter((call) => call.includes(' cache/v1/'));
    expect((await run('--cache', 'off')).counts).toEqual({ succeeded: 4 });
    expect(pages(), 'off').toEqual([]);
    expect((await run('--cache', 'read')).counts).toEqual({ succeeded: 4 });
    expect(
      pages().filter((call) => !/^(list|get|stat) /.test(call)),
      'read',
    ).toEqual([]);
    expect((await run()).counts, 'nothing was kept').toEqual({ succeeded: 4 });
    pages();
    expect((await run('--cache', 'write')).counts).toEqual({ succeeded: 4 });
    expect(
      pages().filter((call) => !call.startsWith('put ')),
      'write',
    ).toEqual([]);
    expect((await run('--cache', 'read')).status).toEqual(ALL);
  });

  it('a wrong mode is refused with the name of what has set it', async () => {
    const { project } = await warm();
    const failed = async (args: readonly string[], env: Readonly<Record<string, string>>) =>
      (await project.varve(['run', 'chain.ts', ...args], env)).stderr;
    expect(await failed([], { VARVE_CACHE: 'foo' })).toMatch(/VARVE_CACHE is 'foo'/);
    expect(await failed(['--cache', 'bar'], { VARVE_CACHE: 'foo' })).toMatch(/--cache is 'bar'/);
  });

  it('--cache wins over VARVE_CACHE, and VARVE_CACHE over the config (scenario 26)', async () => {
    const { project } = await warm({
      'chain.ts': CHAIN,
      'varve.config.mjs': `export default { cache: { mode: 'off' } };\n`,
    });
    const counts = async (args: string[], env: Record<string, string> = {}) =>
      (await ran(project, ['chain.ts', ...args], { env })).counts;
    expect(await counts([])).toEqual({ succeeded: 4 });
    expect(await counts([], { VARVE_CACHE: 'rw' })).toEqual({ succeeded: 4 });
    expect(await counts([], { VARVE_CACHE: 'rw' })).toEqual({ cached: 4 });
    expect(await counts(['--cache', 'off'], { VARVE_CACHE: 'rw' })).toEqual({ succeeded: 4 });
  });

  it('steps with an effect or cache: false are neither looked up nor stored (scenario 27)', async () => {
    const project = new Project({
      'chain.ts': CHAIN.replace('@step() one()', `@step({ effect: { key: 'mail' } }) one()`)
        .replace(/@step\(\{ after: '(\w+)' \}\)/g, `@step({ after: '$1', cache: false })`)
        .replace('@step() other()', '@step({ cache: false }) other()'),
      'varve.config.mjs': WATCHED_CONFIG,
    });
    for (let i = 0; i < 2; i++) {
      const { counts, why } = await ran(project, ['chain.ts']);
      expect(counts).toEqual({ succeeded: 4 });
      expect(why).toMatchObject({ one: 'DISABLED it has an effect', two: 'DISABLED cache: false' });
      expect(
        takeCalls(project).filter(
          (call) => call.includes(' cache/v1/') || (call.includes(' leases/') && !call.includes(' leases/gc/')),
        ),
      ).toEqual([]);
    }
  });

  it('cache: { version } invalidates only its step', async () => {
    const { project, run } = await warm();
    project.write('chain.ts', CHAIN.replace("{ after: 'one' }", "{ after: 'one', cache: { version: '2' } }"));
    const { status, why } = await run();
    expect(status).toEqual({ ...ALL, two: 'succeeded' });
    expect(why.two).toBe('OPTION the option cache.version changed');
    expect((await run()).status).toEqual(ALL);
    project.write('chain.ts', CHAIN);
    expect((await run()).status, 'the old version is still there').toEqual(ALL);
  });

  const scoped = (scope: string) => `import { Flow, step } from 'varve';
class Base extends Flow {
  items = ['v', 'v']; a!: string;
  @step({ foreach: 'items', cache: { scope: '${scope}' } }) each(item: string) { this.a = item; }
}
export class A extends Base {}
export class B extends Base {}
`;
  it.each([
    ['store', 2],
    ['flow', 2],
    ['run', 1],
  ])(`the scope '%s' determines which projects and flows share a result`, async (scope, again) => {
    const project = new Project({ 'two.ts': scoped(scope), 'copy/of.ts': scoped(scope) });
    const cached = async (flow: string) => (await ran(project, [flow])).counts.cached ?? 0;
    expect(await cached('two.ts#A'), 'within a run').toBe(1);
    expect(await cached('two.ts#A'), 'the same flow').toBe(again);
    expect(await cached('copy/of.ts#A'), 'a copy of it').toBe(again);
    if (scope !== 'store') expect(await cached('two.ts#B'), 'another flow').toBe(1);
  });

  it(`purity: 'strict' keeps no result of a step that calls the clock`, async () => {
    const { run } = await warm({
      'clock.ts': `import { Flow, step } from 'varve';
export default class Clock extends Flow { at!: number; b!: number; @step() look() { this.at = Date.now(); } @step() calm() { this.b = 1; } }
`,
      'varve.config.mjs': `export default { cache: { purity: 'strict' } };\n`,
    });
    const { status, why } = await run();
    expect(status).toEqual({ look: 'succeeded', calm: 'cached' });
    expect(why.look, 'nothing was kept of it').toMatch(/^NO_RECORD/);
  });
});

describe('caching of retried tasks', () => {
  const FLAKY = `import { appendFileSync, readFileSync } from 'node:fs';
import { Flow, step } from 'varve';
export default class Flaky extends Flow {
  a!: number; problem?: { message: string };
  @step({ retry: { times: 3, backoff: '1ms' } }) work() {
    const file = process.env.FLAKY ?? '';
    appendFileSync(file, 'x');
    const tries = readFileSync(file, 'utf8').length;
    if (tries < 3) throw new Error('not yet');
    this.a = tries;
  }
  @step({ catch: 'problem' }) careless() { throw new Error('always'); }
}
`;
  it('a success at the third attempt is stored once, and a caught failure never (scenario 28)', async () => {
    const project = new Project({ 'flaky.ts': FLAKY, '~tries.txt': '' });
    const env = { FLAKY: project.path('~tries.txt') };
    const first = await ran(project, ['flaky.ts'], { env });
    expect(first.status).toEqual({ work: 'succeeded', careless: 'succeeded' });
    expect(project.read('~tries.txt')).toBe('xxx');
    expect(entries(project).map(({ task }) => task)).toEqual(['work']);
    const second = await ran(project, ['flaky.ts'], { env });
    expect(second.status).toEqual({ work: 'cached', careless: 'succeeded' });
    expect(project.read('~tries.txt')).toBe('xxx');
    expect(await project.json('artifacts', 'get', '@last', 'a')).toBe(3);
    expect(await project.json('artifacts', 'get', '@last', 'problem')).toMatchObject({ message: 'always' });
  });
});
