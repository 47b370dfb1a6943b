import { CRC32C } from '@google-cloud/storage';
import { noise } from '@varve/test-servers/wire';
import { expect, it } from 'vitest';
import { Crc32c } from '../src/bytes/crc32c.ts';
import { redact, secretsOf } from '../src/requests/redact.ts';

it('computes the checksum that the SDK computes, of bytes of any length, at any place, in any pieces', () => {
  expect(new Crc32c().update(Buffer.from('data')).toString()).toBe('rth90Q==');
  const all = noise(5000);
  for (let length = 0; length < 40; length++) {
    for (const offset of [0, 1, 3, 4000]) {
      const bytes = all.subarray(offset, offset + length);
      const expected = new CRC32C();
      expected.update(Buffer.from(bytes));
      const cut = length % 7;
      const mine = new Crc32c().update(bytes.subarray(0, cut)).update(bytes.subarray(cut));
      expect(mine.toString(), `${length} bytes from ${offset}`).toBe(expected.toString());
    }
  }
});

it('takes out of a message what looks like a secret, and the secrets of the user', () => {
  const key = '-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----\n';
  const secrets = secretsOf({
    type: 'x',
    client_email: 'robot@example.com',
    private_key: key,
    inner: { token: 'abcdefgh' },
  });
  expect(secrets).toEqual([key, 'abcdefgh']);
  const texts = [
    `bad key ${key} here`,
    'Authorization: Bearer abc.def-ghi',
    'token ya29.A0AfH6SM is old',
    'PUT https://storage.googleapis.com/upload?upload_id=ABCdef_-123&x=y',
    '{"private_key": "MIIEvQ", "client_secret":"s3cr3t"}',
    'assertion=eyJhbGciOi.eyJpc3Mi.c2ln',
    'it was abcdefgh',
  ];
  for (const text of texts) {
    expect(redact(text, secrets)).not.toMatch(/MIIEvQ|abc\.def|A0AfH6SM|ABCdef|s3cr3t|eyJ|abcdefgh/);
    expect(redact(text, secrets)).toContain('[secret]');
  }
  expect(redact('robot@example.com has no access', secrets)).toBe('robot@example.com has no access');
  expect(redact('two\nlines\u001b[31m')).toBe('two lines [31m');
  expect(redact('x'.repeat(1000)).length).toBeLessThan(410);
});
