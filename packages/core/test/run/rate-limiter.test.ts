import { describe, expect, it } from 'vitest';
import type { GraphStep } from '../../src/flow/describe/graph.ts';
import { RateLimiter } from '../../src/run/loop/limits.ts';

describe('RateLimiter', () => {
  it('is not stalled by a clock that is set back', () => {
    let now = 1_700_000_000_000;
    const limiter = new RateLimiter({ now: () => now, sleep: async () => {} });
    const step = { name: 'call', rate: { count: 10, perMs: 1_000 } } as GraphStep;
    limiter.started(step);
    expect(limiter.wait(step)).toBe(100);
    now -= 3_600_000;
    expect(limiter.wait(step)).toBe(100);
    now += 100;
    expect(limiter.wait(step)).toBe(0);
  });
});
