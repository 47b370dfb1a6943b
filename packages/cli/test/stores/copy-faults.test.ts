import { readFileSync, rmSync } from 'node:fs';
import type { SeenRequest } from '@varve/test-servers/wire';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { flipByte, storeFiles } from '../support/cached-run.ts';
import { outcomeOf } from '../support/outcome.ts';
import { expectCode, expectNoStack, pause } from '../support/project.ts';
import { CopyProject, Doubles, type ListedRun, listed } from './copy-project.ts';

// Each test starts several processes, which is slow on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

const doubles = new Doubles();
afterEach(() => doubles.close());

const AMAZON =
  "{ profiles: { amazon: { datastore: s3Store({ bucket: 'varve', prefix: 'team' }) }, back: { datastore: fsStore({ root: 'back' }) } } }";
const isBlob = ({ operation, key }: SeenRequest) => operation === 'PutObject' && key.startsWith('team/cas/');

async function filled(): Promise<{ project: CopyProject; s3: Awaited<ReturnType<Doubles['s3']>> }> {
  const s3 = await doubles.s3();
  const project = new CopyProject(s3, AMAZON);
  for (const base of ['1', '2']) await outcomeOf(project, ['run', 'team.ts', '--base', base]);
  return { project, s3 };
}

const sound = async (project: CopyProject, profile: string) =>
  expect(expectCode(await project.varve(['cache', 'verify', '--profile', profile]), 0).stdout).toContain('all sound');

describe('a copy that is stopped', () => {
  it('by kill -9 leaves no run that lacks anything, and goes on', async () => {
    const { project, s3 } = await filled();
    let sent = 0;
    // The first blobs pass, so that there is something that must not be sent twice.
    s3.faults.add({
      on: (request) => isBlob(request) && ++sent > 6,
      fault: { kind: 'delay', ms: 60_000 },
      times: 1_000,
    });
    const copy = project.start(['store', 'copy', 'default', 'amazon', '--concurrency', '2']);
    while (sent < 7 && copy.child.exitCode === null) await pause(20);
    process.kill(-(copy.child.pid ?? 0), 'SIGKILL');
    await copy.ended;
    expect(s3.keys().some((key) => key.startsWith('team/cas/'))).toBe(true);
    expect(s3.keys().filter((key) => /^team\/(records|cache\/v1)/.test(key))).toEqual([]);
    expect(expectCode(await project.varve(['list', '--profile', 'amazon']), 0).stdout).not.toContain('Team');
    s3.faults.clear();
    const rest = await project.copy('default', 'amazon');
    expect(rest).toMatchObject({ complete: true, runs: [{ number: 1 }, { number: 2 }] });
    expect(rest.skipped.objects).toBeGreaterThan(0);
    expect((await outcomeOf(project, ['run', 'team.ts', '--profile', 'amazon'])).executed).toEqual([]);
    await sound(project, 'amazon');
  });

  it('by Ctrl-C says so, ends with 130, and leaves no heartbeat', async () => {
    const { project, s3 } = await filled();
    let sent = 0;
    s3.faults.add({
      on: (request) => isBlob(request) && ++sent > 2,
      fault: { kind: 'delay', ms: 3_000 },
      times: 1_000,
    });
    const copy = project.start(['store', 'copy', 'default', 'amazon']);
    while (sent < 3 && copy.child.exitCode === null) await pause(20);
    copy.child.kill('SIGINT');
    const { stderr } = expectCode(await copy.ended, 130);
    expect(stderr).toContain('the same command copies the rest');
    expect(s3.keys().filter((key) => key.endsWith('/live'))).toEqual([]);
  });
});

describe('a target that fails', () => {
  it('now and then, in every way, gets everything', async () => {
    const { project, s3 } = await filled();
    let count = 0;
    const everySeventh = () => ++count % 7 === 0;
    s3.faults.add({ on: everySeventh, fault: { kind: 'lost-ack', by: 'rst' }, times: 6 });
    s3.faults.add({ on: everySeventh, fault: { kind: 'drop' }, times: 6 });
    s3.faults.add({ on: everySeventh, fault: { kind: 'cut', by: 'fin', after: 10 }, times: 6 });
    expect(await project.copy('default', 'amazon')).toMatchObject({ complete: true });
    s3.faults.clear();
    await sound(project, 'amazon');
  });

  it('for good ends the copy with its words, before any run is listed there', async () => {
    const { project, s3 } = await filled();
    const refused = {
      status: 403,
      headers: {},
      body: Buffer.from('<Error><Code>AccessDenied</Code><Message>no</Message></Error>'),
    };
    s3.faults.add({ on: isBlob, fault: { kind: 'answer', reply: refused }, times: 1_000 });
    const result = expectCode(await project.varve(['store', 'copy', 'default', 'amazon']), 4);
    expectNoStack(result);
    expect(result.stderr).toMatch(/s3:\/\/varve\/team.*VARVE_STORE_PERMISSION_DENIED/s);
    expect(s3.keys().filter((key) => key.startsWith('team/records/'))).toEqual([]);
    s3.faults.clear();
    expect(await project.copy('default', 'amazon')).toMatchObject({ complete: true });
  });
});

describe('damage in the source', () => {
  it('of a large artifact is named and stays behind, and everything else goes', async () => {
    const { project, s3 } = await filled();
    const [file = ''] = storeFiles(project, 'cas').filter(
      (one) => readFileSync(one).length > 40_000 && readFileSync(one)[0] === 1,
    );
    flipByte(file, 100);
    const key = file.slice(file.indexOf('cas/'));
    const first = await project.copy('default', 'amazon', 1);
    expect(first.notCopied).toMatchObject([{ code: 'VARVE_CORRUPT_ARTIFACT', object: key, runs: ['Team/1'] }]);
    expect(first).toMatchObject({ complete: false, heldBack: [], runs: [{ number: 1 }, { number: 2 }] });
    expect(first.stderr).toMatch(new RegExp(`not complete[\\s\\S]*${key} is damaged[\\s\\S]*needed by Team/1`));
    expect(s3.keys()).not.toContain(`team/${key}`);
    expect(storeFiles(project, 'quarantine'), 'the source is left alone').toEqual([]);
    await sound(project, 'amazon');
    flipByte(file, 100);
    const second = await project.copy('default', 'amazon');
    expect(second).toMatchObject({ complete: true, runs: [] });
    expect(s3.keys()).toContain(`team/${key}`);
    expect((await outcomeOf(project, ['run', 'team.ts', '--profile', 'amazon'])).executed).toEqual([]);
  });

  it('of a journal holds that run back, and no other', async () => {
    const { project } = await filled();
    const { runs } = await project.json<{ runs: ListedRun[] }>('list', '--json');
    const id = runs.find(({ record }) => record.number === 2)?.record.id;
    const [batch = ''] = storeFiles(project, `runs/_team/${id}/batch`).sort();
    for (const at of [200, readFileSync(batch).length - 1]) {
      flipByte(batch, at);
      const { heldBack, notCopied, stderr } = await project.copy('default', 'back', 1);
      expect(heldBack, `byte ${at}`).toMatchObject([{ number: 2 }]);
      expect(notCopied.length).toBeGreaterThan(0);
      expect(stderr).toContain('Team/2 is not copied');
      expect(await listed(project, 'back')).toEqual(['Team/1']);
      flipByte(batch, at);
    }
    expect(await project.copy('default', 'back')).toMatchObject({ complete: true, runs: [{ number: 2 }] });
    await sound(project, 'back');
  });

  it('of a record, a summary, a number and a page is named, and the rest goes', async () => {
    const { project } = await filled();
    for (const folder of ['records', 'numbers', 'cache/v1', 'runs']) {
      const [file = ''] = storeFiles(project, folder)
        .filter((one) => folder !== 'runs' || one.endsWith('/summary'))
        .sort();
      flipByte(file, readFileSync(file).length - 3);
      const { notCopied } = await project.copy('default', './there', 1);
      expect(
        notCopied.map(({ object }) => object),
        folder,
      ).toEqual([file.slice(file.indexOf(`/${folder}`) + 1)]);
      flipByte(file, readFileSync(file).length - 3);
      rmSync(project.path('there'), { recursive: true });
    }
  });

  it('that is a loss is told apart: what is gone is gone', async () => {
    const { project } = await filled();
    const [file = ''] = storeFiles(project, 'cas').filter(
      (one) => readFileSync(one).length > 40_000 && readFileSync(one)[0] === 2,
    );
    rmSync(file);
    const { notCopied } = await project.copy('default', 'back', 1);
    expect(notCopied).toMatchObject([{ code: 'VARVE_MISSING_ARTIFACT', runs: ['Team/2'] }]);
  });
});

describe('while others work', () => {
  it('leaves out a run that is going on, loudly, and takes it the next time', async () => {
    const { project } = await filled();
    project.write('~wait', '');
    const run = project.start(['run', 'team.ts', '--base', '3', '--json']);
    while (!run.output.stdout.includes('"task":"end"') && run.child.exitCode === null) await pause(20);
    const during = await project.copy('default', 'amazon', 1);
    expect(during).toMatchObject({ complete: false, live: [{ number: 3 }], runs: [{ number: 1 }, { number: 2 }] });
    expect(during.stderr).toMatch(/Team\/3 is going on, so it is not copied[\s\S]*varve cancel Team\/3/);
    rmSync(project.path('~wait'));
    expectCode(await run.ended, 0);
    const after = await project.copy('default', 'amazon');
    expect(after).toMatchObject({ complete: true, runs: [{ number: 3 }] });
    expect(
      (await outcomeOf(project, ['run', 'team.ts', '--base', '3', '--profile', 'amazon'])).executed,
      'it saw a file come and go',
    ).toEqual(['end']);
  });

  it('two copies of one store at once both succeed', async () => {
    const { project, s3 } = await filled();
    const both = await Promise.all([project.copy('default', 'amazon'), project.copy('default', 'amazon')]);
    expect(both.map(({ complete }) => complete)).toEqual([true, true]);
    expect(s3.keys().filter((key) => key.startsWith('team/records/'))).toHaveLength(2);
    await sound(project, 'amazon');
    expect((await outcomeOf(project, ['run', 'team.ts', '--profile', 'amazon'])).executed).toEqual([]);
  });

  it('of two stores that disagree, copied at once, exactly one gets there', async () => {
    const { project } = await filled();
    const other = new CopyProject();
    await outcomeOf(other, ['run', 'team.ts']);
    const target = project.path('back');
    const ended = await Promise.all([project, other].map((one) => one.varve(['store', 'copy', 'default', target])));
    expect(ended.map(({ code }) => code).sort()).toEqual([0, 4]);
    expect(ended.find(({ code }) => code === 4)?.stderr).toContain('VARVE_COPY_CONFLICT');
    await sound(project, 'back');
  });

  it('keeps varve gc in the target from deleting what nothing refers to yet', async () => {
    const { project, s3 } = await filled();
    let sent = 0;
    s3.faults.add({ on: (request) => isBlob(request) && ++sent > 2, fault: { kind: 'delay', ms: 8_000 }, times: 4 });
    const copy = project.start(['store', 'copy', 'default', 'amazon', '--concurrency', '4']);
    while (sent < 3 && copy.child.exitCode === null) await pause(20);
    s3.age(0);
    const gc = expectCode(await project.varve(['gc', '--yes', '--profile', 'amazon']), 4);
    expect(gc.stderr).toContain('VARVE_GC_LIVE');
    expectCode(await copy.ended, 0);
    expectCode(await project.varve(['gc', '--yes', '--profile', 'amazon']), 0);
  });
});
