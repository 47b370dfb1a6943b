import { describe, expect, it } from 'vitest';
import { judgeSpace, type PlaceFacts } from '../../../src/commands/doctor/disk-space.ts';
import { judgeNode } from '../../../src/commands/doctor/node-version.ts';
import { withoutSecrets } from '../../../src/commands/doctor/redact.ts';
import { judgeTrial } from '../../../src/commands/doctor/store/judge.ts';
import type { Trial } from '../../../src/commands/doctor/store/trial.ts';

describe('the version of Node', () => {
  it.each([
    ['20.19.0', 'ok'],
    ['20.18.3', 'problem'],
    ['18.20.0', 'problem'],
    ['22.0.0', 'ok'],
    ['20.19.0-nightly', 'ok'],
  ])('%s is %s for >=20.19', (version, status) => {
    expect(judgeNode(version, '>=20.19').status).toBe(status);
  });
});

describe('the space on disks', () => {
  const place = (free: number, device = 1, isWritable = true): PlaceFacts => ({
    what: `place ${device}`,
    folder: `/${device}`,
    free,
    device,
    isWritable,
  });

  it('is one line a device, by what is left', () => {
    const found = judgeSpace([place(5e9), place(5e9), place(5e8, 2), place(5e7, 3)]);
    expect(found.map(({ status }) => status)).toEqual(['ok', 'warning', 'problem']);
    expect(found[1]?.message).toContain('500 MB free for place 2');
  });

  it('is of no use in a folder that cannot be written', () => {
    expect(judgeSpace([place(5e9, 1, false)]).map(({ status }) => status)).toEqual(['problem', 'ok']);
  });
});

describe('a trial of a store', () => {
  const done = <T>(value: T) => ({ kind: 'done', value }) as const;
  const trial = (changes: Partial<Trial>): Trial => ({
    write: done([1, 2, 3]),
    read: done([1, 2, 3]),
    create: done(true),
    list: done(0),
    remove: done(0),
    times: done({ before: 10_000, after: 10_100, store: 10_050 }),
    written: 7,
    cleared: 0,
    scratch: 'doctor-0',
    ...changes,
  });
  const statusOf = (check: string, changes: Partial<Trial>) =>
    judgeTrial('mem:', trial(changes)).find((one) => one.check === check)?.status;

  it('judges latency by the median, so that one slow call is no matter', () => {
    expect(statusOf('latency', { write: done([3000, 5, 5, 5, 5]) })).toBe('ok');
    expect(statusOf('latency', { read: done([700, 5, 700, 700, 5]) })).toBe('warning');
  });

  it('takes a time in whole seconds, and one within the write, as no difference of the clocks', () => {
    const at = (store: number) => ({ times: done({ before: 10_900, after: 13_000, store }) });
    expect([at(10_000), at(12_000), at(13_000)].map((times) => statusOf('clock', times))).toEqual(['ok', 'ok', 'ok']);
    expect(statusOf('clock', at(10_900 - 70_000))).toBe('warning');
    expect(statusOf('clock', at(13_000 + 700_000))).toBe('problem');
  });

  it('names a call that had no answer in time', () => {
    const error = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    const [write] = judgeTrial('mem:', trial({ write: { kind: 'failed', error } }));
    expect(write).toMatchObject({ status: 'problem', message: 'No answer came in time.' });
  });
});

describe('secrets', () => {
  const clean = (text: string, env = {}) =>
    withoutSecrets({ check: 'x', status: 'problem', message: text, detail: [text], mend: text }, env);

  it.each([
    ['https://user:hunter2hunter@proxy.example.org/x', 'hunter2'],
    ['https://ghp_tokentokentokentoken@github.com/x', 'ghp_token'],
    ['https://b.s3.amazonaws.com/k?X-Amz-Signature=abcdef012345&X-Amz-Date=1', 'abcdef012345'],
    ['https://acc.example.org/c?sv=1&sig=Zm9vYmFy', 'Zm9vYmFy'],
    ['Authorization: Bearer abc.def.ghi', 'abc.def'],
    ['aws_secret_access_key=wJalrXUtnFEMI/K7MDENG', 'wJalr'],
    ['AWS_SESSION_TOKEN: FwoGZXIvYXdzEJr', 'FwoG'],
    ['token ya29.a0AfH6SMBx-y_z', 'a0AfH6SMBx'],
    ['key AKIAIOSFODNN7EXAMPLE is unknown', 'AKIAIOSFODNN7EXAMPLE'],
    ['{"private_key":"-----BEGIN PRIVATE KEY-----\\nMIIE\\n-----END PRIVATE KEY-----\\n"}', 'MIIE'],
    ["credentials: { secretAccessKey: 'wJalrXUtnFEMI' }", 'wJalrXUtnFEMI'],
  ])('are taken out of %s', (text, secret) => {
    expect(JSON.stringify(clean(text))).not.toContain(secret);
  });

  it('of the environment are taken out by their value, wherever they stand', () => {
    const env = {
      MY_API_KEY: 'plain-words',
      DB_PASSWORD: 'plain',
      HOME: '/home/me',
      GOOGLE_APPLICATION_CREDENTIALS: '/etc/key.json',
    };
    const { message, detail, mend } = clean('plain-words in /home/me by /etc/key.json', env);
    expect([message, ...(detail ?? []), mend]).toEqual(Array(3).fill('[secret] in /home/me by /etc/key.json'));
  });

  it('are not seen in ordinary addresses and names', () => {
    for (const text of [
      'http://127.0.0.1:9000/bucket',
      'fs:/data/key/token',
      's3://acme-varve/team@home',
      'git@host:path',
    ]) {
      expect(clean(text).message).toBe(text);
    }
  });
});
