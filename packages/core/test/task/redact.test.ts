import { afterEach, expect, it } from 'vitest';
import { secret } from '../../src/flow/authoring/secret.ts';
import { redact, redactError, TaskLog } from '../../src/task/attempt/task-log.ts';

afterEach(() => {
  delete process.env.TEST_TOKEN;
});

it('a secret that a step has used is left out of all output', () => {
  process.env.TEST_TOKEN = 's3cr3t-value';
  expect(redact('token s3cr3t-value')).toBe('token s3cr3t-value');
  secret('TEST_TOKEN').value();
  expect(redact('a s3cr3t-value b s3cr3t-value')).toBe('a [secret TEST_TOKEN] b [secret TEST_TOKEN]');
  const seen: string[] = [];
  const log = new TaskLog({ task: 't', label: 't' }, (line) => seen.push(line.text));
  log.write('stdout', 'Authorization: s3cr3t-');
  log.write('stdout', 'value\n');
  expect(seen).toEqual(['Authorization: [secret TEST_TOKEN]']);
  expect(Buffer.from(log.end() ?? []).toString()).not.toContain('s3cr3t-value');
});

it('a secret that a step has used is left out of errors and their causes', () => {
  process.env.TEST_TOKEN = 'hunter2-long';
  secret('TEST_TOKEN').value();
  const error = redactError({
    name: 'Error',
    message: 'refused hunter2-long',
    stack: 'Error: refused hunter2-long\n    at x',
    cause: { name: 'Error', message: 'key hunter2-long' },
  });
  expect(JSON.stringify(error)).not.toContain('hunter2-long');
});

it('a secret is left out of names, codes and files of errors, the longest one first', () => {
  process.env.TEST_TOKEN = 'abcd-efgh';
  secret('TEST_TOKEN').value();
  process.env.TEST_TOKEN = 'abcd-efgh-ijkl';
  secret('TEST_TOKEN').value();
  const error = redactError({
    name: 'Nabcd-efgh',
    code: 'Cabcd-efgh-ijkl',
    message: 'm',
    location: { file: '/abcd-efgh/x.ts', line: 1 },
  });
  expect(error.code).toBe('C[secret TEST_TOKEN]');
  expect(JSON.stringify(error)).not.toContain('abcd-efgh');
});
