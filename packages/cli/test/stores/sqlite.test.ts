import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { ageHeartbeats } from '../support/heartbeats.ts';
import { expectCode, expectNoStack, Project, pause } from '../support/project.ts';

// Each test starts several processes, which is slow on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const FLOW = `import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Flow, param, step, type View } from 'varve';
export default class Counted extends Flow {
  base = param.int(1);
  items = [0, 1, 2, 3];
  left!: number; total!: number;
  @step({ foreach: 'items', cache: false, concurrency: 4 }) async each(item: number) {
    while (item > 1 && existsSync('wait')) await sleep(10, undefined, { signal: this.run.signal });
    this.left = item * this.base;
  }
  @step({ join: 'each' }) sum(tasks: readonly View<Counted>[]) {
    if (this.base === 13) throw new Error('unlucky');
    this.total = tasks.reduce((sum, task) => sum + task.left, 0);
  }
}
`;
const METADATA = `import { sqliteMetadata } from '@varve/metadata-sqlite';
export default { metadata: sqliteMetadata() };
`;
const INDEX = `import { sqliteIndex } from '@varve/metadata-sqlite';
export default { index: sqliteIndex() };
`;

const REBUILD = `import { updateIndex } from 'varve';
console.log(JSON.stringify(await updateIndex({ rebuild: true })));
`;

const run = (project: Project, base: number, code = 0) =>
  project
    .varve(['run', 'flow.ts', '-q', '--base', String(base), '--tag', `b${base}`])
    .then((it) => expectCode(it, code));

interface Listed {
  readonly runs: readonly { readonly record: { readonly number: number }; readonly status: string }[];
}

async function list(project: Project, ...options: readonly string[]): Promise<string> {
  const { runs } = await project.json<Listed>('list', '--json', ...options);
  return runs.map(({ record, status }) => `${record.number} ${status}`).join(', ');
}

describe('a history in SQLite', () => {
  it('is written, listed by what is asked for, shown, and removed', async () => {
    const project = new Project({ 'flow.ts': FLOW, 'varve.config.mjs': METADATA });
    await run(project, 1);
    await run(project, 13, 1);
    await Promise.all([run(project, 2), run(project, 3)]);
    expect(await list(project)).toMatch(/^4 succeeded, 3 succeeded, 2 failed, 1 succeeded$/);
    expect(await list(project, '--status', 'failed')).toBe('2 failed');
    expect(await list(project, '--tag', 'b1', '--param', 'base=1')).toBe('1 succeeded');
    expect(await project.json('artifacts', 'get', 'Counted/1', 'total')).toBe(6);
    const refused = expectCode(await project.varve(['index']), 4);
    expect(refused.stderr).toContain('VARVE_NO_INDEX');
    expect(refused.stderr).toContain('SQLite in .varve/runs.db');
    expectCode(await project.varve(['runs', 'rm', 'Counted/1']), 0);
    expect(await list(project, '--tag', 'b1')).toBe('');
    expectCode(await project.varve(['gc', '--yes', '--keep-last', '1', '--older', '0s']), 0);
    expect(await list(project)).toBe('4 succeeded');
  });

  it('has every finished task of a run that was killed, so that it is resumed', async () => {
    const project = new Project({ 'flow.ts': FLOW, 'varve.config.mjs': METADATA, wait: '' });
    const killed = project.start(['run', 'flow.ts', '--json', '--base', '2']);
    while (!/task-ended.*task-ended/s.test(killed.output.stdout) && killed.child.exitCode === null) await pause(10);
    process.kill(-(killed.child.pid ?? 0), 'SIGKILL');
    await killed.ended;
    ageHeartbeats(project.store);
    expect(await list(project)).toBe('1 lost');
    rmSync(project.path('wait'));
    const resumed = expectCode(await project.varve(['resume', '--json']), 0);
    expect(resumed.stdout.match(/"status":"cloned"/g)).toHaveLength(2);
    expect(await project.json('artifacts', 'get', '@last', 'total')).toBe(12);
    expect(await list(project)).toBe('2 succeeded, 1 lost');
  });

  it('that is damaged is named, with the mend', async () => {
    const project = new Project({ 'flow.ts': FLOW, 'varve.config.mjs': METADATA });
    await run(project, 1);
    const file = project.path('.varve/runs.db');
    writeFileSync(file, readFileSync(file).fill('no database at all '));
    for (const args of [['list'], ['run', 'flow.ts']]) {
      const result = expectCode(await project.varve(args), 4);
      expect(result.stderr).toContain('VARVE_DATABASE_DAMAGED');
      expect(result.stderr).toContain('Put the file back from a backup');
      expectNoStack(result);
    }
  });
});

describe('varve index', () => {
  it('says which package it needs', async () => {
    const { stderr } = expectCode(await new Project().varve(['index']), 4);
    expect(stderr).toContain('VARVE_NO_INDEX');
    expect(stderr).toContain('npm install @varve/metadata-sqlite');
    const both = `import { sqliteIndex, sqliteMetadata } from '@varve/metadata-sqlite';
export default { index: sqliteIndex(), metadata: sqliteMetadata() };`;
    const refused = expectCode(await new Project({ 'varve.config.mjs': both }).varve(['list']), 4);
    expect(refused.stderr).toContain('index is of the runs in the datastore, and metadata keeps them elsewhere');
  });

  it('reads what is new, and lists are right before and after it', async () => {
    const project = new Project({ 'flow.ts': FLOW, 'varve.config.mjs': INDEX, 'index.mjs': REBUILD });
    const update = (...more: readonly string[]) => project.json<Record<string, unknown>>('index', '--json', ...more);
    await run(project, 1);
    await run(project, 13, 1);
    expect(await update()).toMatchObject({ runs: 2, added: 2, removed: 0, unfinished: 0, rebuilt: false });
    expect(await update()).toMatchObject({ runs: 2, added: 0, ended: 0, removed: 0 });
    await run(project, 2);
    expectCode(await project.varve(['runs', 'rm', 'Counted/1']), 0);
    for (const changes of [
      { runs: 2, added: 1, removed: 1 },
      { runs: 2, added: 0, removed: 0 },
    ]) {
      expect(await list(project, '--tag', 'b2')).toBe('3 succeeded');
      expect(await list(project, '--status', 'failed', '--param', 'base=13')).toBe('2 failed');
      expect(await update()).toMatchObject(changes);
    }
    const [one, other] = await Promise.all([update('--rebuild'), project.node('index.mjs')]);
    expect(one).toMatchObject({ rebuilt: true });
    expect(JSON.parse(expectCode(other, 0).stdout)).toMatchObject({ removed: 0, damaged: [] });
    const { stdout } = expectCode(await project.varve(['index']), 0);
    expect(stdout).toContain('✔ 2 runs: ');
    expect(await list(project)).toBe('3 succeeded, 2 failed');
  });

  it('makes a damaged index anew, which no list has taken an answer from', async () => {
    const project = new Project({ 'flow.ts': FLOW, 'varve.config.mjs': INDEX });
    await run(project, 1);
    expectCode(await project.varve(['index']), 0);
    const folder = project.path('.varve/index');
    const file = join(folder, readdirSync(folder).find((name) => name.endsWith('.db')) ?? '');
    writeFileSync(file, readFileSync(file).fill(0xff, 2_000));
    const refused = expectCode(await project.varve(['list', '--tag', 'b1']), 4);
    expect(refused.stderr).toContain('VARVE_DATABASE_DAMAGED');
    expect(refused.stderr).toContain('varve index --rebuild');
    const { stdout } = expectCode(await project.varve(['index', '--rebuild']), 0);
    expect(stdout).toContain('1 run: made anew, 1 added');
    expect(await list(project, '--tag', 'b1')).toBe('1 succeeded');
  });
});
