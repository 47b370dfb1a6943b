import { SerializeError } from '@varve/core/contract';
import { describe, expect, it } from 'vitest';

import { ExactSerializer } from '../src/serializer.ts';

const serializer = new ExactSerializer();

function refusal(value: unknown): SerializeError {
  try {
    serializer.encode(value);
  } catch (error) {
    if (SerializeError.is(error)) return error;
    throw error;
  }
  throw new Error('it was stored');
}

class Point {
  x = 1;
}
class Scores extends Map {}
class Odd extends Error {}
const revoked = (): unknown => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const detached = (): unknown => {
  const bytes = new Uint8Array(4);
  structuredClone(bytes, { transfer: [bytes.buffer] });
  return bytes;
};
const withGetter = (target: object, name: PropertyKey): unknown =>
  Object.defineProperty(target, name, {
    get: () => expect.unreachable('it ran'),
    enumerable: true,
    configurable: true,
  });
const hidden = (target: object): unknown => Object.defineProperty(target, 'hidden', { value: 1, configurable: true });
const long = (): number[] => new Array<number>(300).fill(1);

const REFUSED: readonly (readonly [name: string, value: unknown, path: string, message: RegExp])[] = [
  ['a function', () => 1, '', /the value is a function.*@transient/],
  ['a method in rows', { rows: [0, 1, 2, { parse() {} }] }, '.rows[3].parse', /^\.rows\[3\]\.parse is a function/],
  ['a class itself', { type: Point }, '.type', /is a function/],
  ['a symbol', { 'a b': [Symbol('s')] }, '["a b"][0]', /is a symbol/],
  ['a symbol key', { a: { [Symbol.iterator]: 1 } }, '.a', /key is a symbol/],
  ['a getter', { a: withGetter({}, 'b') }, '.a.b', /accessor.*plain property/],
  ['a setter', { a: Object.defineProperty({}, 'b', { set() {}, enumerable: true }) }, '.a.b', /accessor/],
  ['a getter in an array', { a: withGetter([1, 2], 1) }, '.a[1]', /accessor/],
  ['a setter in an array', [Object.defineProperty([1], 0, { set() {} })], '[0][0]', /accessor/],
  ['a hidden property', { a: hidden({ x: 1 }) }, '.a.hidden', /not enumerable/],
  ['a property on an array', { a: Object.assign([1, 2], { total: 3 }) }, '.a', /properties besides its elements/],
  [
    'a property on a sparse array',
    { a: Object.assign(new Array(3), { 0: 1, total: 3 }) },
    '.a',
    /properties besides its elements/,
  ],
  ['a property on a long array', { a: Object.assign(long(), { total: 3 }) }, '.a', /properties besides its elements/],
  ['a hidden property on a long array', hidden(long()), '', /properties besides its elements/],
  ['a symbol on a long array', Object.assign(long(), { [Symbol('s')]: 1 }), '', /properties besides its elements/],
  ['a match of a RegExp', { m: /a/.exec('a') }, '.m', /properties besides its elements/],
  ['a property on a Map', [Object.assign(new Map(), { a: 1 })], '[0]', /Map with properties/],
  ['a property on a Date', Object.assign(new Date(), { a: 1 }), '', /Date with properties/],
  ['a property on bytes', Object.assign(new Uint8Array(4), { a: 1 }), '', /Uint8Array with properties/],
  ['a property on many bytes', Object.assign(Buffer.alloc(5000), { a: 1 }), '', /Buffer with properties/],
  ['a hidden property on an error', hidden(new Error('x')), '.hidden', /not enumerable/],
  ['an odd lastIndex', Object.assign(/x/, { lastIndex: -1 }), '', /lastIndex/],
  ['an instance', { at: [new Point()] }, '.at[0]', /instance of Point.*classes: \[Point\].*@transient/],
  ['a subclass of Map', new Scores(), '', /Scores, a kind of Map/],
  ['a subclass of Array', new (class List extends Array {})(), '', /List, a kind of Array/],
  ['a subclass of Error', new Odd('x'), '', /Odd, a kind of Error/],
  ['a subclass of Uint8Array', new (class Bytes extends Uint8Array {})(3), '', /Bytes, a kind of Uint8Array/],
  ['a foreign prototype', Object.create({ a: 1 }), '', /neither Object.prototype nor null/],
  ['a false Map', Object.create(Map.prototype), '', /only looks like one/],
  ['a false Date', Object.create(Date.prototype), '', /only looks like one/],
  ['a false URL', Object.create(URL.prototype), '', /only looks like one/],
  ['a false Error', Object.create(RangeError.prototype), '', /only looks like one/],
  ['a false Uint8Array', Object.create(Uint8Array.prototype), '', /only looks like binary data/],
  ['a Promise', { a: Promise.resolve(1) }, '.a', /Promise.*Await it/],
  ['a WeakMap', new WeakMap(), '', /WeakMap.*Use a Map/],
  ['a WeakRef', new WeakRef({}), '', /WeakRef/],
  ['a boxed number', Object(1), '', /Number.*primitive/],
  ['a generator', (function* () {})(), '', /neither Object.prototype nor null/],
  [
    'arguments',
    (function (..._: unknown[]) {
      return arguments;
    })(1),
    '',
    /symbol/,
  ],
  ['a Proxy', { a: new Proxy({}, {}) }, '.a', /Proxy.*plain copy/],
  ['a revoked Proxy', { a: revoked() }, '.a', /Proxy/],
  ['a revoked Proxy alone', revoked(), '', /Proxy/],
  ['shared memory', { a: new SharedArrayBuffer(8) }, '.a', /SharedArrayBuffer/],
  ['a view of shared memory', new Uint8Array(new SharedArrayBuffer(8)), '', /shared between threads/],
  ['bytes without memory', { a: detached() }, '.a', /lost its memory/],
  ['a function in a Map', { m: new Map([['key', () => 1]]) }, '.m.get("key")', /function/],
  [
    'a function as a key',
    new Map([
      [1, 1],
      [() => 1, 2],
    ] as never),
    '.key(1)',
    /function/,
  ],
  ['a function behind an object key', new Map([[{}, () => 1]]), '.value(0)', /function/],
  ['a function in a Set', { s: new Set([1, () => 1]) }, '.s.member(1)', /function/],
  ['a function in a cause', new Error('x', { cause: { f: () => 1 } }), '.cause.f', /function/],
  ['a function in a bare object', Object.assign(Object.create(null) as object, { f: () => 1 }), '.f', /function/],
  ['a function in a sparse array', Object.assign(new Array(3), { 2: () => 1 }), '[2]', /function/],
];

describe('encoding refuses, with the path to it,', () => {
  it.each(REFUSED)('%s', (_, value, path, message) => {
    const error = refusal(value);
    expect(error.path).toBe(path);
    expect(error.message).toMatch(message);
  });

  it('a value nested too deep, whatever it is made of', () => {
    for (const wrap of [(it: unknown) => [it], (it: unknown) => ({ a: it }), (it: unknown) => new Set([it])]) {
      let value: unknown = 1;
      for (let i = 0; i < 100_000; i++) value = wrap(value);
      expect(refusal(value).message).toMatch(/nested more than 500 levels/);
      expect(refusal(value).message.length).toBeLessThan(1000);
    }
  });

  it('a value when there is no room left on the call stack', () => {
    class Echo {}
    const echo = { class: Echo, to: () => new Echo(), from: () => new Echo() };
    const endless = (): unknown => new ExactSerializer({ classes: [echo] }).encode({ a: new Echo() });
    expect(endless).toThrow(SerializeError);
    expect(endless).toThrow(/too deep in the call stack/);
  });

  it('every value, while a library gives all of them a toJSON', () => {
    Reflect.set(Object.prototype, 'toJSON', () => 'surprise');
    try {
      expect(refusal({ a: 1 }).message).toMatch(/toJSON/);
    } finally {
      Reflect.deleteProperty(Object.prototype, 'toJSON');
    }
  });

  it('but not a bigint while a library gives bigints a toJSON', () => {
    Reflect.set(BigInt.prototype, 'toJSON', () => 'surprise');
    try {
      const { codec, parts } = serializer.encode([1n]);
      expect(serializer.decode(codec, Buffer.concat(parts))).toEqual([1n]);
    } finally {
      Reflect.deleteProperty(BigInt.prototype, 'toJSON');
    }
  });
});
