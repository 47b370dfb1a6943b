import fc from 'fast-check';
import SuperJSON from 'superjson';
import { describe, expect, it } from 'vitest';

import { ExactSerializer } from '../src/serializer.ts';
import { difference } from './same.ts';

const serializer = new ExactSerializer();
const store = (value: unknown): Buffer => Buffer.concat(serializer.encode(value).parts);
const again = (value: unknown): unknown => serializer.decode(serializer.encode(value).codec, store(value));

const keys = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.constantFrom('__proto__', 'constructor', 'prototype', '$', 'toJSON', 'length', '0', '-0', '__defineGetter__'),
);

function objectOf(entries: readonly (readonly [string, unknown])[], prototype: object | null): object {
  const made = Object.create(prototype) as object;
  for (const [key, value] of entries) {
    Object.defineProperty(made, key, { value, enumerable: true, writable: true, configurable: true });
  }
  return made;
}

const leaves = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, true, false, Number.NaN, -0, 1 / 0, -1 / 0),
  fc.integer(),
  fc.double(),
  fc.bigInt(),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.array(fc.integer({ min: 0xd7fe, max: 0xe001 }), { maxLength: 3 }).map((units) => String.fromCharCode(...units)),
  fc.date({ noInvalidDate: false }),
  fc.uint8Array({ maxLength: 9 }),
  fc.float64Array({ maxLength: 3 }),
  fc.int16Array({ maxLength: 3 }),
  fc.uint8Array({ maxLength: 9 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(/a[/]b/giu, /^$/).map((it) => new RegExp(it)),
  fc.webUrl().map((it) => new URL(it)),
  fc.string().map((message) => new RangeError(message)),
);

const values = fc.letrec<{ value: unknown }>((tie) => {
  const value = tie('value');
  const entries = fc.uniqueArray(fc.tuple(keys, value), { selector: ([key]) => key, maxLength: 4 });
  return {
    value: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      leaves,
      entries.map((it) => objectOf(it, Object.prototype)),
      entries.map((it) => objectOf(it, null)),
      fc.array(value, { maxLength: 4 }),
      fc.sparseArray(value, { maxLength: 9, maxNumElements: 3 }),
      fc.array(fc.tuple(value, value), { maxLength: 3 }).map((it) => new Map(it)),
      fc.array(value, { maxLength: 3 }).map((it) => new Set(it)),
      fc.tuple(fc.string(), value).map(([message, cause]) => new TypeError(message, { cause })),
    ),
  };
}).value;

/** Makes some places of a value refer to others, also to what they lie in. */
function tangle(value: unknown, picks: readonly number[]): unknown {
  const things: object[] = [];
  const visit = (it: unknown): void => {
    if (typeof it !== 'object' || it === null || things.includes(it) || ArrayBuffer.isView(it)) return;
    things.push(it);
    if (it instanceof Map) for (const entry of it) entry.forEach(visit);
    else if (it instanceof Set) it.forEach(visit);
    else Object.values(it).forEach(visit);
  };
  visit(value);
  for (let i = 0; i + 1 < picks.length && things.length > 0; i += 2) {
    const from = things[(picks[i] as number) % things.length] as object;
    const to = things[(picks[i + 1] as number) % things.length] as object;
    if (Array.isArray(from)) from.push(to);
    else if (from instanceof Map) from.set(to, from);
    else if (from instanceof Set) from.add(to);
    else if (!(from instanceof Date || from instanceof RegExp || from instanceof URL)) Reflect.set(from, `to${i}`, to);
  }
  return value;
}

describe('any generated value', () => {
  it('is read back exactly, and encodes to the same bytes again', () => {
    fc.assert(
      fc.property(values, (value) => {
        const back = again(value);
        expect(difference(back, value)).toBeUndefined();
        expect(store(back).equals(store(value))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('is read back exactly with shared and circular parts, too', () => {
    fc.assert(
      fc.property(values, fc.array(fc.nat(), { maxLength: 8 }), (value, picks) => {
        const tangled = tangle([value], picks);
        expect(difference(again(tangled), tangled)).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it('of plain JSON encodes to the text that JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        fc.pre(
          !text.includes('"$":') &&
            !JSON.stringify(value, (_, it: unknown) => (Object.is(it, -0) ? '-0' : it)).includes('"-0"'),
        );
        expect(serializer.encode(value).codec).toBe('json/1');
        expect(store(value).toString()).toBe(text);
      }),
    );
  });
});

describe('for values that the package superjson keeps exactly', () => {
  const shared = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<unknown>(undefined, null, true, Number.NaN, -0, 1 / 0),
      fc.bigInt(),
      fc.string(),
      fc.date({ noInvalidDate: true }),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b.c', 'd\\'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
      fc.array(fc.tuple(fc.string(), tie('value')), { maxLength: 3 }).map((it) => new Map(it)),
      fc.array(fc.integer(), { maxLength: 3 }).map((it) => new Set(it)),
    ),
  })).value;

  it('both serializers give the same value back', () => {
    fc.assert(
      fc.property(shared, (value) => {
        const theirs: unknown = SuperJSON.parse(SuperJSON.stringify(value));
        expect(difference(again(value), theirs)).toBeUndefined();
      }),
    );
  });
});
