import { expect, test } from 'vitest';
import { paintWith } from '../../src/print/format.ts';
import { cut, logText, padEnd, padStart, plain, width } from '../../src/print/text.ts';

const paint = paintWith(true);

test.each<[string, number]>([
  ['', 0],
  ['train', 5],
  ['ペンギン', 8],
  ['e\u0301', 1],
  ['n\u0303\u0304', 1],
  ['🐧', 2],
  ['👩‍👩‍👧', 2],
  ['🇦🇶', 2],
  ['❤\ufe0f', 2],
  ['ﾊﾟ', 2],
  ['한국', 4],
  ['a\u200bb', 2],
  ['… │ ✔', 5],
  [paint('red', '失敗'), 4],
])('the width of %j is %i columns', (text, columns) => {
  expect(width(text)).toBe(columns);
});

test('cut() keeps as much as fits, and never splits a character', () => {
  expect(cut('penguins', 8)).toBe('penguins');
  expect(cut('penguins', 5)).toBe('peng…');
  expect(cut('ペンギン', 4)).toBe('ペ…');
  expect(cut('e\u0301e\u0301e\u0301', 2)).toBe('e\u0301…');
  expect(cut('👩‍👩‍👧👩‍👩‍👧', 3)).toBe('👩‍👩‍👧…');
  expect(cut('x', 0)).toBe('');
});

test('cut() closes styles', () => {
  const text = `${paint('red', 'red')} and ${paint('dim', 'dim words')}`;
  expect(cut(text, 9)).toBe(`${paint('red', 'red')} and ${paint('dim', '…')}`);
  expect(width(cut(text, 12))).toBe(12);
});

test('padding counts columns, not characters', () => {
  expect([padEnd('ペ', 4), padStart('ペ', 4), padEnd('long', 2)]).toEqual(['ペ  ', '  ペ', 'long']);
});

test('plain() removes everything that a terminal interprets', () => {
  expect(plain('\u001b[31mred\u001b[0m')).toBe('red');
  expect(plain('\u001b]8;;http://x\u0007link\u001b]8;;\u0007')).toBe('link');
  expect(plain('a\nb\tc')).toBe('a b c');
  expect(plain('\u009b2Jx\u202egnp.exe')).toBe('xgnp.exe');
  expect(logText('\u001b')).toBe(' ');
});
