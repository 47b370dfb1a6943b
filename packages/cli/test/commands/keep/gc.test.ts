import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectCode, expectNoStack, Project } from '../../support/project.ts';

const FLOW = `import { artifact, Flow, param, step } from 'varve';
export default class Big extends Flow {
  seed = param.int(1);
  small!: number; large!: Uint8Array; folder!: unknown;
  @step() async make() {
    this.small = this.seed;
    this.large = new Uint8Array(100_000).fill(this.seed);
    this.folder = artifact.dir('data');
  }
}`;
const SLOW = `import { Flow, step } from 'varve';
export default class Slow extends Flow {
  @step() async wait() { console.log('under way'); await new Promise((resolve) => setTimeout(resolve, 60_000)); }
}`;

interface GcDocument {
  readonly dryRun: boolean;
  readonly removed: Record<'pages' | 'batches' | 'blobs' | 'local', { count: number; bytes: number }> & {
    readonly runs: readonly { flow: string; number: number }[];
    readonly bytes: number;
  };
  readonly kept: readonly { flow: string; number: number; why: string }[];
}

/** Makes a project with one run per seed. */
async function projectWith(...seeds: readonly number[]): Promise<Project> {
  const project = new Project({ 'big.ts': FLOW, 'slow.ts': SLOW, 'data/a.txt': 'a', 'data/b/c.txt': 'c' });
  for (const seed of seeds) expectCode(await project.varve(['run', 'big.ts', '--seed', String(seed), '-q']), 0);
  return project;
}

function filesUnder(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Makes all files look so old. */
function age(project: Project, hours: number): void {
  const then = Date.now() / 1000 - hours * 3600;
  for (const file of filesUnder(project.path('.varve'))) utimesSync(file, then, then);
}

const sizesOf = (project: Project) =>
  new Map(filesUnder(project.path('.varve')).map((file) => [file, lstatSync(file).size]));

describe('varve gc', () => {
  it('deletes only with --yes, and the kept runs are read as before', async () => {
    const project = await projectWith(1, 2, 3);
    age(project, 2);
    const before = sizesOf(project);
    const flags = ['--keep-last', '1', '--older', '0s'];
    const shown = expectCode(await project.varve(['gc', ...flags]), 0).stdout;
    expect(shown).toMatch(/^Would delete from .*\nWHAT +COUNT +SIZE +RUNS\nruns +2 .* Big\/2 Big\/1\n/);
    expect(shown).toMatch(/large artifacts +\d+ +20\d kB/);
    expect(shown).toContain('Kept: 1 run (1 among the newest 1 of their flow)');
    expect(shown).toContain('varve gc --yes');
    expect(sizesOf(project)).toEqual(before);
    const done = await project.json<GcDocument>('gc', ...flags, '--yes', '--json');
    expect(done.dryRun).toBe(false);
    expect(done.removed.runs.map(({ number }) => number)).toEqual([2, 1]);
    expect(done.kept).toMatchObject([{ flow: 'Big', number: 3, why: 'last' }]);
    const after = sizesOf(project);
    const gone = [...before].filter(([file]) => !after.has(file) && !file.includes('/records/'));
    expect(gone.reduce((sum, [, size]) => sum + size, 0)).toBe(done.removed.bytes);
    expect(expectCode(await project.varve(['list']), 0).stdout).not.toContain('Big/2');
    expectCode(await project.varve(['show', 'Big/1']), 5);
    expect(await project.json('artifacts', 'get', 'Big/3', 'small')).toBe(3);
    expectCode(await project.varve(['artifacts', 'get', 'Big/3', 'large', '-o', 'large.bin']), 0);
    expectCode(await project.varve(['artifacts', 'get', 'Big/3', 'folder', '-o', 'copy']), 0);
    expect(project.read('copy/b/c.txt')).toBe('c');
    expect(lstatSync(project.path('large.bin')).size).toBe(100_000);
    const again = await project.json<GcDocument>('gc', ...flags, '--yes', '--json');
    expect(again.removed.bytes).toBe(0);
    expect((await project.events(['big.ts', '--seed', '4'])).at(-1)).toMatchObject({ type: 'run-ended' });
  });

  it('keeps results that a kept run has used, and deletes them once no kept run uses them', async () => {
    const project = await projectWith(1, 1, 2);
    const flags = ['--older', '0s', '--yes', '--json'];
    const statusOf = async () => {
      const events = await project.events(['big.ts', '--seed', '1']);
      return events.find((event) => event.type === 'task-ended' && event.step === 'make')?.status;
    };
    age(project, 2);
    expectCode(await project.varve(['runs', 'rm', 'Big/3']), 0);
    const gone = await project.json<GcDocument>('gc', '--keep-last', '1', ...flags);
    expect(gone.removed.runs.map(({ number }) => number)).toEqual([1]);
    expect(gone.removed.pages.count).toBe(1);
    expect(await statusOf()).toBe('cached');
    expect(await project.json('artifacts', 'get', '@last', 'small')).toBe(1);
    age(project, 2);
    await project.json<GcDocument>('gc', '--keep-last', '0', ...flags);
    expect(await statusOf()).toBe('succeeded');
  });

  it('keeps the newest ten runs and those younger than thirty days by default', async () => {
    const project = await projectWith(1, 2);
    const plan = await project.json<GcDocument>('gc', '--json');
    expect(plan).toMatchObject({ dryRun: true, removed: { runs: [] } });
    const young = await project.json<GcDocument>('gc', '--json', '--keep-last', '0');
    expect(young.kept.map(({ why }) => why)).toEqual(['young', 'young']);
    for (const wrong of [
      ['--older', 'long'],
      ['--keep-last', '-1'],
      ['--yes', '--dry-run'],
    ])
      expectNoStack(expectCode(await project.varve(['gc', ...wrong]), 2));
  });

  it('deletes old compiled flows and old local copies', async () => {
    const project = await projectWith(1);
    const old = [
      ...['.varve/build/flow-old.mjs', '.varve/copies/dir/sha256/ab/x', '.varve/cache/loaded-0.json'].map((path) =>
        project.path(path),
      ),
    ];
    for (const file of old) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, 'x');
    }
    const then = Date.now() / 1000 - 40 * 86_400;
    for (const file of [...old, dirname(old[1] ?? '')]) utimesSync(file, then, then);
    const built = readdirSync(project.path('.varve/build')).length;
    expect((await project.json<GcDocument>('gc', '--json')).removed.local).toEqual({ count: 3, bytes: 3 });
    expectCode(await project.varve(['gc', '--yes']), 0);
    expect(old.map((file) => existsSync(file))).toEqual([false, false, false]);
    expect(readdirSync(project.path('.varve/build')).length).toBe(built - 1);
  });

  it('keeps what is known of the modules of a flow that still runs, however long ago it was written', async () => {
    const project = await projectWith(1);
    const known = () => readdirSync(project.path('.varve/cache')).filter((name) => name.startsWith('loaded-'));
    expect(known()).not.toEqual([]);
    const then = Date.now() / 1000 - 40 * 86_400;
    for (const name of known()) utimesSync(project.path(`.varve/cache/${name}`), then, then);
    const before = known();
    expectCode(await project.varve(['run', 'big.ts', '--seed', '2', '-q']), 0);
    expectCode(await project.varve(['gc', '--yes']), 0);
    expect(known()).toEqual(before);
  });

  it('deletes nothing while a run is going on, and that run cannot be removed', async () => {
    const project = await projectWith(1);
    const slow = project.start(['run', 'slow.ts']);
    await slow.said('under way');
    try {
      const refused = expectCode(await project.varve(['gc', '--yes', '--keep-last', '0', '--older', '0s']), 4);
      expect(refused.stderr).toContain('VARVE_GC_LIVE');
      expectNoStack(refused);
      expect(expectCode(await project.varve(['gc']), 0).stdout).toContain('Runs are going on');
      expect(expectCode(await project.varve(['runs', 'rm', 'Slow/1']), 2).stderr).toContain('VARVE_RUN_LIVE');
      expect(expectCode(await project.varve(['show', 'Big/1']), 0).stdout).toContain('succeeded');
    } finally {
      slow.child.kill('SIGKILL');
      await slow.ended;
    }
  });

  it('makes a new run wait until it has ended, with a message', async () => {
    const project = await projectWith();
    const body = JSON.stringify({ host: 'other', pid: 77, takenAt: Date.now(), token: 't' });
    const hash = createHash('sha256').update(body).digest('hex');
    const lease = project.path('.varve/store/leases/gc/00000000');
    mkdirSync(dirname(lease), { recursive: true });
    writeFileSync(lease, `varve-lease 1 ${hash} ${body.length}\n${body}`);
    expect(expectCode(await project.varve(['gc', '--yes']), 4).stderr).toContain('VARVE_GC_BUSY');
    const run = project.start(['run', 'big.ts']);
    await run.said('waiting for varve gc to end: process 77 on other');
    expect(existsSync(project.path('.varve/store/records'))).toBe(false);
    rmSync(lease);
    expectCode(await run.ended, 0);
    expect(run.output.stderr).toContain('Big #1');
  });

  it('removes only runs, with the reason, when it cannot read all references', async () => {
    const project = await projectWith(1, 2);
    age(project, 2);
    const id = (await project.json<{ run: { id: string } }>('show', 'Big/2', '--json')).run.id;
    const batch = project.path(`.varve/store/runs/_big/${id}/batch/00000000`);
    writeFileSync(batch, 'damaged');
    const result = expectCode(await project.varve(['gc', '--yes', '--keep-last', '1', '--older', '0s']), 4);
    expect(result.stderr).toMatch(new RegExp(`VARVE_GC_UNREADABLE[^]*runs/_big/${id}/batch/00000000[^]*varve runs rm`));
    expect(filesUnder(project.path('.varve/store/cas')).length).toBeGreaterThan(4);
    expectCode(await project.varve(['runs', 'rm', 'Big/2']), 0);
    expectCode(await project.varve(['gc', '--yes', '--keep-last', '1', '--older', '0s']), 0);
    expect(filesUnder(project.path('.varve/store/cas'))).toEqual([]);
  });
});

describe('varve runs rm, pin and unpin', () => {
  const outputOf =
    (project: Project) =>
    async (...args: string[]) =>
      expectCode(await project.varve(args), 0).stdout;

  it('keep a pinned run until it is unpinned', async () => {
    const project = await projectWith(1, 2);
    const out = outputOf(project);
    expect(await out('pin', 'Big/1', '--reason', 'in the paper')).toBe('Big/1 is pinned\n');
    expect(await out('pin', 'Big/1')).toBe('Big/1 was pinned before\n');
    expect(await out('list')).toMatch(/Big\/1 .*\(pinned\)/);
    const { runs } = await project.json<{ runs: { pinned?: true }[] }>('list', '--json');
    expect(runs.map(({ pinned }) => pinned)).toEqual([undefined, true]);
    const plan = await project.json<GcDocument>('gc', '--json', '--keep-last', '1', '--older', '0s');
    expect(plan.kept.map(({ number, why }) => [number, why])).toEqual([
      [2, 'last'],
      [1, 'pinned'],
    ]);
    expect(await out('unpin', 'Big/1')).toBe('Big/1 is unpinned\n');
    expect(await out('unpin', 'Big/1')).toBe('Big/1 was unpinned before\n');
    expectCode(await project.varve(['pin', 'Big/2/make']), 2);
  });

  it('remove all named runs or none', async () => {
    const project = await projectWith(1, 2);
    const out = outputOf(project);
    await out('pin', 'Big/1');
    const refused = expectCode(await project.varve(['runs', 'rm', 'Big/2', 'Big/1']), 2);
    expect(refused.stderr).toContain('VARVE_RUN_PINNED');
    expectCode(await project.varve(['runs', 'rm', 'Big/2', 'Big/9']), 5);
    expect(await out('runs', 'rm', 'Big/2', '--dry-run')).toContain('would remove Big/2');
    expect(await out('list')).toContain('Big/2');
    expect(await out('runs', 'rm', 'Big/1', 'Big/2', '--force')).toMatch(/^removed Big\/1\nremoved Big\/2\n.*varve gc/);
    expect(await out('list')).toContain('No runs');
    expect(filesUnder(project.path('.varve/store/pins'))).toEqual([]);
  });
});
