import { describe, expect, it } from 'vitest';
import { parseDigest, sha256Hasher } from '../../../src/store/objects/digest.ts';
import {
  batchKey,
  blobKey,
  encodeName,
  numberKey,
  numberOfKey,
  partsOfRecordKey,
  recordKey,
  runPrefix,
  summaryKey,
} from '../../../src/store/objects/keys.ts';

/** Names of all kinds of characters, the same in each run. */
function someNames(count: number): string[] {
  const alphabet = [...'abzAZ09-_./\\ ~%:*?"<>|\n\0äß語🐧'];
  let state = 42;
  const next = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
  const letters = () => Array.from({ length: 1 + next(12) }, () => alphabet[next(alphabet.length)] ?? 'a');
  return [...new Set(Array.from({ length: count }, () => letters().join('')))];
}

describe('encodeName', () => {
  it.each([
    ['Penguins', '_penguins'],
    ['my flow', 'my.20flow'],
    ['..', '.2e.2e'],
    ['.', '.2e'],
    ['a/b', 'a.2fb'],
    ['naïve', 'na.c3.afve'],
    ['__proto__', '.5f.5fproto.5f.5f'],
    ['con', '.63on'],
    ['nul.txt', '.6eul.2etxt'],
    ['console', 'console'],
  ])('writes %j as %j', (name, encoded) => {
    expect(encodeName(name)).toBe(encoded);
  });

  it('writes every name as a segment of its own that is safe in a key', () => {
    const names = someNames(5_000);
    const segments = new Set<string>();
    for (const name of names) {
      const encoded = encodeName(name);
      expect(encoded).toMatch(/^[a-z0-9._-]+$/);
      expect(['.', '..']).not.toContain(encoded);
      segments.add(encoded);
    }
    expect(segments.size).toBe(names.length);
  });

  it('keeps names apart that differ only in case or in what was escaped', () => {
    const tricky = ['A', 'a', '_a', '.5fa', 'a.', 'a.2e', 'a b', 'a.20b', 'ä', 'a\u0308'];
    expect(new Set(tricky.map(encodeName)).size).toBe(tricky.length);
  });

  it('cuts long names, and two that differ only at their end stay apart', () => {
    const [one, two] = [`${'x'.repeat(500)}1`, `${'x'.repeat(500)}2`].map(encodeName);
    expect(one).not.toBe(two);
    expect(one?.length).toBeLessThanOrEqual(100);
  });

  it('refuses an empty name and one that is not well-formed Unicode', () => {
    expect(() => encodeName('')).toThrow(expect.objectContaining({ code: 'VARVE_BAD_NAME' }));
    expect(() => encodeName('\ud800')).toThrow(expect.objectContaining({ code: 'VARVE_BAD_NAME' }));
  });
});

describe('keys of objects', () => {
  const hex = sha256Hasher.hash([new Uint8Array(0)]);

  it('follow the layout', () => {
    expect(blobKey(`sha256:${hex}`)).toBe(`cas/sha256/e3/${hex}`);
    expect(batchKey('Penguins', '01j9', 3)).toBe('runs/_penguins/01j9/batch/00000003');
    expect(numberKey('my flow', 12)).toBe('numbers/my.20flow/00000012');
    expect(numberOfKey('numbers/my.20flow/00000012')).toBe(12);
    expect(partsOfRecordKey(recordKey('Penguins', '01j9'))).toEqual({
      record: 'records/_penguins/01j9',
      summary: summaryKey('Penguins', '01j9'),
      id: '01j9',
    });
  });

  it('keep the runs of two flows or of two ids apart', () => {
    expect(runPrefix('A', '1').startsWith(runPrefix('A', '11'))).toBe(false);
    expect(runPrefix('A', '11').startsWith(runPrefix('A', '1'))).toBe(false);
    expect(runPrefix('A/1', '1')).not.toBe(runPrefix('A', '1/1'));
  });

  it.each([
    'sha256:../../etc/passwd',
    `sha256:${hex.toUpperCase()}`,
    `sha256:${hex}/x`,
    `sha256:${hex}\n`,
    `sha256:${hex.slice(2)}`,
    `SHA256:${hex}`,
    hex,
    'sha256:',
    '',
  ])('refuse the digest %j, which could become another path', (digest) => {
    expect(() => parseDigest(digest)).toThrow(expect.objectContaining({ code: 'VARVE_BAD_DIGEST' }));
    expect(() => blobKey(digest)).toThrow(expect.objectContaining({ code: 'VARVE_BAD_DIGEST' }));
  });

  it('refuse a number that would change their length', () => {
    for (const n of [-1, 1.5, 100_000_000, Number.NaN])
      expect(() => numberKey('A', n)).toThrow(expect.objectContaining({ code: 'VARVE_BAD_NUMBER' }));
  });
});
