import { expect, test } from 'vitest';
import { Flow, step } from '../../src/flow/index.ts';
import { setUpValues } from './fake-blobs.ts';
import { runStep } from './run-attempt.ts';

const iterator = Object.getPrototypeOf([][Symbol.iterator]()) as { next: unknown };
type Patched = Record<PropertyKey, unknown>;

/** Replaces a method while a step runs. */
async function replacing(owner: object, key: PropertyKey, by: unknown) {
  const patched = owner as Patched;
  const before = patched[key];
  class Replacing extends Flow {
    out!: number;
    @step() replace() {
      patched[key] = by;
      this.out = 1;
    }
  }
  try {
    return { ran: await runStep(Replacing, setUpValues(), 'replace'), isBack: patched[key] === before };
  } catch (error) {
    return { error: error as Error & { code: string }, isBack: patched[key] === before };
  } finally {
    patched[key] = before;
  }
}

const broken: readonly (readonly [string, object, PropertyKey, unknown])[] = [
  ['ArrayIterator.prototype.next', iterator, 'next', () => ({ done: true, value: undefined })],
  ['Array.prototype.push', Array.prototype, 'push', () => 0],
  ['Array.prototype.map', Array.prototype, 'map', () => []],
  ['Array.prototype[Symbol.iterator]', Array.prototype, Symbol.iterator, () => 1],
  ['Map.prototype.get', Map.prototype, 'get', () => undefined],
  ['Object.keys', Object, 'keys', () => 7],
  ['JSON.parse', JSON, 'parse', () => ({})],
  ['JSON.stringify', JSON, 'stringify', () => 'no JSON'],
];

test.each(broken)('a step that breaks %s fails, and breaks nothing after it', async (path, owner, key, by) => {
  const { error, isBack } = await replacing(owner, key, by);
  expect(error?.code).toBe('VARVE_BROKEN_BUILT_IN');
  expect(error?.message).toContain(path);
  expect(isBack).toBe(true);
});

test('a step that waits fails as well, and so does one that throws', async () => {
  class Waiting extends Flow {
    @step() async wait() {
      await null;
      Array.prototype.map = () => [];
    }
    @step() fail() {
      Array.prototype.map = () => [];
      throw new Error('no');
    }
  }
  const { map } = Array.prototype;
  for (const name of ['wait', 'fail']) {
    await expect(runStep(Waiting, setUpValues(), name)).rejects.toThrow(/in the place of Array.prototype.map$/);
    expect(Array.prototype.map).toBe(map);
  }
});

test('a step may put something in the place of a built-in that does the same', async () => {
  const { next } = iterator as { next: (this: unknown) => unknown };
  const { ran, isBack } = await replacing(iterator, 'next', function (this: unknown) {
    return Reflect.apply(next, this, []);
  });
  expect(ran?.out).toBe(1);
  expect(isBack).toBe(false);
});
