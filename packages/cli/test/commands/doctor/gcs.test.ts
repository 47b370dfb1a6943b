import { GcsServer, type GcsServerOptions } from '@varve/test-servers/gcs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Project } from '../../support/project.ts';
import { diagnose, WORKING } from './diagnose.ts';

// Each test starts several processes, which is slow on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const servers: GcsServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

/** A project whose store is in a bucket with such settings, in the folder `team`. */
async function onBucket(options: GcsServerOptions = {}, more = '') {
  const server = await GcsServer.start(options);
  servers.push(server);
  const project = new Project({
    'varve.config.mjs': `import { gcsStore } from '@varve/store-gcs';
export default { datastore: gcsStore({ bucket: 'bucket', prefix: 'team', apiEndpoint: '${server.url}'${more} }) };
`,
  });
  return { server, project };
}

const deletes = (condition: object) => ({ lifecycle: { rule: [{ action: { type: 'Delete' }, condition }] } });

describe('varve doctor on a bucket of Google Cloud Storage', () => {
  it('finds all well, and leaves no object behind', async () => {
    const { server, project } = await onBucket();
    const report = await diagnose(project);
    expect(report.statuses).toMatchObject({ store: 'ok', ...WORKING, lifecycle: 'ok', versioning: 'ok', disk: 'ok' });
    expect(server.bucket().names()).toEqual([]);
  });

  it('reports a rule that deletes live objects', async () => {
    const { project } = await onBucket({ settings: deletes({ age: 30 }) });
    const report = await diagnose(project);
    expect(report.of('lifecycle')).toMatchObject({ status: 'problem' });
    expect(report.of('lifecycle').message).toMatch(/of the bucket bucket deletes objects 30 days after/);
  });

  it('warns of versions that stay, and reports a retention policy', async () => {
    const settings = { versioning: { enabled: true }, retentionPolicy: { retentionPeriod: '86400' } };
    const report = await diagnose((await onBucket({ settings })).project);
    expect(report.of('versioning').status).toBe('warning');
    expect(report.of('retention').status).toBe('problem');
  });

  it('names the right that is missing to look at the bucket, which is no problem', async () => {
    const report = await diagnose((await onBucket({ denied: ['bucket'] })).project);
    expect(report.ok).toBe(true);
    expect(report.statuses).toMatchObject({ lifecycle: 'skipped', versioning: 'skipped' });
    expect(report.of('lifecycle').mend).toContain('storage.buckets.get');
  });

  it('tells by how much the clock of the service differs', async () => {
    const report = await diagnose((await onBucket({ aheadMs: 5 * 60_000 })).project);
    expect(report.of('clock')).toMatchObject({ status: 'warning' });
    expect(report.of('clock').message).toContain('5 minutes ahead of');
  });

  it('reports credentials that Google refuses without showing them, and makes all other checks', async () => {
    const key = 'a-private-key-that-nobody-may-see';
    const credentials = JSON.stringify({ type: 'service_account', client_email: 'robot@project', private_key: key });
    const { project } = await onBucket({ requireToken: true }, ', credentials: JSON.parse(process.env.GCS_KEY)');
    const report = await diagnose(project, { GCS_KEY: credentials });
    expect(report.of('write')).toMatchObject({ status: 'problem', code: 'VARVE_STORE_PERMISSION_DENIED' });
    expect(report.statuses).toMatchObject({ node: 'ok', config: 'ok', decorators: 'ok', disk: 'ok', rules: 'skipped' });
    expect(report.said).not.toContain(key);
  });

  it('reports a bucket that is not there', async () => {
    const report = await diagnose((await onBucket({}, ", bucket: 'nowhere'")).project);
    expect(report.of('write').status).toBe('problem');
    expect(report.of('write').message).toContain('There is no bucket "nowhere". Create it');
    expect(report.of('write').code).toBe('VARVE_STORE_UNAVAILABLE');
    expect(report.of('rules').status).toBe('skipped');
  });
});
