import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diagnose } from '../commands/doctor/diagnose.ts';
import { ageHeartbeats } from '../support/heartbeats.ts';
import { outcomeOf } from '../support/outcome.ts';
import { expectCode, expectNoStack, pause } from '../support/project.ts';
import { STORE } from '../support/stores.ts';
import { WireProject } from './wire-project.ts';

const TIMEOUT_MS = 180_000;

/** Reads a value through the client. */
const SCRIPT = `import { client } from 'varve';
const run = await client('Wired').run(1);
console.log(run.task('sum').artifacts.total);
`;

/** `RESULT` stands for the key of a result. */
const READING: readonly string[] = [
  'list',
  'list --json',
  'show Wired/1',
  'show Wired/1 --requests',
  'show Wired/1/sum --json',
  'show Wired/2',
  'logs Wired/1',
  'artifacts ls Wired/1',
  'artifacts get Wired/1 total',
  'artifacts get Wired/1 large -o large.bin',
  'code Wired/1',
  'cache ls',
  'cache stats',
  'cache show Wired/1/sum',
  'cache verify',
  'cache invalidate Wired --dry-run',
  'gc --dry-run',
  'graph wired.ts',
  'check wired.ts',
  'fingerprint wired.ts',
  'config',
  'store copy default ./copy',
];

describe(`somebody who may only read what is in ${STORE}`, () => {
  const project = new WireProject();
  let keys: readonly string[] = [];

  beforeAll(async () => {
    project.write('script.mjs', SCRIPT);
    await outcomeOf(project, ['run', 'wired.ts']);
    // One whose process was killed, and may be alive as far as anybody knows.
    project.write('wait', '');
    const killed = project.start(['run', 'wired.ts', '--cache', 'off', '--json']);
    while (!/"type":"task-ended"/.test(killed.output.stdout) && killed.child.exitCode === null) await pause(20);
    process.kill(-(killed.child.pid ?? 0), 'SIGKILL');
    await killed.ended;
    rmSync(project.path('wait'));
    keys = project.store.keys();
    project.denyWrites();
  }, TIMEOUT_MS);
  afterAll(() => project.wire.faults.clear());

  it.each(READING)('can call varve %s', { timeout: TIMEOUT_MS }, async (command) => {
    // A copy is not complete while a run may be going on.
    if (command.startsWith('store copy')) ageHeartbeats(project.store);
    const result = expectCode(await project.varve(command.split(' ')), 0);
    expectNoStack(result);
    expect(result.stderr).not.toContain('PERMISSION_DENIED');
  });

  it('can read results from code', { timeout: TIMEOUT_MS }, async () => {
    expect(expectCode(await project.node('script.mjs'), 0).stdout).toBe('63\n');
  });

  it('hears from varve doctor what that means, as a warning', { timeout: TIMEOUT_MS }, async () => {
    const report = await diagnose(project);
    expect(report.ok).toBe(true);
    expect(report.of('write')).toMatchObject({ status: 'warning', code: 'VARVE_STORE_PERMISSION_DENIED' });
    expect(report.of('write').message).toContain('but not write to it');
    expect(report.statuses).toMatchObject({ read: 'ok', list: 'ok', create: 'skipped' });
  });

  it('cannot run a flow, and hears why', { timeout: TIMEOUT_MS }, async () => {
    const { stderr } = expectCode(await project.varve(['run', 'wired.ts']), 4);
    expect(stderr).toContain('VARVE_STORE_PERMISSION_DENIED');
  });

  it('has changed nothing', () => {
    expect(project.store.keys()).toEqual(keys);
  });

  it('has the results in a copy', { timeout: TIMEOUT_MS }, async () => {
    project.write(
      'varve.config.mjs',
      "import { fsStore } from '@varve/store-fs';\nexport default { datastore: fsStore({ root: 'copy' }) };\n",
    );
    expect((await outcomeOf(project, ['run', 'wired.ts'])).executed).toEqual(['send']);
  });
});
