import { describe, expect, it } from 'vitest';
import { isNonRetryable, NonRetryableError } from '../../src/flow/authoring/retry-errors.ts';
import { parseDuration, resultOptions } from '../../src/flow/authoring/step-options.ts';

describe('parseDuration', () => {
  it.each([
    [1500, 1500],
    ['500ms', 500],
    ['10s', 10_000],
    ['1.5m', 90_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
  ])('parses %s as %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([['5'], ['5 minutes'], [-1], [Number.NaN], [null], ['']])('refuses %j', (text) => {
    expect(() => parseDuration(text)).toThrow(expect.objectContaining({ code: 'VARVE_DURATION' }));
  });
});

it('recognises a NonRetryableError', () => {
  expect([isNonRetryable(new NonRetryableError('no')), isNonRetryable(new Error('no'))]).toEqual([true, false]);
});

it('resultOptions picks the options that enter the cache key', () => {
  expect(resultOptions({ retry: 3, cache: { version: 2, ttl: '1d' }, inputs: 'mutable' })).toEqual({
    'cache.version': 2,
    inputs: 'mutable',
  });
});
