import { rmSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { expectCode, pause } from '../support/project.ts';
import { STORE } from '../support/stores.ts';
import { WireProject } from './wire-project.ts';

const TIMEOUT_MS = 180_000;
const MINUTE = 60_000;
/** S3 refuses requests whose clock is off by more than 15 minutes. */
const MOST = STORE === 'gcs' ? 180 * MINUTE : 10 * MINUTE;

describe(`a run over ${STORE} whose clock is off`, () => {
  const project = new WireProject();
  afterEach(() => project.wire.setClock(0));

  it.each([
    ['ahead', MOST],
    ['behind', -MOST],
  ])('is known to be alive, and completes: %s', { timeout: TIMEOUT_MS }, async (_, aheadMs) => {
    project.forget();
    project.wire.setClock(aheadMs);
    project.write('wait', '');
    const run = project.start(['run', 'wired.ts', '--json']);
    const ended = () => run.output.stdout.match(/"type":"task-ended"/g)?.length ?? 0;
    while (ended() < 4 && run.child.exitCode === null) await pause(20);
    const refused = expectCode(await project.varve(['resume']), 2);
    expect(refused.stderr).toContain('VARVE_RUN_LIVE');
    rmSync(project.path('wait'));
    expect(await project.expectRightOrClear(await run.ended)).toBe('completed');
  });

  // Google signs nothing with the time of the client.
  if (STORE === 'gcs') return;
  it('by more than the service accepts completes: the SDK learns the time from the first refusal', {
    timeout: TIMEOUT_MS,
  }, async () => {
    project.forget();
    project.wire.setClock(180 * MINUTE);
    const result = await project.varve(['run', 'wired.ts', '--json']);
    project.wire.setClock(0);
    expect(await project.expectRightOrClear(result), result.stderr).toBe('completed');
  });
});
