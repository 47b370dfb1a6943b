import { step } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import { type CacheSettings, forcedSteps, parseForce, policyOf, type StepPolicy } from '../../src/cache/policy.ts';
import type { CodeFingerprint } from '../../src/contract/index.ts';
import type { GraphStep } from '../../src/flow/describe/graph.ts';

const CODE: CodeFingerprint = {
  step: 'a',
  code: 'sha256:00',
  nodes: [],
  packages: [],
  assets: [],
  native: false,
  moduleState: [],
  hazards: [],
  purity: [],
};
const SETTINGS: CacheSettings = { mode: 'rw', purity: 'warn', force: [] };

const policy = (
  options: Partial<GraphStep> = {},
  settings: Partial<CacheSettings> = {},
  code: Partial<CodeFingerprint> = {},
) => policyOf(step('a', options), { ...CODE, ...code }, { ...SETTINGS, ...settings }, new Set());
const never = (...given: Parameters<typeof policy>) => {
  const found = policy(...given);
  return 'code' in found ? `${found.code} ${found.text}` : undefined;
};
const used = (...given: Parameters<typeof policy>) => policy(...given) as StepPolicy;

describe('the cache policy of a step', () => {
  it.each([
    ['rw', true, true, false],
    ['read', true, false, false],
    ['write', false, true, false],
    ['refresh', false, true, true],
  ] as const)('follows the mode %s', (mode, lookup, publish, forced) => {
    expect(used({}, { mode })).toMatchObject({ lookup, publish, forced });
  });

  it('is a reason for cache: false, for effects, and when the cache is off', () => {
    expect(never({ cache: false })).toBe('DISABLED cache: false');
    expect(never({ effect: {} })).toBe('DISABLED it has an effect');
    expect(never({}, { mode: 'off' })).toBe('DISABLED --cache off');
    expect(never({ effect: {} }, { mode: 'refresh' })).toBe('DISABLED it has an effect');
  });

  it('is a reason for dependencies that no key covers', () => {
    expect(never({}, {}, { moduleState: ['lib.ts#memo'] })).toMatch(/^IMPURE memo in lib.ts keeps state/);
    expect(never({ cache: {} }, {}, { moduleState: ['lib.ts#memo'] })).toBeUndefined();
  });

  it('allows a class that is created at load only with a version', () => {
    expect(never({}, {}, { tier: 'runtime' })).toMatch(/^IMPURE its class is made while the file is loaded/);
    expect(never({ cache: {} }, {}, { tier: 'runtime' })).toMatch(/^IMPURE/);
    expect(never({ cache: { version: '1' } }, {}, { tier: 'runtime' })).toBeUndefined();
    expect(never({}, {}, { tier: 'files' })).toBeUndefined();
  });

  it('does not publish results of scope run, and uses the shortest age', () => {
    expect(used({ cache: { scope: 'run' } })).toMatchObject({ lookup: true, publish: false });
    expect(used({ cache: { ttlMs: 500 } }, { maxAgeMs: 900 }).maxAgeMs).toBe(500);
    expect(used({ cache: { ttlMs: 900 } }, { maxAgeMs: 500 }).maxAgeMs).toBe(500);
    expect(used().maxAgeMs).toBeUndefined();
  });
});

describe('a forced execution', () => {
  const steps = [
    step('a', { children: ['b', 'c'] }),
    step('b', { children: ['d'] }),
    step('c', { children: ['d'] }),
    step('d'),
  ];
  const forced = (...texts: string[]) =>
    [
      ...forcedSteps(
        steps,
        texts.flatMap((text) => parseForce(text) ?? []),
      ),
    ].sort();

  it('covers a step, or a step with all steps after it', () => {
    expect(forced('b')).toEqual(['b']);
    expect(forced('b+')).toEqual(['b', 'd']);
    expect(forced('a+', 'b')).toEqual(['a', 'b', 'c', 'd']);
    expect(forced('b', 'b+')).toEqual(['b', 'd']);
  });

  it('may cover one element of a foreach', () => {
    const force = [parseForce('a[knn]')].flatMap((one) => one ?? []);
    expect(forcedSteps(steps, force).size).toBe(0);
    expect([...used({}, { force }).forcedLabels]).toEqual(['a[knn]']);
  });
});
