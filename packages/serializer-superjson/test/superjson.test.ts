import { SerializeError, VarveError } from '@varve/core/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SuperjsonOptions, SuperjsonSerializer } from '../src/index.ts';

class Point {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
}
class Money {
  #cents: number;
  constructor(cents: number) {
    this.#cents = cents;
  }
  get cents(): number {
    return this.#cents;
  }
}
const money = {
  name: 'money',
  isApplicable: (value: unknown): value is Money => value instanceof Money,
  serialize: (value: Money) => value.cents,
  deserialize: (cents: number) => new Money(cents),
};
class LateError extends Error {}

function roundTrip(value: unknown, options?: SuperjsonOptions): unknown {
  const serializer = new SuperjsonSerializer(options);
  const { codec, parts } = serializer.encode(value);
  return new SuperjsonSerializer(options).decode(codec, new Uint8Array(Buffer.concat(parts)));
}

function refused(value: unknown, options?: SuperjsonOptions): SerializeError {
  try {
    new SuperjsonSerializer(options).encode(value);
  } catch (error) {
    expect(SerializeError.is(error)).toBe(true);
    return error as SerializeError;
  }
  throw new Error('was taken');
}

describe('what superjson would lose is refused with its path', () => {
  const cases: [what: string, value: unknown, path: string, message: RegExp][] = [
    ['a function', { rows: [{ parse: () => 1 }] }, '.rows[0].parse', /is a function/],
    ['a class', { kind: Point }, '.kind', /is a function/],
    ['an instance of a class', { at: [new Point(1, 2)] }, '.at[0]', /of class Point and would become of class Object/],
    ['a hole', { list: Object.assign([], { 0: 1, 2: 3 }) }, '.list[1]', /is a hole/],
    ['a hole at the end', { list: new Array(2) }, '.list.length', /is 2 and would become 0/],
    ['an invalid date', { when: new Date(Number.NaN) }, '.when', /./],
    ['a subclass of Error', { error: new LateError('x') }, '.error', /LateError and would become of class Error/],
    ['a built-in error', { error: new TypeError('x') }, '.error', /TypeError/],
    ['a field of an error', { error: Object.assign(new Error('x'), { status: 404 }) }, '.error.status', /404/],
    ['an object without a prototype', { a: Object.create(null) }, '.a', /without a prototype/],
    ['the place where a pattern goes on', { a: Object.assign(/x/g, { lastIndex: 2 }) }, '.a.lastIndex', /2/],
    ['a symbol as a key', { a: { [Symbol('s')]: 1 } }, '.a', /symbol/],
    ['a symbol as a key of an error', { a: Object.assign(new Error('x'), { [Symbol('s')]: 1 }) }, '.a', /Symbol\(s\)/],
    [
      'a symbol of an error that nobody enumerates',
      { a: [Object.defineProperty(new Error('x'), Symbol('s'), { value: 1 })] },
      '.a[0]',
      /Symbol\(s\)/,
    ],
    ['a symbol of the cause of an error', { a: new Error('x', { cause: { [Symbol('s')]: 1 } }) }, '.a.cause', /symbol/],
    [
      'a getter of an error',
      { a: Object.defineProperty(new Error('x'), 'b', { get: () => undefined }) },
      '.a.b',
      /getter/,
    ],
    ['a field nobody enumerates', Object.defineProperty({}, 'a', { value: 1 }), '.a', /./],
    ['a field of bytes', { a: Object.assign(new Float64Array(3), { unit: 'm' }) }, '.a', /properties of its own/],
    ['a field of many bytes', { a: Object.assign(new Uint8Array(100), { unit: 'm' }) }, '.a', /properties of its own/],
    ['a promise', { a: Promise.resolve(1) }, '.a', /Promise/],
    ['a Map that only looks like one', { a: new (class Cache extends Map {})() }, '.a', /Cache/],
    ['an array with a field', { a: Object.assign([1], { b: 2 }) }, '.a.b', /./],
    ['a value of a Map', new Map([['k', { f() {} }]]), '.get("k").f', /is a function/],
    ['a resizable buffer', { a: Reflect.construct(ArrayBuffer, [4, { maxByteLength: 8 }]) }, '.a', /./],
    ['memory shared between threads', { a: new Uint8Array(new SharedArrayBuffer(4)) }, '.a', /./],
  ];
  it.each(cases)('%s', (_, value, path, message) => {
    const error = refused(value);
    expect(error.path).toBe(path);
    expect(error.message).toMatch(message);
  });

  it('names what superjson itself refuses', () => {
    expect(refused(JSON.parse('{"a":{"__proto__":1}}')).message).toMatch(/superjson/);
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(refused(deep).message).toMatch(/superjson/);
  });
});

describe('what superjson keeps is kept', () => {
  it('instances of registered classes and custom types', () => {
    const classes = [Point, { class: Point, identifier: 'unused' }].slice(0, 1);
    const found = roundTrip({ a: new Point(1, 2), b: new Money(5) }, { classes, custom: [money as never] }) as {
      a: Point;
      b: Money;
    };
    expect(found.a).toBeInstanceOf(Point);
    expect(found.a).toEqual(new Point(1, 2));
    expect(found.b).toBeInstanceOf(Money);
    expect(found.b.cents).toBe(5);
  });

  it('errors with the fields that are allowed', () => {
    const error = Object.assign(new Error('no', { cause: new Error('why') }), { status: 404 });
    const found = roundTrip(error, { errorProps: ['status'] }) as Error & { status: number };
    expect([found.message, found.status, found.stack]).toEqual(['no', 404, error.stack]);
    expect((found.cause as Error).message).toBe('why');
  });

  it.each([false, true])('one object in several places (dedupe: %s)', (dedupe) => {
    const shared = { list: [1] };
    const found = roundTrip({ a: shared, b: [shared] }, { dedupe }) as { a: object; b: object[] };
    expect(found.a).toBe(found.b[0]);
    const bytes = Uint8Array.of(1, 2);
    const two = roundTrip({ a: bytes, b: bytes, c: Uint8Array.of(3) }, { dedupe }) as Record<string, Uint8Array>;
    expect(two.a).toBe(two.b);
    expect(two.c).toEqual(Uint8Array.of(3));
  });

  it('binary data of every class, as bytes and not as text', () => {
    const bytes = Uint8Array.from({ length: 10_000 }, (_, i) => i);
    const memory = bytes.buffer;
    const views = { bytes, f64: new Float64Array(memory, 8, 10), big: new BigInt64Array(memory, 8, 2), memory };
    const value = { ...views, buffer: Buffer.from('text'), odd: bytes.subarray(3, 6), none: new Uint32Array(0) };
    const { parts } = new SuperjsonSerializer().encode(value);
    expect(Buffer.concat(parts).length).toBeLessThan(21_000);
    const found = roundTrip(value) as typeof value;
    expect(found).toEqual(value);
    expect(Buffer.isBuffer(found.buffer)).toBe(true);
  });

  it('any value, or refuses it', () => {
    const values = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withSparseArray: true,
      withNullPrototype: true,
      withBoxedValues: true,
      withUnicodeString: true,
    } as never);
    let kept = 0;
    fc.assert(
      fc.property(values, (value) => {
        try {
          const found = roundTrip(value);
          expect(found).toStrictEqual(value);
          kept++;
        } catch (error) {
          if (!SerializeError.is(error)) throw error;
        }
      }),
      { numRuns: 500 },
    );
    expect(kept).toBeGreaterThan(50);
  });
});

describe('a registration that could not restore its values', () => {
  it.each<[string, SuperjsonOptions]>([
    ['a class with #private fields', { classes: [Money] }],
    ['a class over a built-in', { classes: [class Cache extends Map {}] }],
    ['no class', { classes: [(() => 1) as never] }],
    ['a name twice', { classes: [Point, { class: LateError, identifier: 'Point' }] }],
    ['no name', { custom: [{ ...money, name: '' } as never] }],
  ])('%s is refused', (_, options) => {
    expect(() => new SuperjsonSerializer(options)).toThrow(VarveError);
  });
});
