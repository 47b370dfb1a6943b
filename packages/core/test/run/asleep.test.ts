import { settle, step } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import { done, FakeRun } from './fake-run.ts';

const STEPS = [step('a', { children: ['b'] }), step('b', { kind: 'linear', parents: ['a'] })];

/** A run whose machine sleeps during `a`. */
function sleeping(ms: number): FakeRun {
  const fake = new FakeRun();
  fake.behaviour = async ({ step: name }) => {
    if (name === 'a') await fake.clock.advance(ms);
    return done();
  };
  return fake;
}

describe('after a sleep', () => {
  it('no task starts before the journal has looked whether the run was taken over', async () => {
    const fake = sleeping(60_000);
    let asked = 0;
    let answer: () => void = () => {};
    fake.confirm = () => (++asked === 1 ? Promise.resolve() : new Promise((resolve) => (answer = resolve)));
    const ended = fake.run(STEPS);
    await settle();
    await settle();
    expect(asked).toBe(2);
    expect(fake.started).toEqual(['own:a']);
    answer();
    expect((await ended).status).toBe('succeeded');
    expect(fake.started).toEqual(['own:a', 'own:b']);
  });

  it('no task starts when it was', async () => {
    const fake = sleeping(60_000);
    let asked = 0;
    fake.confirm = async () => {
      if (++asked > 1) fake.stopJournal('fenced');
    };
    expect((await fake.run(STEPS)).status).toBe('cancelled');
    expect(fake.started).toEqual(['own:a']);
  });

  it('the run ends with the error when the journal cannot look', async () => {
    const fake = sleeping(60_000);
    let asked = 0;
    fake.confirm = async () => {
      if (++asked > 1) throw new Error('no network');
    };
    await expect(fake.run(STEPS)).rejects.toThrow('no network');
    expect(fake.started).toEqual(['own:a']);
  });

  it('of some seconds tasks start at once, and the journal is asked meanwhile', async () => {
    const fake = sleeping(4_000);
    let asked = 0;
    fake.confirm = () => (++asked === 1 ? Promise.resolve() : new Promise(() => {}));
    expect((await fake.run(STEPS)).status).toBe('succeeded');
    expect(asked).toBe(2);
  });
});
