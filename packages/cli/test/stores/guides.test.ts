import { cpSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { S3Double } from '@varve/test-servers/s3';
import { S3Double as Double } from '@varve/test-servers/s3';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { storeFiles } from '../support/cached-run.ts';
import { outcomeOf } from '../support/outcome.ts';
import { expectCode } from '../support/project.ts';
import { CopyProject, listed } from './copy-project.ts';

// Each test starts several processes, which is slow on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

const open: S3Double[] = [];
afterEach(async () => {
  for (const double of open.splice(0)) await double.close();
});

/** A service with the bucket of the guides. */
async function bucket(): Promise<S3Double> {
  const double = await Double.start({ buckets: ['acme-varve', 'acme-archive'] });
  open.push(double);
  return double;
}

function guide(name: string): string {
  return readFileSync(fileURLToPath(new URL(`../../../../docs/guide/${name}.md`, import.meta.url)), 'utf8');
}

/** The configs in a guide, in its order. */
function configs(name: string): string[] {
  return [...guide(name).matchAll(/^ *```ts\n( *\/\/ varve\.config\.ts\n[\s\S]*?)^ *```/gm)].map(
    ([, text = '']) => text,
  );
}

/** Commands of a guide that begin so, without comments. */
function commands(name: string, begin: string): string[][] {
  const lines = guide(name).split('\n');
  const found = lines.map((line) =>
    line.replace(/^\s*- run: |\s*- npx(?= )/, (start) => (start.includes('run') ? '' : 'npx')).trim(),
  );
  return found
    .filter((line) => line.startsWith(`npx varve ${begin}`))
    .map((line) =>
      line
        .replace(/\s+#.*$/, '')
        .split(' ')
        .slice(2),
    );
}

function checkout(double: S3Double, config: string): CopyProject {
  const project = new CopyProject(double);
  rmSync(project.path('varve.config.mjs'));
  project.write('varve.config.ts', config);
  return project;
}

describe('the guide "A team on one bucket"', () => {
  it('is true: the history one has, the bucket, hits, a colleague, copies near at hand, cleaning up, copying', async () => {
    const double = await bucket();
    const [plain = '', near = ''] = configs('a-team-on-one-bucket');
    const [ada, ben] = [checkout(double, plain), checkout(double, plain)];
    ben.write('team.ts', ada.read('team.ts'));
    const config = ada.read('varve.config.ts');
    rmSync(ada.path('varve.config.ts'));
    await outcomeOf(ada, ['run', 'team.ts']);
    ada.write('varve.config.ts', config);
    const [check = [], bring = []] = [
      ...commands('a-team-on-one-bucket', 'check-store'),
      ...commands('a-team-on-one-bucket', 'store copy ./.varve'),
    ];
    expectCode(await ada.varve(check), 0);
    expect(bring).toEqual(['store', 'copy', './.varve/store', 'default']);
    expectCode(await ada.varve(bring), 0);
    expect(double.keys('acme-varve').every((key) => key.startsWith('penguins/'))).toBe(true);
    expect(await outcomeOf(ben, ['run', 'team.ts'])).toMatchObject({ number: 2, executed: [] });
    ada.write('~broken', '');
    await outcomeOf(ada, ['run', 'team.ts', '--base', '2'], 1);
    rmSync(ada.path('~broken'));
    expect((await outcomeOf(ben, ['resume', 'Team/3'])).executed).toEqual(['end']);
    ben.write('varve.config.ts', near);
    expect(await outcomeOf(ben, ['run', 'team.ts'])).toMatchObject({ executed: [] });
    expect(await ben.json('artifacts', 'get', 'Team/1', 'report')).toBe('report of 6');
    const [gc = []] = commands('a-team-on-one-bucket', 'gc');
    expectCode(await ben.varve(gc), 0);
    const copies = commands('a-team-on-one-bucket', 'store copy').slice(1);
    expect(copies).toHaveLength(4);
    for (const words of copies) {
      const command = words.map((word) => (word === 'team' ? 'default' : word));
      expectCode(await ben.varve(command), 0);
    }
    expect(double.keys('acme-archive').some((key) => key.startsWith('2026/records/'))).toBe(true);
    expect(storeFiles(ben, 'records', 'some')).toHaveLength(3);
  });
});

describe('the guide "Cache in CI"', () => {
  it('is true: jobs with the bucket, a folder that main leaves, a pull request without credentials', async () => {
    const double = await bucket();
    const [config = ''] = configs('cache-in-ci');
    const team = { VARVE_PROFILE: 'team', GITHUB_ACTIONS: 'true', TZ: 'UTC' };
    const [first, main] = [checkout(double, config), checkout(double, config)];
    main.write('team.ts', first.read('team.ts'));
    expectCode(await first.varve(['run', 'team.ts'], team), 0);
    const job = expectCode(await main.varve(['run', 'team.ts'], team), 0);
    expect(job.stdout + job.stderr).toContain('0 ran');
    const leave = commands('cache-in-ci', 'store copy').find((words) => words.includes('--keep-last')) ?? [];
    expect(leave.slice(0, 4)).toEqual(['store', 'copy', 'team', './.varve/store']);
    expectCode(await main.varve(leave, { ...team }), 0);

    const fork = new CopyProject();
    rmSync(fork.path('varve.config.mjs'));
    fork.write('varve.config.ts', config);
    fork.write('team.ts', main.read('team.ts'));
    // What the CI does: it keeps the folder, and puts it back.
    cpSync(main.path('.varve/store'), fork.path('.varve/store'), { recursive: true, preserveTimestamps: true });
    const before = double.requests.length;
    expect((await outcomeOf(fork, ['run', 'team.ts'])).executed).toEqual([]);
    expect(double.requests.length).toBe(before);
    for (const gc of commands('cache-in-ci', 'gc')) expectCode(await fork.varve(gc), 0);
    expect(await listed(main, 'team')).toEqual(['Team/2', 'Team/1']);
  });

  it('names the reason of a miss, and what a result has read', async () => {
    const double = await bucket();
    const project = checkout(double, configs('cache-in-ci')[0] ?? '');
    const team = { VARVE_PROFILE: 'team' };
    await project.varve(['run', 'team.ts'], team);
    project.write('team.ts', project.read('team.ts').replace("'report of '", "'the report of '"));
    const { stdout, stderr } = expectCode(await project.varve(['run', 'team.ts'], team), 0);
    expect(stdout + stderr).toMatch(/end {2}started {3}← code: .*team\.ts changed/);
    expect(expectCode(await project.varve(['cache', 'show', 'Team/1/sum', '--profile', 'team']), 0).stdout).toContain(
      'left',
    );
    expectCode(await project.varve(['fingerprint', 'team.ts', '--step', 'sum', '--tree']), 0);
  });
});
