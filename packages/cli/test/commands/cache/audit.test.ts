import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { expectCode, Project } from '../../support/project.ts';

const FLOW = `import { appendFileSync } from 'node:fs';
import { Flow, param, step } from 'varve';
export default class Sightings extends Flow {
  island = param.string('Dream');
  rows = 0; total = 0; steady = 0; sent = 0;
  @step() load() { this.rows = Math.random(); }
  @step({ after: 'load' }) count() { this.total = this.rows * 2; }
  @step() hold() { this.steady = this.island.length; }
  @step({ after: 'count', effect: true }) mail() { appendFileSync(process.env.MAILS!, 'x'); }
  @step({ after: 'mail' }) file() { this.sent = 1; }
}
`;

interface AuditDocument {
  readonly same: boolean;
  readonly run: string;
  readonly tasks: number;
  readonly reused: number;
  readonly leftOut: readonly string[];
  readonly differences: readonly {
    readonly label: string;
    readonly artifact?: string;
    readonly cached?: string;
    readonly fresh?: string;
    readonly from?: string;
    readonly cause: object;
  }[];
}

it('varve cache audit names the artifact that differs, the run of its result, and the impure call', async () => {
  const project = new Project({ 'sightings.ts': FLOW });
  const env = { MAILS: project.path('mails') };
  const mails = () => (existsSync(env.MAILS) ? readFileSync(env.MAILS, 'utf8').length : 0);
  expectCode(await project.varve(['run', 'sightings.ts', '--island', 'Biscoe'], env), 0);
  expect(mails()).toBe(1);
  const args = ['cache', 'audit', 'sightings.ts', '--island', 'Biscoe'];
  const result = expectCode(await project.varve([...args, '--json'], env), 1);
  const { differences, ...rest } = JSON.parse(result.stdout) as AuditDocument;
  expect(rest).toMatchObject({ same: false, run: 'Sightings/2', tasks: 3, reused: 3, leftOut: ['mail', 'file'] });
  expect(differences).toMatchObject([
    { label: 'load', artifact: 'rows', from: 'Sightings/1/load', cause: { kind: 'impure', call: 'Math.random' } },
    { label: 'count', artifact: 'total', from: 'Sightings/1/count', cause: { kind: 'follows', step: 'load' } },
  ]);
  for (const { cached, fresh } of differences) expect(cached).not.toBe(fresh);
  expect(mails(), 'an audit does nothing outside').toBe(1);
  const told = expectCode(await project.varve([...args, '--effects'], env), 1);
  expect(told.stdout).toContain('probably Math.random (sightings.ts:6)');
  expect(told.stdout).toContain('follows from load');
  expect(mails()).toBe(3);
});

it('varve cache audit of a sound flow exits with 0, stores no result, and leaves nothing of its second run', async () => {
  const project = new Project({ 'sightings.ts': FLOW.replace('Math.random()', '7') });
  const env = { MAILS: project.path('mails') };
  const cold = expectCode(await project.varve(['cache', 'audit', 'sightings.ts'], env), 0);
  expect(cold.stdout).toContain('nothing was there to be used');
  expectCode(await project.varve(['run', 'sightings.ts'], env), 0);
  const warm = expectCode(await project.varve(['cache', 'audit', 'sightings.ts', '--json'], env), 0);
  expect(JSON.parse(warm.stdout)).toMatchObject({ same: true, reused: 3, differences: [] });
  const { stdout } = expectCode(await project.varve(['list', '--json']), 0);
  expect(JSON.parse(stdout).runs).toHaveLength(3);
});

it('varve cache audit does not call a flow sound when its tasks failed', async () => {
  const broken = FLOW.replace('this.rows = Math.random()', `throw new Error('no data')`);
  const project = new Project({ 'sightings.ts': broken });
  const result = expectCode(await project.varve(['cache', 'audit', 'sightings.ts']), 1);
  expect(result.stdout).toContain('1 task failed without results');
  expect(result.stdout).not.toContain('✔');
});
