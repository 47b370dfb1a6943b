import assert from 'node:assert/strict';
import type { Serializer } from '@varve/core/contract';
import { pattern } from '../bytes.ts';
import type { Case } from '../case.ts';
import { exactOrRefused, fingerprint, refusal, roundTrip } from './encodings.ts';

const PLAIN = {
  text: 'a "quoted" line\nand ✓ 😀 \u0000 \u2028',
  empty: '',
  zero: 0,
  fraction: 0.1 + 0.2,
  tiny: 5e-324,
  huge: Number.MAX_VALUE,
  whole: Number.MAX_SAFE_INTEGER,
  yes: true,
  no: false,
  nothing: null,
  list: [1, [2, [3, []]], {}],
  nested: { a: { b: { c: [{ d: null }] } } },
  '': 'empty name',
  'a.b': 'dotted name',
  json: { meta: { values: ['x'] } },
};

class Point {
  readonly x: number;
  constructor(x: number) {
    this.x = x;
  }
}

function cyclic(): unknown {
  const node: { next?: unknown } = {};
  node.next = node;
  return node;
}

function sparse(): unknown[] {
  const list: unknown[] = [];
  list[3] = 'x';
  return list;
}

/** Values beyond JSON: each must be read back exactly or refused. */
const UNUSUAL: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  'a field that is undefined': () => ({ a: undefined, b: 1 }),
  'an element that is undefined': () => [undefined, 1],
  NaN: () => [Number.NaN],
  Infinity: () => [Infinity, -Infinity],
  'minus zero': () => [-0],
  'a bigint': () => ({ n: 2n ** 80n }),
  'a Date': () => new Date(1_790_000_000_123),
  'an invalid Date': () => new Date(Number.NaN),
  'a Map with keys that are no strings': () =>
    new Map<unknown, unknown>([
      [1, 'a'],
      ['1', 'b'],
      [null, [1]],
    ]),
  'a Set': () => new Set([3, 1, '1']),
  'a RegExp': () => /a(b)?/giu,
  'a URL': () => new URL('https://example.org/a?b=c#d'),
  'an Error': () => new RangeError('out of range'),
  'a sparse array': sparse,
  'a circle': cyclic,
  'a boxed number': () => Object(1),
  'an object without a prototype': () => Object.assign(Object.create(null), { a: 1 }),
  'a typed array': () => ({ weights: new Float64Array([1.5, -0, Number.NaN]) }),
  'a DataView': () => new DataView(new ArrayBuffer(8), 2, 4),
  'an ArrayBuffer': () => [pattern(20).buffer],
  'a lone surrogate': () => ['\ud800', '\udc00x'],
  'an instance of a class': () => [new Point(3)],
  'a field called __proto__': () => JSON.parse('{"__proto__": {"polluted": true}, "a": 1}'),
  'fields called constructor and prototype': () => ({ constructor: { prototype: { polluted: true } }, toString: 'x' }),
  'an array with a field': () => Object.assign([1], { extra: true }),
  'one object in two places': () => {
    const shared = { a: [1] };
    return { first: shared, second: shared };
  },
};

/** Pairs of values that must not have equal bytes. */
const PAIRS: readonly (readonly [string, unknown, unknown])[] = [
  ['0 and -0', [0], [-0]],
  ['null and undefined', [null], [undefined]],
  ['a missing field and one that is undefined', {}, { a: undefined }],
  ['NaN and null', [Number.NaN], [null]],
  ['1, "1" and 1n', [1, '1'], ['1', 1]],
  ['a number and a bigint', [1], [1n]],
  ['a Date and its text', [new Date(0)], [new Date(0).toISOString()]],
  ['an array and an object', [[]], [{}]],
  ['a Map and its entries', [new Map([['a', 1]])], [[['a', 1]]]],
  ['a Set and an array', [new Set([1])], [[1]]],
  ['bytes and an array of numbers', [Uint8Array.of(1, 2)], [[1, 2]]],
  ['two kinds of typed array', [new Uint8Array(4)], [new Uint32Array(1)]],
  ['a text and the same with a mark', ['é'], ['e\u0301']],
];

/** Cases about exactness: a value is read back exactly, or refused. */
export const exactnessCases: readonly Case<Serializer>[] = [
  {
    name: 'keeps plain JSON data, with the order of its fields',
    async run(serializer) {
      const found = roundTrip(serializer, PLAIN);
      assert.deepEqual(found, PLAIN);
      assert.deepEqual(Object.keys(found as object), Object.keys(PLAIN), 'the order of fields');
      for (const value of ['text', 12.5, true, null, [], {}, '']) assert.deepEqual(roundTrip(serializer, value), value);
    },
  },
  {
    name: 'keeps bytes, and only those of a view',
    async run(serializer) {
      const all = pattern(1_000_000, 9);
      assert.deepEqual(roundTrip(serializer, all), all);
      assert.deepEqual(roundTrip(serializer, all.subarray(10, 30)), Uint8Array.from(all.subarray(10, 30)));
      exactOrRefused(serializer, { image: all.subarray(10, 30) }, 'bytes in a field');
      assert.deepEqual(roundTrip(serializer, new Uint8Array()), new Uint8Array());
    },
  },
  {
    name: 'keeps every other value exactly, or refuses it with a SerializeError',
    async run(serializer) {
      for (const [what, make] of Object.entries(UNUSUAL)) exactOrRefused(serializer, make(), what);
      assert.equal(({} as Record<string, unknown>).polluted, undefined, 'a stored name reached Object.prototype');
    },
  },
  {
    name: 'gives different values different bytes, or refuses them',
    async run(serializer) {
      for (const [what, a, b] of PAIRS) {
        const [first, second] = [fingerprint(serializer, a), fingerprint(serializer, b)];
        if (first !== undefined) assert.notEqual(first, second, `${what} have the same bytes`);
      }
    },
  },
  {
    name: 'refuses functions and symbols, and names the path to them',
    async run(serializer) {
      for (const value of [() => 1, Symbol('s'), class {}]) {
        assert.equal(refusal('a function or symbol', () => serializer.encode(value)).path, '');
        const row = { id: 1, parse: value };
        const error = refusal('a function or symbol in a field', () => serializer.encode({ rows: [{}, {}, {}, row] }));
        assert.equal(error.path, '.rows[3].parse', 'the path that the error names');
      }
    },
  },
  {
    name: 'refuses what it cannot see into, rather than keep it empty',
    async run(serializer) {
      const opaque = {
        'a Promise': Promise.resolve(1),
        'a WeakMap': new WeakMap(),
        'a Proxy of a function': new Proxy(() => 1, {}),
      };
      for (const [what, value] of Object.entries(opaque)) {
        assert.equal(refusal(what, () => serializer.encode({ field: value })).path, '.field', `the path to ${what}`);
      }
    },
  },
  {
    name: 'keeps or refuses values nested deeper than the stack',
    async run(serializer) {
      let deep: unknown = [];
      for (let level = 0; level < 100_000; level++) deep = [deep];
      exactDepth(serializer, deep, 100_000);
    },
  },
];

/** Like `exactOrRefused`, for a value on which comparing recursively would overflow. */
function exactDepth(serializer: Serializer, value: unknown, depth: number): void {
  const encoded = fingerprint(serializer, value);
  if (encoded === undefined) return;
  let found = roundTrip(serializer, value);
  for (let level = 0; level < depth; level++) {
    assert.ok(Array.isArray(found) && found.length === 1, `level ${level} is gone`);
    found = found[0];
  }
}
