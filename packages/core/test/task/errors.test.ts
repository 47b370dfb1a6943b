import { expect, it } from 'vitest';
import { checkOutcome } from '../../src/run/loop/dispatcher.ts';
import { storeError } from '../../src/store/journal/stored-error.ts';
import { failedOutcome } from '../../src/task/attempt/execute-task.ts';
import { AttemptAbort } from '../../src/task/attempt/step-scope.ts';
import { fromWire, toWire } from '../../src/task/remote/calls.ts';

const thrown = (more: object) => Object.assign(new Error('css'), more);

it('a stored error takes the location of another library only when it is a place in a file', () => {
  const circular: Record<string, unknown> = { file: 'a.css', line: 1 };
  circular.self = circular;
  expect(storeError(thrown({ location: { file: 'a.css' } })).location?.file).not.toBe('a.css');
  expect(storeError(thrown({ location: { file: 'a.css', line: 1n } })).location?.file).not.toBe('a.css');
  expect(storeError(thrown({ location: circular })).location).toEqual({ file: 'a.css', line: 1 });
  expect(() => JSON.stringify(storeError(thrown({ location: circular })))).not.toThrow();
});

it('anything that a step throws can be stored and sent to another thread', () => {
  const unprintable = new Error('x');
  Object.defineProperty(unprintable, 'message', { value: Object.create(null) });
  const trap = new Error('y');
  Object.defineProperty(trap, 'stack', {
    get: () => {
      throw new Error('no');
    },
  });
  for (const error of [unprintable, trap, Object.create(null), undefined, 3n]) {
    expect(typeof storeError(error).message).toBe('string');
    expect(typeof toWire(error).message).toBe('string');
  }
});

it('a cycle of causes is cut off in a stored and in a sent error', () => {
  const error = new Error('round');
  error.cause = error;
  expect(storeError(error).cause?.cause?.message).toBe('round');
  expect(fromWire(toWire(error)).message).toBe('round');
});

it('an outcome whose error cannot be stored is refused', () => {
  const error = { name: 'Error', message: 'm', location: { file: 'a', line: 1.5 } };
  expect(() => checkOutcome({ ok: false, ms: 1, error, retryable: false }, 'mine', 'a')).toThrow(/location\.line/);
});

it('an outcome whose error is its own cause is refused', () => {
  const error: { name: string; message: string; cause?: object } = { name: 'Error', message: 'm' };
  error.cause = error;
  const outcome = { ok: false, ms: 1, error, retryable: false } as never;
  expect(() => checkOutcome(outcome, 'mine', 'a')).toThrow(/causes deep/);
});

it('a thrown value that cannot be inspected becomes a failed outcome', () => {
  const refuse = () => {
    throw new Error('no');
  };
  const hostile = new Proxy({}, { get: refuse, has: refuse, getPrototypeOf: refuse });
  expect(failedOutcome(hostile, 1, new AttemptAbort())).toMatchObject({ ok: false, retryable: false });
});
