import type { LifecycleRule } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { type BucketFacts, judgeBucket } from '../src/inspect/judge.ts';
import { fail, operationsOf, refusal, useStores } from './support.ts';

const { start } = useStores();

const ABORTS: LifecycleRule = { Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } };
const OLD: LifecycleRule = { Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: 7 } };
const DAYS: LifecycleRule = { Status: 'Enabled', Expiration: { Days: 1 } };

const facts = (rules: readonly LifecycleRule[], prefix = 'team/', isVersioned = false): BucketFacts => ({
  bucket: 'varve',
  prefix,
  rules: { value: rules },
  isVersioned: { value: isVersioned },
});
const statusOf = (about: string, of: BucketFacts) => judgeBucket(of).find((one) => one.about === about)?.status;

describe('the rules of a bucket', () => {
  it.each<[string, LifecycleRule, string]>([
    ['deletes everything', DAYS, 'problem'],
    ['deletes from a day on', { Status: 'Enabled', Expiration: { Date: new Date(0) } }, 'problem'],
    ['deletes in the folder of the store', { ...DAYS, Filter: { Prefix: 'team/' } }, 'problem'],
    ['deletes in a folder of the store', { ...DAYS, Filter: { Prefix: 'team/cas/' } }, 'problem'],
    ['deletes where the store lies, by the old form', { ...DAYS, Prefix: 'te' }, 'problem'],
    ['deletes by size', { ...DAYS, Filter: { And: { Prefix: '', ObjectSizeGreaterThan: 5 } } }, 'problem'],
    ['moves to an archive', { Status: 'Enabled', Transitions: [{ Days: 9, StorageClass: 'DEEP_ARCHIVE' }] }, 'problem'],
    [
      'moves to what is read at once',
      { Status: 'Enabled', Transitions: [{ Days: 9, StorageClass: 'GLACIER_IR' }] },
      'ok',
    ],
    ['is not in force', { ...DAYS, Status: 'Disabled' }, 'ok'],
    ['deletes elsewhere', { ...DAYS, Filter: { Prefix: 'teams/' } }, 'ok'],
    ['deletes what has a tag', { ...DAYS, Filter: { Tag: { Key: 'a', Value: 'b' } } }, 'ok'],
    ['deletes what has tags', { ...DAYS, Filter: { And: { Tags: [{ Key: 'a', Value: 'b' }] } } }, 'ok'],
    ['deletes marks of deleted objects', { Status: 'Enabled', Expiration: { ExpiredObjectDeleteMarker: true } }, 'ok'],
    ['deletes old versions', OLD, 'ok'],
  ])('a rule that %s', (_, rule, status) => {
    expect(statusOf('lifecycle', facts([rule, ABORTS]))).toBe(status);
  });

  it('are each reported, with their names', () => {
    const messages = judgeBucket(facts([{ ...DAYS, ID: 'one' }, DAYS], '')).map(({ message }) => message);
    expect(messages[0]).toContain('"one"');
    expect(messages[0]).toContain('1 day after');
    expect(messages[1]).toContain('without a name');
  });

  it('that abort no uploads are worth a warning', () => {
    expect(statusOf('lifecycle', facts([]))).toBe('warning');
    expect(statusOf('lifecycle', facts([{ ...ABORTS, Filter: { Prefix: 'other/' } }]))).toBe('warning');
  });

  it('let old versions expire, or not', () => {
    expect(statusOf('versioning', facts([], '', false))).toBe('ok');
    expect(statusOf('versioning', facts([ABORTS], '', true))).toBe('warning');
    expect(statusOf('versioning', facts([OLD], '', true))).toBe('ok');
    expect(statusOf('versioning', facts([{ ...OLD, Filter: { Prefix: 'team/cas/' } }], 'team/', true))).toBe('warning');
    expect(statusOf('versioning', { ...facts([], '', true), rules: 'denied' })).toBe('warning');
  });
});

describe('inspect', () => {
  it('asks two questions and changes nothing', async () => {
    const { double, store } = await start();
    expect((await store.inspect?.())?.map(({ about }) => about)).toEqual(['lifecycle', 'versioning']);
    expect(operationsOf(double)).toEqual(['GetBucketLifecycleConfiguration', 'GetBucketVersioning']);
  });

  it('says which right is missing, and which server knows no such question', async () => {
    const { store } = await start({ denied: ['GetBucketVersioning'] });
    const [, versioning] = (await store.inspect?.()) ?? [];
    expect(versioning).toMatchObject({ status: 'skipped', mend: expect.stringContaining('s3:GetBucketVersioning') });
    const { double, store: other } = await start();
    const reply = { status: 501, headers: {}, body: Buffer.alloc(0) };
    fail(double, 'GetBucketLifecycleConfiguration', { kind: 'answer', reply });
    const [lifecycle] = (await other.inspect?.()) ?? [];
    expect(lifecycle).toMatchObject({ status: 'skipped', message: expect.stringContaining('does not say') });
  });

  it('rejects like any other call when the bucket is not there, or the call is aborted', async () => {
    const { store } = await start({ buckets: ['other'] });
    await refusal(store.inspect?.() ?? Promise.resolve(), 'unavailable');
    await expect(store.inspect?.({ signal: AbortSignal.abort('enough') })).rejects.toBe('enough');
  });
});
