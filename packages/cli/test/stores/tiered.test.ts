import { existsSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { flipByte, ran } from '../support/cached-run.ts';
import { expectCode, Project } from '../support/project.ts';

const FLOW = `import { Flow, step } from 'varve';
export default class Big extends Flow {
  rows!: number[]; sum!: number; half!: number[];
  @step() load() { this.rows = Array.from({ length: 20_000 }, (_, i) => i); }
  @step({ after: 'load' }) cut() { this.half = this.rows.filter((row) => row % 2 === 0); }
  @step({ after: 'cut' }) add() { this.sum = this.half.reduce((sum, row) => sum + row, 0); }
}
`;
const SUM = 99_990_000;

/** Checkouts of one project, each with copies of its own beside a folder that all share. Reads of blobs there are logged. */
function checkouts(count: number) {
  const shared = new Project();
  const config = `import { appendFileSync } from 'node:fs';
import { definePlugin } from '@varve/core/contract';
import { fsStore } from '@varve/store-fs';
import { tiered } from '@varve/store-tiered';
const far = fsStore({ root: ${JSON.stringify(shared.path('bucket'))} });
const logged = definePlugin({ name: 'logged', provides: { async datastore(context) {
  const store = await far.provides.datastore(context);
  const get = store.get.bind(store);
  store.get = (key, options) => {
    if (key.startsWith('cas/')) appendFileSync(${JSON.stringify(shared.path('gets.txt'))}, key + '\\n');
    return get(key, options);
  };
  store.getSync = undefined;
  return store;
} } });
export default { datastore: tiered({ local: '.varve/blobs', remote: logged }) };
`;
  const projects = Array.from({ length: count }, () => new Project({ 'varve.config.mjs': config, 'big.ts': FLOW }));
  const takeGets = () => {
    const gets = existsSync(shared.path('gets.txt')) ? shared.read('gets.txt').trim().split('\n').filter(Boolean) : [];
    shared.write('gets.txt', '');
    return gets;
  };
  return { shared, projects: projects as [Project, Project, ...Project[]], takeGets };
}

/** Checkouts with the config of the guide: a folder that all share, and copies of it. */
function plain(count: number) {
  const shared = new Project();
  const config = `import { fsStore } from '@varve/store-fs';
import { tiered } from '@varve/store-tiered';
export default { datastore: tiered({ local: '.varve/blobs', remote: fsStore({ root: ${JSON.stringify(shared.path('bucket'))} }) }) };
`;
  return Array.from({ length: count }, () => new Project({ 'varve.config.mjs': config, 'big.ts': FLOW })) as [
    Project,
    Project,
  ];
}

function files(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

const copiesOf = (project: Project) => files(project.path('.varve/blobs/copies'));
const sumOf = (project: Project) => project.json<number>('artifacts', 'get', '@last', 'sum');

describe('a config of two lines that puts a folder of copies before a store', () => {
  it('gives hits to a second checkout, whose copies are cold', async () => {
    const [first, second] = plain(2);
    expect((await ran(first, ['big.ts'])).counts).toEqual({ succeeded: 3 });
    expect(copiesOf(first).length).toBeGreaterThan(0);
    expect((await ran(second, ['big.ts'])).counts).toEqual({ cached: 3 });
    expect(await sumOf(second)).toBe(SUM);
  });

  it('gives hits to the same checkout when its copies were deleted', async () => {
    const [project] = plain(1);
    await ran(project, ['big.ts']);
    rmSync(project.path('.varve/blobs'), { recursive: true });
    expect((await ran(project, ['big.ts'])).counts).toEqual({ cached: 3 });
    expect(await sumOf(project)).toBe(SUM);
  });

  it('reads no large artifact from the store that this checkout has written or read before', async () => {
    const { projects, takeGets } = checkouts(2);
    const [first, second] = projects;
    await ran(first, ['big.ts']);
    const again = ['big.ts', '--force', 'cut+'];
    await ran(first, again);
    expect(takeGets(), 'what it wrote itself').toEqual([]);
    await ran(second, again);
    const cold = takeGets();
    expect(cold.length).toBeGreaterThan(0);
    expect(new Set(cold).size, 'each once').toBe(cold.length);
    await ran(second, again);
    expect(takeGets(), 'what it has read before').toEqual([]);
  });

  it('puts back what the store has lost and a copy holds, when a run finds it all cached', async () => {
    const { shared, projects } = checkouts(2);
    const [project, other] = projects;
    await ran(project, ['big.ts']);
    const before = files(shared.path('bucket/cas'));
    for (const file of before) rmSync(file);
    const after = await project.varve(['run', 'big.ts']);
    expectCode(after, 0);
    expect(after.stderr).toContain('3 cached');
    expect(after.stderr.match(/warning: .* had lost cas\/.*: it was put back from the copies in /g)).toHaveLength(1);
    expect(files(shared.path('bucket/cas')).sort()).toEqual(before.sort());
    expectCode(await other.varve(['cache', 'verify']), 0);
    expect(await other.json<number[]>('artifacts', 'get', '@last', 'rows')).toHaveLength(20_000);
  });

  it('puts back what the store has lost when a run that had failed is resumed', async () => {
    const { shared, projects } = checkouts(2);
    const [project, other] = projects;
    const stops = "@step({ after: 'cut' }) add() { if (existsSync('broken')) throw new Error('broken');";
    project.write(
      'big.ts',
      `import { existsSync } from 'node:fs';\n${FLOW.replace("@step({ after: 'cut' }) add() {", stops)}`,
    );
    project.write('broken', '');
    await ran(project, ['big.ts'], { code: 1 });
    const before = files(shared.path('bucket/cas'));
    for (const file of before) rmSync(file);
    rmSync(project.path('broken'));
    const resumed = expectCode(await project.varve(['resume']), 0);
    expect(resumed.stderr).toContain('2 cloned');
    expect(files(shared.path('bucket/cas')).sort()).toEqual(before.sort());
    expect(await sumOf(other)).toBe(SUM);
    for (const name of ['rows', 'half']) expectCode(await other.varve(['artifacts', 'get', '@last', name]), 0);
  });

  it('puts back with varve cache verify, also for others, what artifacts get still shows here', async () => {
    const { shared, projects } = checkouts(2);
    const [project, other] = projects;
    await ran(project, ['big.ts']);
    for (const file of files(shared.path('bucket/cas'))) rmSync(file);
    expectCode(await project.varve(['artifacts', 'get', '@last', 'rows']), 0);
    const gone = await other.varve(['artifacts', 'get', '@last', 'rows']);
    expect(gone.code).not.toBe(0);
    expect(gone.stderr).toContain('VARVE_MISSING_ARTIFACT');
    expect(gone.stderr).toContain('varve cache verify');
    expectCode(await project.varve(['cache', 'verify']), 0);
    expectCode(await other.varve(['artifacts', 'get', '@last', 'rows']), 0);
  });

  it('copies all of a store that has lost what a copy holds', async () => {
    const { shared, projects } = checkouts(1);
    const [project] = projects;
    await ran(project, ['big.ts']);
    const before = files(shared.path('bucket/cas')).length;
    for (const file of files(shared.path('bucket/cas'))) rmSync(file);
    expectCode(await project.varve(['store', 'copy', 'default', './elsewhere']), 0);
    expect(files(project.path('elsewhere/cas'))).toHaveLength(before);
  });

  it('makes anew, in the same run, what the store has lost and no copy holds', async () => {
    const { shared, projects } = checkouts(1);
    const [project] = projects;
    await ran(project, ['big.ts']);
    for (const file of [...files(shared.path('bucket/cas')), ...copiesOf(project)]) rmSync(file);
    const after = await ran(project, ['big.ts']);
    expect(after.counts.cached ?? 0).toBeLessThan(3);
    expect(await sumOf(project)).toBe(SUM);
    expect(files(shared.path('bucket/cas')).length, 'the store has it again').toBeGreaterThan(0);
    expectCode(await project.varve(['cache', 'verify']), 0);
  });

  it('does not hide from varve cache verify that the store is damaged', async () => {
    const { shared, projects } = checkouts(1);
    const [project] = projects;
    await ran(project, ['big.ts']);
    expectCode(await project.varve(['cache', 'verify']), 0);
    const [file = ''] = files(shared.path('bucket/cas'));
    flipByte(file, 5);
    expect(expectCode(await project.varve(['cache', 'verify']), 1).stdout).toMatch(/is damaged/);
  });

  it('has varve cache verify --repair heal the store from a sound copy, and nobody compute anew', async () => {
    const { shared, projects } = checkouts(2);
    const [project, other] = projects;
    await ran(project, ['big.ts']);
    for (const file of files(shared.path('bucket/cas'))) flipByte(file, 5);
    const copies = copiesOf(project).sort();
    const repaired = await project.varve(['cache', 'verify', '--repair']);
    expect(repaired.stdout).toContain('from a sound copy');
    expect(repaired.stdout).not.toContain('withdrew');
    expect(copiesOf(project).sort()).toEqual(copies);
    expectCode(await other.varve(['cache', 'verify']), 0);
    expect((await ran(other, ['big.ts'])).counts).toEqual({ cached: 3 });
  });

  it('gives the right result when a copy is damaged, and leaves the store alone', async () => {
    const { shared, projects } = checkouts(1);
    const [project] = projects;
    await ran(project, ['big.ts']);
    for (const file of copiesOf(project)) flipByte(file, 5);
    expect((await ran(project, ['big.ts', '--force', 'cut+'])).counts).toEqual({ cached: 1, succeeded: 2 });
    expect(await sumOf(project)).toBe(SUM);
    expect(files(shared.path('bucket/quarantine'))).toEqual([]);
  });

  it('deletes copies with what varve gc deletes from the store', async () => {
    const { shared, projects } = checkouts(1);
    const [project] = projects;
    const digests = (all: readonly string[]) => all.map((file) => file.slice(-64)).sort();
    await ran(project, ['big.ts']);
    const old = digests(copiesOf(project));
    project.write('big.ts', FLOW.replace('20_000', '21_000'));
    await ran(project, ['big.ts']);
    expect(digests(copiesOf(project))).toEqual(expect.arrayContaining(old));
    for (const file of files(shared.path('bucket/cas'))) age(file);
    expectCode(await project.varve(['gc', '--yes', '--keep-last', '1', '--older', '0s']), 0);
    const left = digests(copiesOf(project));
    expect(left.length).toBeGreaterThan(0);
    expect(left).toEqual(digests(files(shared.path('bucket/cas'))));
    expect(left).not.toEqual(expect.arrayContaining(old));
  });

  it('warns once and goes on when the folder of the copies cannot be used', async () => {
    const { projects } = checkouts(1);
    const [project] = projects;
    project.write('.varve/blobs', 'a file');
    const result = expectCode(await project.varve(['run', 'big.ts']), 0);
    expect(result.stderr.match(/warning: copies in .* cannot be used: ENOTDIR/g)).toHaveLength(1);
    expect(await sumOf(project)).toBe(SUM);
  });

  it('names the config when a part of it is no store', async () => {
    const project = new Project({
      'varve.config.mjs':
        "import { fsStore } from '@varve/store-fs';\nimport { tiered } from '@varve/store-tiered';\nexport default { datastore: tiered({ local: '.varve/blobs', remote: fsStore }) };\n",
      'big.ts': FLOW,
    });
    const { stderr } = expectCode(await project.varve(['run', 'big.ts']), 4);
    expect(stderr).toContain('VARVE_CONFIG');
    expect(stderr).toContain('tiered(): remote is a function');
    expect(stderr).toContain('Did you forget to call it');
  });
});

/** Makes an object old enough to be collected. */
function age(file: string): void {
  const past = Date.now() / 1000 - 7200;
  utimesSync(file, past, past);
}
