import { AmbientInputs, type AttemptScope, runInScope } from '@varve/core/internal';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { installProcess } from '../../../src/observe/process/index.ts';

// This file runs in a process of its own: observers are never taken away again.
installProcess({ root: import.meta.dirname, own: [] });

async function seenBy(body: () => unknown): Promise<string[]> {
  const ambient = new AmbientInputs();
  const scope: AttemptScope = { label: 'test', ambient, write: () => {}, fail: () => {}, failRead: () => {} };
  await runInScope(scope, async () => body());
  const seen = await ambient.end();
  return [...Object.keys(seen?.tokens ?? {}), ...(seen?.calls ?? []).map(({ call }) => call)];
}

describe('a test runner in the same thread', () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it('can stand in for the clock, and take it back', async () => {
    vi.useFakeTimers({ now: 1000 });
    expect(
      await seenBy(() => expect([Date.now(), new Date().toISOString()]).toEqual([1000, '1970-01-01T00:00:01.000Z'])),
    ).toEqual([]);
    vi.advanceTimersByTime(500);
    expect(Date.now()).toBe(1500);
    expect(new Date() instanceof Date).toBe(true);
    vi.useRealTimers();
    expect(await seenBy(() => [Date.now(), new Date()])).toEqual(['Date.now', 'new Date()']);
  });

  it('can mock a function that is observed', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    expect(await seenBy(() => expect(Math.random()).toBe(0.5))).toEqual([]);
    vi.restoreAllMocks();
    expect(await seenBy(() => Math.random())).toEqual(['Math.random']);
  });

  it('can stub variables', async () => {
    vi.stubEnv('SHOP', 'stub');
    expect(await seenBy(() => expect(process.env.SHOP).toBe('stub'))).toEqual(['@env SHOP']);
    vi.unstubAllEnvs();
    expect(process.env.SHOP).toBeUndefined();
  });
});
