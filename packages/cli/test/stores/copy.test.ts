import { existsSync, rmSync, utimesSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { storeFiles } from '../support/cached-run.ts';
import { outcomeOf } from '../support/outcome.ts';
import { expectCode, expectNoStack } from '../support/project.ts';
import { CopyProject, Doubles, listed, viewOf } from './copy-project.ts';

// Each test starts several processes, which is slow on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

const doubles = new Doubles();
afterEach(() => doubles.close());

const PROFILES = (gcs: string) => `{ profiles: {
  back: { datastore: fsStore({ root: 'back' }) },
  amazon: { datastore: s3Store({ bucket: 'varve', prefix: 'team/penguins' }) },
  google: { datastore: gcsStore({ bucket: 'bucket', prefix: 'team', apiEndpoint: '${gcs}' }) },
} }`;

/** A project with a run that succeeded, one that failed, and a pin; its store is `.varve/store`. */
async function filled(project: CopyProject): Promise<void> {
  await outcomeOf(project, ['run', 'team.ts', '--tag', 'paper']);
  project.write('~broken', '');
  await outcomeOf(project, ['run', 'team.ts', '--base', '2'], 1);
  rmSync(project.path('~broken'));
  expectCode(await project.varve(['pin', 'Team/1']), 0);
}

describe('varve store copy', () => {
  it('takes a history from a folder to S3, on to Google, and back, and every command says the same there', async () => {
    const project = new CopyProject(await doubles.s3(), PROFILES((await doubles.gcs()).url));
    await filled(project);
    project.configure(
      PROFILES((await doubles.gcs()).url).replace(
        'profiles: {',
        "profiles: { first: { datastore: fsStore({ root: '.varve/store' }) },",
      ),
    );
    const first = await project.copy('default', 's3://varve/team/penguins');
    expect(first).toMatchObject({ complete: true, skipped: { objects: 0 }, notCopied: [] });
    expect(first.runs.map(({ flow, number }) => `${flow}/${number}`)).toEqual(['Team/1', 'Team/2']);
    for (const [from, to] of [
      ['amazon', 'google'],
      ['google', './back'],
    ] as const) {
      const next = await project.copy(from, to);
      expect(next.copied, `${from} to ${to}`).toEqual(first.copied);
    }
    const here = await viewOf(project, 'first');
    for (const profile of ['amazon', 'google', 'back']) expect(await viewOf(project, profile), profile).toEqual(here);
  });

  it('gives the next run every result, and goes on with a run that failed', async () => {
    const project = new CopyProject(undefined, PROFILES('http://127.0.0.1:1'));
    await filled(project);
    await project.copy('default', 'back');
    rmSync(project.path('.varve/store'), { recursive: true });
    expect(await outcomeOf(project, ['run', 'team.ts', '--profile', 'back'])).toMatchObject({
      number: 3,
      executed: [],
    });
    const resumed = await outcomeOf(project, ['resume', 'Team/2', '--profile', 'back']);
    expect(resumed).toMatchObject({ number: 4, executed: ['end'] });
    expect(await project.json('artifacts', 'get', 'Team/4', 'report', '--profile', 'back')).toBe('report of 12');
    expect(expectCode(await project.varve(['cache', 'verify', '--profile', 'back']), 0).stdout).toContain('all sound');
    expectCode(await project.varve(['spin', 'end', '--from', 'Team/1', '--profile', 'back']), 0);
  });

  it('sends nothing twice, adds what is new, and leaves what the target has of its own', async () => {
    const project = new CopyProject(undefined, PROFILES('http://127.0.0.1:1'));
    await outcomeOf(project, ['run', 'team.ts']);
    await project.copy('default', 'back');
    expect(await project.copy('default', 'back')).toMatchObject({ runs: [], copied: { objects: 0 }, complete: true });
    await outcomeOf(project, ['run', 'team.ts', '--base', '3']);
    const more = await project.copy('default', 'back');
    expect(more.runs.map(({ number }) => number)).toEqual([2]);
    project.write('other.ts', project.read('team.ts').replaceAll('Team', 'Other'));
    await outcomeOf(project, ['run', 'other.ts', '--profile', 'back']);
    await project.copy('default', 'back');
    expect((await listed(project, 'back')).sort()).toEqual(['Other/1', 'Team/1', 'Team/2']);
    expect(await project.copy('back', 'default'), 'and back again').toMatchObject({
      runs: [{ flow: 'Other' }],
      complete: true,
    });
  });

  it('keeps the age of results, their withdrawals, the pins and the numbers of runs that are gone', async () => {
    const project = new CopyProject(undefined, PROFILES('http://127.0.0.1:1'));
    await filled(project);
    await outcomeOf(project, ['run', 'team.ts', '--base', '5']);
    expectCode(await project.varve(['runs', 'rm', 'Team/3']), 0);
    expectCode(await project.varve(['cache', 'invalidate', 'Team/1/end']), 0);
    const past = Date.now() / 1000 - 7200;
    for (const page of storeFiles(project, 'cache/v1')) utimesSync(page, past, past);
    await project.copy('default', 'back');
    const at = ['--profile', 'back'];
    expect(expectCode(await project.varve(['list', ...at]), 0).stdout).toContain('(pinned)');
    const old = await outcomeOf(project, ['run', 'team.ts', '--max-age', '1h', ...at]);
    expect(old.number, 'after the number of a run that was removed').toBe(4);
    expect(old.executed).toHaveLength(6);
    rmSync(project.path('back'), { recursive: true });
    await project.copy('default', 'back');
    expect((await outcomeOf(project, ['run', 'team.ts', ...at])).executed, 'was withdrawn').toEqual(['end']);
  });

  it('only reads from its source, also when it is in a bucket', async () => {
    const s3 = await doubles.s3();
    const project = new CopyProject(s3, PROFILES('http://127.0.0.1:1'));
    await outcomeOf(project, ['run', 'team.ts']);
    await project.copy('default', 'amazon');
    const before = s3.requests.length;
    await project.copy('amazon', 'back');
    const calls = new Set(s3.requests.slice(before).map(({ operation }) => operation));
    expect([...calls].sort()).toEqual(['GetObject', 'ListObjectsV2']);
  });

  it('writes nothing with --dry-run, and says the same as the copy', async () => {
    const project = new CopyProject(undefined, PROFILES('http://127.0.0.1:1'));
    await filled(project);
    const plan = await project.copy('default', './back', 0, '--dry-run');
    expect(existsSync(project.path('back'))).toBe(false);
    const done = await project.copy('default', './back');
    expect([plan.copied, plan.runs]).toEqual([done.copied, done.runs]);
    const said = expectCode(await project.varve(['store', 'copy', 'default', './again', '--dry-run']), 0);
    expect(said.stdout).toMatch(/would copy 2 runs \(Team\/1 Team\/2\): \d+ objects, .* kB\nNothing was written/);
  });

  it('refuses to mix two histories, names both, and changes nothing', async () => {
    const project = new CopyProject(undefined, PROFILES('http://127.0.0.1:1'));
    await outcomeOf(project, ['run', 'team.ts']);
    await outcomeOf(project, ['run', 'team.ts', '--profile', 'back']);
    const before = storeFiles(project, '', 'back').sort();
    for (const more of [[], ['--dry-run']]) {
      const result = expectCode(await project.varve(['store', 'copy', 'default', 'back', ...more]), 4);
      expectNoStack(result);
      expect(result.stderr).toContain('VARVE_COPY_CONFLICT');
      expect(result.stderr).toMatch(
        /Team\/1 is run \w{26} of 20\S+Z in fs:\S+\.varve\/store, but run \w{26} of 20\S+Z in fs:\S+back/,
      );
      expect(storeFiles(project, '', 'back').sort()).toEqual(before);
    }
  });

  it('says that results which read variables are not found under the secret of the target', async () => {
    const project = new CopyProject(undefined, PROFILES('http://127.0.0.1:1'));
    project.write('team.ts', project.read('team.ts').replace("'report of '", "process.env.WHO + ' has '"));
    project.write('other.ts', project.read('team.ts').replaceAll('Team', 'Other'));
    project.write('.env', 'WHO=ada\n');
    await outcomeOf(project, ['run', 'team.ts']);
    await outcomeOf(project, ['run', 'other.ts', '--profile', 'back']);
    const { notes, complete } = await project.copy('default', 'back');
    expect([complete, notes]).toEqual([true, [expect.stringMatching(/variables with a secret of its own/)]]);
    expect((await outcomeOf(project, ['run', 'team.ts', '--profile', 'back'])).executed).toEqual(['end']);
  });
});

describe('the names of stores', () => {
  it('are refused in plain words when they name none', async () => {
    const project = new CopyProject(undefined, PROFILES('http://127.0.0.1:1'));
    await outcomeOf(project, ['run', 'team.ts']);
    const cases: readonly (readonly [string, string, number, RegExp])[] = [
      ['beck', 'back', 2, /'beck' names no store: .* the config has back, amazon, google[\s\S]*written \.\/beck/],
      ['default', 'default', 2, /VARVE_COPY_SAME/],
      ['default', './.varve/store', 2, /VARVE_COPY_SAME/],
      ['default', './.varve/store/inner', 2, /VARVE_COPY_NESTED/],
      ['amazon', 's3://varve/team/penguins/inner', 2, /VARVE_COPY_NESTED/],
      ['.', 'back', 2, /is the folder of a project[\s\S]*\.varve\/store/],
      ['http://varve', 'back', 2, /there are no stores of http:/],
      ['s3:/varve', 'back', 2, /write s3:\/\/bucket\/prefix/],
      ['s3://varve?region=x', 'back', 2, /have their place in a profile/],
      ['file://host/x', 'back', 2, /write file:\/\/\/ and an absolute path/],
      ['', 'back', 2, /it is empty/],
      ['default', 'gs://NO_SUCH!', 4, /"bucket" must be the name of a bucket/],
      ['./nowhere', 'back', 5, /nothing to copy: fs:\S+nowhere/],
      ['default', './team.ts', 4, /VARVE_STORE_/],
      ['default', 'back', 2, /--concurrency/],
    ];
    for (const [from, to, code, message] of cases) {
      const more = message.source === '--concurrency' ? ['--concurrency', '0'] : [];
      const result = expectCode(await project.varve(['store', 'copy', from, to, ...more]), code);
      expect(result.stderr, `${from} ${to}`).toMatch(message);
      expectNoStack(result);
    }
    expect(existsSync(project.path('back'))).toBe(false);
    expectCode(await project.varve(['store', 'copy', 'default']), 2);
  });

  it('need the package of a bucket, and say how to get it', async () => {
    const project = new CopyProject();
    rmSync(project.path('node_modules/@varve/store-gcs'));
    project.write('varve.config.mjs', 'export default {};\n');
    const result = expectCode(await project.varve(['store', 'copy', 'default', 'gs://varve']), 4);
    expect(result.stderr).toMatch(/@varve\/store-gcs is not installed[\s\S]*npm install @varve\/store-gcs/);
  });

  it('are refused where runs are recorded elsewhere', async () => {
    const project = new CopyProject();
    project.write(
      'varve.config.mjs',
      `import { definePlugin } from '@varve/core/contract';
export default { metadata: definePlugin({ name: 'elsewhere', provides: { metadata: () => { throw new Error('unused'); } } }) };
`,
    );
    const result = expectCode(await project.varve(['store', 'copy', 'default', './back']), 4);
    expect(result.stderr).toMatch(/records its runs with elsewhere, not in its store\. {2}VARVE_COPY_METADATA/);
  });
});

describe('copyStore', () => {
  it('does the same from code, also between plugins', async () => {
    const project = new CopyProject();
    await outcomeOf(project, ['run', 'team.ts']);
    project.write(
      'copy.mjs',
      `import { fsStore } from '@varve/store-fs';
import { copyStore } from 'varve';
let last;
const done = await copyStore('default', fsStore({ root: 'back' }), { onProgress: (progress) => { last = progress; } });
const again = await copyStore('./back', './third', { concurrency: 2 });
const wrong = await copyStore('default', 7).catch((error) => error.code);
console.log(JSON.stringify([done.complete, done.runs.length, last.done === last.total, again.copied.objects === done.copied.objects, wrong]));
`,
    );
    expect(JSON.parse(expectCode(await project.node('copy.mjs'), 0).stdout)).toEqual([
      true,
      1,
      true,
      true,
      'VARVE_USAGE',
    ]);
  });
});
