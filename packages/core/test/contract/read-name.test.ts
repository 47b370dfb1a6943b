import { describe, expect, it } from 'vitest';
import { formatRead, parseRead, type Read } from '../../src/contract/index.ts';

const NAMES = [
  'rows',
  '$x_1',
  'a.b',
  '*',
  '!x',
  '[3]',
  '[3].score',
  '@element',
  '\\',
  'a\\.b',
  '',
  'zwölf',
  '\n',
  '"',
  '__proto__',
];

const reads: Read[] = [
  { kind: 'own-names' },
  { kind: 'task-names', index: 0 },
  { kind: 'task-names', index: '*' },
  { kind: 'context', field: 'element' },
  { kind: 'context', field: 'run.id' },
  ...NAMES.flatMap((name): Read[] => [
    { kind: 'own', name, absent: false },
    { kind: 'own', name, absent: true },
    { kind: 'task', index: 12, name, absent: false },
    { kind: 'task', index: '*', name, absent: true },
    { kind: 'branch', branch: name, name: 'x', absent: false },
    { kind: 'branch', branch: 'left', name, absent: true },
    { kind: 'branch-names', branch: name },
  ]),
];

describe('formatRead and parseRead', () => {
  it('parse every read that is formatted', () => {
    for (const read of reads) expect(parseRead(formatRead(read)), formatRead(read)).toEqual(read);
  });

  it('write different reads as different texts', () => {
    expect(new Set(reads.map(formatRead)).size).toBe(reads.length);
  });

  it('leave usual names unescaped', () => {
    expect(formatRead({ kind: 'own', name: 'rows', absent: true })).toBe('!rows');
    expect(formatRead({ kind: 'task', index: 3, name: 'score', absent: false })).toBe('[3].score');
    expect(formatRead({ kind: 'branch', branch: 'left', name: 'x', absent: false })).toBe('left.x');
  });

  it('reject texts that are never written', () => {
    for (const text of ['@other', 'a.b.c', '!*', '[x].y', '![*].*', '[03].x'])
      expect(parseRead(text), text).toBeUndefined();
  });
});
