import { expect, it } from 'vitest';
import { checkRange, rangeHeader, sentRange } from '../../src/store-kit/ranges.ts';

it('writes a range as HTTP does, which counts the last byte in', () => {
  expect(rangeHeader({ start: 0, end: 1 })).toBe('bytes=0-0');
  expect(rangeHeader({ start: 5, end: 10 })).toBe('bytes=5-9');
  for (const end of [Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER]) {
    expect(rangeHeader({ start: 5, end })).toBe('bytes=5-');
  }
});

it('reads what an answer says that it sends', () => {
  expect(sentRange('bytes 5-9/100')).toEqual({ start: 5, end: 10, total: 100 });
  for (const header of [undefined, '', 'bytes 5-9/*', 'bytes */100', 'items 5-9/100']) {
    expect(sentRange(header), String(header)).toBeUndefined();
  }
});

it('refuses what is no range', () => {
  for (const range of [
    { start: 0, end: 0 },
    { start: 3, end: Number.POSITIVE_INFINITY },
  ]) {
    expect(() => checkRange('a', range)).not.toThrow();
  }
  for (const range of [
    { start: -1, end: 2 },
    { start: 3, end: 2 },
    { start: 0.5, end: 2 },
    { start: 0, end: Number.NaN },
    { start: Number.NaN, end: 1 },
  ]) {
    expect(() => checkRange('a', range), JSON.stringify(range)).toThrow('is not a range of bytes');
  }
});
