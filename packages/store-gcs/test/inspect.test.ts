import { describe, expect, it } from 'vitest';
import { judgeBucket, type LifecycleRule } from '../src/inspect.ts';
import { failure, open, useServers } from './support.ts';

const serve = useServers();

const deletes = (condition: LifecycleRule['condition']): LifecycleRule => ({
  action: { type: 'Delete' },
  ...(condition !== undefined && { condition }),
});
const judge = (rules: readonly LifecycleRule[], more = {}, folder = 'team/') =>
  judgeBucket('bucket', folder, { lifecycle: { rule: rules }, ...more });
const statusOf = (about: string, findings: ReturnType<typeof judge>) =>
  findings.find((one) => one.about === about)?.status;

describe('the rules of a bucket', () => {
  it.each<[string, LifecycleRule, string]>([
    ['deletes by age', deletes({ age: 30 }), 'problem'],
    ['deletes by date', deletes({ createdBefore: '2026-01-01' }), 'problem'],
    ['deletes live objects only', deletes({ age: 1, isLive: true }), 'problem'],
    ['deletes in the folder of the store', deletes({ age: 1, matchesPrefix: ['a/', 'team/'] }), 'problem'],
    ['deletes above the folder of the store', deletes({ age: 1, matchesPrefix: ['te'] }), 'problem'],
    ['deletes within the folder of the store', deletes({ age: 1, matchesPrefix: ['team/cas/'] }), 'problem'],
    ['deletes elsewhere', deletes({ age: 1, matchesPrefix: ['teams/', 'a/'] }), 'ok'],
    ['deletes old versions', deletes({ age: 1, isLive: false }), 'ok'],
    ['deletes what is older than newer versions', deletes({ numNewerVersions: 2 }), 'ok'],
    ['deletes what was replaced', deletes({ daysSinceNoncurrentTime: 2 }), 'ok'],
    ['deletes by a time that varve does not set', deletes({ daysSinceCustomTime: 2 }), 'ok'],
    ['changes the class', { action: { type: 'SetStorageClass' }, condition: { age: 1 } }, 'ok'],
  ])('a rule that %s', (_, rule, status) => {
    expect(statusOf('lifecycle', judge([rule]))).toBe(status);
  });

  it('let old versions expire, or not', () => {
    const versioning = { versioning: { enabled: true } };
    expect(statusOf('versioning', judge([]))).toBe('ok');
    expect(statusOf('versioning', judge([], versioning))).toBe('warning');
    expect(statusOf('versioning', judge([deletes({ daysSinceNoncurrentTime: 7 })], versioning))).toBe('ok');
    const apart = deletes({ daysSinceNoncurrentTime: 7, matchesPrefix: ['other/'] });
    expect(statusOf('versioning', judge([apart], versioning))).toBe('warning');
  });

  it('say how long soft delete keeps what is deleted, and that a retention policy is in the way', () => {
    const soft = judge([], { softDeletePolicy: { retentionDurationSeconds: '604800' } });
    expect(soft.find(({ about }) => about === 'versioning')?.message).toContain('7 more days');
    expect(statusOf('retention', judge([], { retentionPolicy: { retentionPeriod: '60' } }))).toBe('problem');
    expect(statusOf('retention', judge([]))).toBeUndefined();
  });
});

describe('inspect', () => {
  it('asks once, and changes nothing', async () => {
    const server = await serve({
      settings: { lifecycle: { rule: [deletes({ age: 3, isLive: true })] }, versioning: { enabled: true } },
    });
    const findings = await open(server, { prefix: 'team' }).inspect();
    expect(findings.map(({ about, status }) => `${about} ${status}`)).toEqual([
      'lifecycle problem',
      'versioning warning',
    ]);
    expect(server.log.map(({ operation }) => operation)).toEqual(['bucket']);
  });

  it('says which right is missing', async () => {
    const findings = await open(await serve({ denied: ['bucket'] })).inspect();
    expect(findings.map(({ status }) => status)).toEqual(['skipped', 'skipped']);
    expect(findings[0]?.mend).toContain('storage.buckets.get');
  });

  it('rejects like any other call when the bucket is not there, or the call is aborted', async () => {
    const server = await serve();
    const nowhere = await failure(open(server, { bucket: 'nowhere' }).inspect());
    expect(nowhere).toMatchObject({ code: 'unavailable', retryable: false });
    expect(nowhere.message).toContain('There is no bucket "nowhere"');
    server.faults.add({ on: 'bucket', fault: { kind: 'refuse', status: 503 } });
    expect((await failure(open(server).inspect())).code).toBe('unavailable');
    await expect(open(server).inspect({ signal: AbortSignal.abort('enough') })).rejects.toBe('enough');
  });
});
