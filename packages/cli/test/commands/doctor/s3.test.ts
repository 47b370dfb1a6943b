import { S3Double, type S3DoubleOptions } from '@varve/test-servers/s3';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { BucketProject } from '../../stores/bucket-project.ts';
import { Project } from '../../support/project.ts';
import { diagnose, WORKING } from './diagnose.ts';

// Each test starts several processes, which is slow on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const doubles: S3Double[] = [];
afterEach(async () => {
  for (const double of doubles.splice(0)) await double.close();
});

/** A project whose store is in a bucket with such settings, under the prefix `team`. */
async function onBucket(options: S3DoubleOptions = {}, bucket = 'varve') {
  const double = await S3Double.start(options);
  doubles.push(double);
  const project = new BucketProject({ url: double.url, bucket, ...double.account }, {});
  return { double, project };
}

const ABORTS =
  '<Rule><ID>abort</ID><Filter><Prefix></Prefix></Filter><Status>Enabled</Status><AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>';
const expires = (prefix: string, status = 'Enabled') =>
  `<Rule><ID>clean-up</ID><Filter><Prefix>${prefix}</Prefix></Filter><Status>${status}</Status><Expiration><Days>30</Days></Expiration></Rule>`;

describe('varve doctor on a bucket of S3', () => {
  it('finds all well where the settings are those of the guide, and leaves no object of its own behind', async () => {
    const { double, project } = await onBucket({ lifecycle: ABORTS });
    const report = await diagnose(project);
    expect(report.statuses).toMatchObject({ store: 'ok', ...WORKING, lifecycle: 'ok', versioning: 'ok', disk: 'ok' });
    expect(double.keys(), 'what the store has asked of the server stays').toEqual(['team/~probe/if-none-match']);
    const written = double.requests.filter(({ operation }) => operation === 'PutObject').map(({ key }) => key);
    expect(
      written.every((key) => /^team\/(?:doctor-|~probe)/.test(key)),
      written.join(' '),
    ).toBe(true);
  });

  it('names the rule that deletes live objects, and only one that meets the store', async () => {
    const { project } = await onBucket({ lifecycle: expires('') + ABORTS });
    const report = await diagnose(project);
    expect(report.of('lifecycle').status).toBe('problem');
    expect(report.of('lifecycle').message).toMatch(/"clean-up" of the bucket varve deletes objects 30 days after/);
    const { project: apart } = await onBucket({
      lifecycle: expires('logs/') + expires('team/', 'Disabled') + expires('teams/') + ABORTS,
    });
    expect((await diagnose(apart)).of('lifecycle').status).toBe('ok');
  });

  it('warns of uploads that nobody aborts, and of old versions that stay', async () => {
    const { project } = await onBucket({ versioning: 'Enabled' });
    const report = await diagnose(project);
    expect(report.ok).toBe(true);
    expect(report.of('lifecycle')).toMatchObject({ status: 'warning' });
    expect(report.of('lifecycle').mend).toContain('AbortIncompleteMultipartUpload');
    expect(report.of('versioning')).toMatchObject({ status: 'warning' });
    expect(report.of('versioning').mend).toContain('NoncurrentVersionExpiration');
  });

  it('names the rights that are missing to look at the rules, which is no problem', async () => {
    const { project } = await onBucket({ denied: ['GetBucketLifecycleConfiguration', 'GetBucketVersioning'] });
    const report = await diagnose(project);
    expect(report.ok).toBe(true);
    expect(report.of('lifecycle')).toMatchObject({ status: 'skipped' });
    expect(report.of('lifecycle').mend).toContain('s3:GetLifecycleConfiguration');
    expect(report.of('versioning')).toMatchObject({ status: 'skipped' });
    expect(report.of('versioning').mend).toContain('s3:GetBucketVersioning');
  });

  it('finds out a server that ignores conditions, and one that refuses them', async () => {
    for (const conditions of ['ignored', 'refused'] as const) {
      const { double, project } = await onBucket({ conditions });
      const report = await diagnose(project);
      expect(report.of('create'), conditions).toMatchObject({ status: 'problem', code: 'VARVE_STORE_UNSUPPORTED' });
      expect(report.statuses).toMatchObject({ write: 'ok', read: 'ok', list: 'ok', delete: 'ok' });
      expect(double.keys().filter((key) => key.includes('doctor'))).toEqual([]);
    }
  });

  it('tells by how much the clock of the server differs', async () => {
    const { project: slightly } = await onBucket({ aheadMs: 180_000 });
    const warned = await diagnose(slightly);
    expect(warned.of('clock')).toMatchObject({ status: 'warning' });
    expect(warned.of('clock').message).toMatch(/3 minutes ahead of/);
    const { project: much } = await onBucket({ aheadMs: -40 * 60_000 });
    const failed = await diagnose(much);
    expect(failed.of('clock')).toMatchObject({ status: 'problem' });
    expect(failed.of('clock').message).toMatch(/40 minutes behind/);
  });

  it('reports wrong credentials without showing them, and makes all other checks', async () => {
    const { project } = await onBucket();
    const secret = 'wrong/Secret+of-forty-characters/0123456';
    const report = await diagnose(project, { AWS_SECRET_ACCESS_KEY: secret });
    expect(report.of('write')).toMatchObject({ status: 'problem', code: 'VARVE_STORE_PERMISSION_DENIED' });
    expect(report.of('write').message).toContain('The credentials are wrong');
    expect(report.statuses).toMatchObject({ node: 'ok', config: 'ok', decorators: 'ok', read: 'skipped', disk: 'ok' });
    expect(report.said).not.toContain(secret);
    expect(report.said).not.toContain('double-key');
  });

  it('finds what somebody may do who may only read', async () => {
    const { project } = await onBucket({ denied: ['PutObject', 'DeleteObject'] });
    const report = await diagnose(project);
    expect(report.of('write')).toMatchObject({ status: 'problem', code: 'VARVE_STORE_PERMISSION_DENIED' });
    expect(report.statuses).toMatchObject({ list: 'ok', create: 'skipped', versioning: 'ok' });
  });

  it('says which objects are left when they cannot be deleted', async () => {
    const { project, double } = await onBucket({ denied: ['DeleteObject'] });
    const report = await diagnose(project);
    expect(report.of('delete')).toMatchObject({ status: 'problem', code: 'VARVE_STORE_PERMISSION_DENIED' });
    const scratch = /team\/(doctor-[0-9a-f]+)\//.exec(double.keys().find((key) => key.includes('doctor')) ?? '')?.[1];
    expect(report.of('delete').detail?.join()).toContain(`${scratch}/`);
  });

  it('reports a bucket that is not there, and a server that cannot be reached', async () => {
    const { project } = await onBucket({}, 'nowhere');
    const nowhere = (await diagnose(project)).of('write');
    expect(nowhere.message).toContain('There is no bucket "nowhere". Create it');
    expect(nowhere.code).toBe('VARVE_STORE_UNAVAILABLE');
    const { double, project: lost } = await onBucket();
    await double.close();
    doubles.pop();
    const report = await diagnose(lost);
    expect(report.of('write')).toMatchObject({ status: 'problem', code: 'VARVE_STORE_UNAVAILABLE' });
    expect(report.statuses).toMatchObject({ list: 'skipped', rules: 'skipped', node: 'ok', disk: 'ok' });
  });

  it('goes on when the service fails now and then', async () => {
    const { double, project } = await onBucket({ lifecycle: ABORTS });
    const drop = { kind: 'drop' } as const;
    for (const operation of ['PutObject', 'GetObject', 'HeadObject', 'ListObjectsV2', 'DeleteObject']) {
      double.faults.add({ on: operation, fault: drop });
    }
    expect((await diagnose(project)).statuses).toMatchObject(WORKING);
  });

  it('looks through local copies at the bucket behind them, and at the disk of the copies', async () => {
    const { double } = await onBucket({ lifecycle: expires('') });
    const project = new Project({
      'varve.config.mjs': `import { s3Store } from '@varve/store-s3';
import { tiered } from '@varve/store-tiered';
const credentials = { accessKeyId: 'double-key', secretAccessKey: 'double-secret' };
const remote = s3Store({ bucket: 'varve', prefix: 'team', endpoint: '${double.url}', credentials });
export default { datastore: tiered({ local: 'copies', remote }) };
`,
    });
    const report = await diagnose(project);
    expect(report.statuses).toMatchObject({ ...WORKING, lifecycle: 'problem', disk: 'ok' });
    expect(report.said).not.toContain('double-secret');
    project.write('copies', 'a file where a folder should be');
    expect((await diagnose(project)).of('disk').message).toContain(project.path('copies'));
  });
});
