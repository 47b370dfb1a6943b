import { rmSync } from 'node:fs';
import { NO_REAL_S3, realS3, S3Double, startS3Process } from '@varve/test-servers/s3';
import type { SeenRequest } from '@varve/test-servers/wire';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { artifactOf, outcomeOf } from '../support/outcome.ts';
import { expectCode, expectNoStack, pause, type Started } from '../support/project.ts';
import { BucketProject, envOf, type Place } from './bucket-project.ts';

// Each test starts several processes, which is slow on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

const FLOW = `import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Flow, param, step, type View } from 'varve';
/** Bytes that no compression makes fewer. */
function noisy(size: number, first: number): Uint8Array {
  const all = new Uint8Array(size);
  for (let i = 0, x = 1; i < size; i++) all[i] = x = (x * 48271) % 2147483647;
  all[0] = first;
  return all;
}
export default class Team extends Flow {
  base = param.int(1);
  items = [0, 1, 2, 3, 4, 5];
  left!: number; total!: number; large!: Uint8Array; report!: string;
  @step({ foreach: 'items' }) each(item: number) { this.left = item * this.base; }
  @step({ join: 'each' }) sum(tasks: readonly View<Team>[]) {
    this.total = tasks.reduce((sum, task) => sum + task.left, 0);
    this.large = noisy(9 * 1024 * 1024, this.base);
  }
  @step({ after: 'sum' }) async end() {
    while (existsSync('wait')) await sleep(10);
    if (existsSync('broken')) throw new Error('the disk of this machine is full');
    this.report = this.total + ' of ' + this.large.length;
  }
}
`;
const EACH = [0, 1, 2, 3, 4, 5].map((index) => `each[${index}]`);
/** Stays: it saves later processes two of three requests. */
const PROBE = 'team/~probe/if-none-match';
const checkout = (place: Place) => new BucketProject(place, { 'team.ts': FLOW });

/** What a team does with one bucket. `age` makes all that is in it older. */
function describeTeam(where: string, open: () => Promise<Place>, age?: () => void): void {
  describe(`two checkouts with one bucket, ${where}`, () => {
    let here: BucketProject;
    let there: BucketProject;
    beforeEach(async () => {
      const place = await open();
      here = checkout(place);
      there = checkout(place);
    });

    it('use the results of each other', async () => {
      const first = await outcomeOf(here, ['run', 'team.ts']);
      expect(first.executed).toHaveLength(8);
      const second = await outcomeOf(there, ['run', 'team.ts']);
      expect(second.number).toBe(first.number + 1);
      expect(second.executed).toEqual([]);
      expect(second.tasks).toMatchObject(Object.fromEntries([...EACH, 'sum', 'end'].map((task) => [task, 'cached'])));
      expect(await artifactOf(there, '@last', 'report')).toBe('15 of 9437184');
      const third = await outcomeOf(there, ['run', 'team.ts', '--base', '2']);
      expect(third.executed).toHaveLength(8);
      expect(await artifactOf(here, '@last', 'total')).toBe(30);
    });

    it('go on with a run of the other that failed', async () => {
      here.write('broken', '');
      await outcomeOf(here, ['run', 'team.ts'], 1);
      const { tasks } = await outcomeOf(there, ['resume']);

      for (const task of [...EACH, 'sum']) expect(tasks[task], task).toBe('cloned');
      expect(tasks.end).toBe('succeeded');
      expect(await artifactOf(here, '@last', 'report')).toBe('15 of 9437184');
    });

    it('may run at the same moment: each run has a number of its own', async () => {
      const runs = [here, there].map((one, at) => outcomeOf(one, ['run', 'team.ts', '--base', `${at + 3}`]));
      const numbers = (await Promise.all(runs)).map(({ number }) => number);
      expect([...numbers].sort()).toEqual([1, 2]);
      const { runs: listed } = await here.json<{ runs: readonly { readonly status: string }[] }>('list', '--json');
      expect(listed.map(({ status }) => status)).toEqual(['succeeded', 'succeeded']);
    });

    it('delete with gc what no kept run needs, and read the others as before', async () => {
      await outcomeOf(here, ['run', 'team.ts']);
      await outcomeOf(here, ['run', 'team.ts', '--base', '2']);
      age?.();
      const flags = ['gc', '--keep-last', '1', '--older', '0s', '--json'];
      const plan = await there.json<{ removed: { runs: { number: number }[] } }>(...flags);
      expect(plan.removed.runs.map(({ number }) => number)).toEqual([1]);
      await there.json(...flags, '--yes');
      expectCode(await here.varve(['show', 'Team/1']), 5);
      expect(await artifactOf(here, 'Team/2', 'report')).toBe('30 of 9437184');
      expect((await outcomeOf(there, ['run', 'team.ts', '--base', '2'])).executed).toEqual([]);
    });
  });
}

const doubles: S3Double[] = [];
const startDouble = async (): Promise<Place> => {
  const double = await S3Double.start();
  doubles.push(double);
  return { url: double.url, bucket: 'varve', ...double.account };
};
afterEach(async () => {
  for (const double of doubles.splice(0)) await double.close();
});

describeTeam('on the double', startDouble, () => doubles.at(-1)?.age(3 * 3_600_000));

const real = await realS3();
if (real) describeTeam('on a real server', async () => ({ ...real, ...(await realS3()) }));
else it('two checkouts with one bucket, on a real server', ({ skip }) => skip(NO_REAL_S3));

/** Starts a run that waits in its last step for the file `wait` to go. */
async function atTheLastStep(project: BucketProject): Promise<Started> {
  project.write('wait', '');
  const run = project.start(['run', 'team.ts', '--json']);
  const ended = () => run.output.stdout.match(/"type":"task-ended"/g)?.length ?? 0;
  while (ended() < 7 && run.child.exitCode === null) await pause(20);
  expect(ended(), run.output.stderr).toBe(7);
  return run;
}

describe('a run on a bucket', () => {
  it('ends well although the service fails, stalls and loses answers on the way', async () => {
    const place = await startDouble();
    const [double] = doubles;
    let count = 0;
    // The answer to the first request of an upload is its only name: without it nobody can abort the upload.
    const everySeventh = ({ operation }: SeenRequest) => operation !== 'CreateMultipartUpload' && ++count % 7 === 0;
    double?.faults.add({ on: everySeventh, fault: { kind: 'lost-ack', by: 'rst' }, times: 8 });
    double?.faults.add({ on: everySeventh, fault: { kind: 'drop' }, times: 8 });
    double?.faults.add({ on: everySeventh, fault: { kind: 'cut', by: 'fin', after: 10 }, times: 8 });
    const project = checkout(place);
    expect((await outcomeOf(project, ['run', 'team.ts'])).executed).toHaveLength(8);
    double?.faults.clear();
    expect(await artifactOf(project, '@last', 'report')).toBe('15 of 9437184');
    expect(double?.openUploads()).toBe(0);
  });

  it('that is killed leaves what it had finished to another checkout', async () => {
    const place = await startDouble();
    const run = await atTheLastStep(checkout(place));
    process.kill(-(run.child.pid ?? 0), 'SIGKILL');
    await run.ended;
    doubles[0]?.age(60_000);
    const { tasks } = await outcomeOf(checkout(place), ['resume']);
    for (const task of [...EACH, 'sum']) expect(tasks[task], task).toBe('cloned');
    expect(tasks.end).toBe('succeeded');
  });

  it('ends with a clear error when the service is gone for good', async () => {
    const { url, kill } = await startS3Process();
    const place = { url, bucket: 'varve', accessKeyId: 'double-key', secretAccessKey: 'double-secret' };
    const project = checkout(place);
    const run = await atTheLastStep(project);
    await kill();
    rmSync(project.path('wait'));
    const result = await run.ended;
    expect(result.code, result.stderr).not.toBe(0);
    const said = `${result.stdout}${result.stderr}`;
    expect(said).toContain('s3://varve/team');
    expect(said).toMatch(/cannot be reached|connection broke/);
    expectNoStack(result);
  });

  it('says what is wrong with its credentials, and never shows them', async () => {
    const place = await startDouble();
    const result = await checkout({ ...place, secretAccessKey: 'a-mistyped-secret' }).varve(['run', 'team.ts']);
    expectCode(result, 4);
    expect(result.stderr).toContain('VARVE_STORE_PERMISSION_DENIED');
    expect(result.stderr).toContain('The credentials are wrong');
    expect(result.stderr).not.toContain('a-mistyped-secret');
    expectNoStack(result);
  });

  it('is refused, before anything of it can be seen, by a server that overwrites', async () => {
    const double = await S3Double.start({ conditions: 'ignored' });
    doubles.push(double);
    const result = await checkout({ url: double.url, bucket: 'varve', ...double.account }).varve(['run', 'team.ts']);
    expectCode(result, 4);
    expect(result.stderr).toContain('VARVE_STORE_UNSUPPORTED');
    expect(result.stderr).toContain('Use a server that keeps it');
    expect(double.keys().filter((key) => !key.endsWith('/live'))).toEqual([PROBE]);
  });

  it('is refused with all mistakes in the options of the store', async () => {
    const place = await startDouble();
    const project = checkout(place);
    project.write('varve.config.ts', project.read('varve.config.ts').replace("'team'", "'/team', buckett: 'x'"));
    const result = expectCode(await project.varve(['run', 'team.ts']), 4);
    expect(result.stderr).toContain('has no option buckett');
    expect(result.stderr).toContain('prefix has to be like');
    expectNoStack(result);
  });
});

describe('varve check-store', () => {
  it('proves a bucket with the cases that every store must pass', async () => {
    const place = await startDouble();
    const project = checkout(place);
    const { stdout } = expectCode(await project.varve(['check-store', '--no-heavy'], envOf(place)), 0);
    expect(stdout).toContain('s3://varve/team');
    expect(doubles[0]?.keys()).toEqual([PROBE]);
  });
});

afterAll(async () => {
  for (const double of doubles.splice(0)) await double.close();
});
