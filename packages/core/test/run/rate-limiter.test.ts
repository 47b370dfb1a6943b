import { describe, expect, it } from 'vitest';
import type { GraphStep } from '../../src/flow/describe/graph.ts';
import { RateLimiter } from '../../src/run/loop/rates.ts';

const rated = (count: number) => ({ name: 'call', rate: { count, perMs: 1_000 } }) as GraphStep;

/** When a step starts that always has a task to start, looked at whenever a timer ends, which is `late` ms too late. */
function startsOf(step: GraphStep, ms: number, late: number): number[] {
  let now = 1_700_000_000_000;
  const begin = now;
  const limiter = new RateLimiter({ now: () => now, sleep: async () => {} });
  const starts: number[] = [];
  while (now - begin < ms) {
    const wait = limiter.wait(step);
    if (wait === 0) {
      limiter.started(step);
      starts.push(now - begin);
    } else now += Math.ceil(wait) + late;
  }
  return starts;
}

describe('RateLimiter', () => {
  it('is not stalled by a clock that is set back', () => {
    let now = 1_700_000_000_000;
    const limiter = new RateLimiter({ now: () => now, sleep: async () => {} });
    const step = rated(10);
    limiter.started(step);
    expect(limiter.wait(step)).toBe(100);
    now -= 3_600_000;
    expect(limiter.wait(step)).toBe(100);
    now += 100;
    expect(limiter.wait(step)).toBe(0);
  });

  it('saves no unused time up', () => {
    let now = 1_700_000_000_000;
    const limiter = new RateLimiter({ now: () => now, sleep: async () => {} });
    const step = rated(10);
    limiter.started(step);
    now += 3_600_000;
    expect(limiter.wait(step)).toBe(0);
    limiter.started(step);
    expect(limiter.wait(step)).toBe(100);
  });

  it.each([1, 10, 100, 1000])('lets no second have more than %i starts, and 10 ms of them at most', (count) => {
    const starts = startsOf(rated(count), 10_000, 3);
    const most = Math.max(...starts.map((from) => starts.filter((at) => at >= from && at < from + 1_000).length));
    expect(most).toBeLessThanOrEqual(count + Math.max(0, count / 100 - 1));
  });

  it('is not slower for timers that are late when starts are close to each other', () => {
    expect(startsOf(rated(1000), 10_000, 3).length).toBeGreaterThan(9_900);
  });

  it('gives a start back that was called off', () => {
    const limiter = new RateLimiter({ now: () => 0, sleep: async () => {} });
    const step = rated(10);
    limiter.started(step);
    limiter.returned(step);
    expect(limiter.wait(step)).toBe(0);
  });
});
