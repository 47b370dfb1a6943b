import assert from 'node:assert/strict';
import type { Serializer } from '@varve/core/contract';
import { pattern } from '../bytes.ts';
import type { Case } from '../case.ts';
import { encodeWhole, exactOrRefused, fingerprint, refusal, roundTrip, unlessRefused } from './encodings.ts';

/** Makes values of different shapes, anew at each call. */
const SAMPLES: readonly (() => unknown)[] = [
  () => ({ rows: [{ a: 1, b: [true, null, 'x'] }], when: new Date(5) }),
  () => [new Map([['k', new Set([1, 2])]]), 10n, undefined, Number.NaN],
  () => pattern(1000),
  () => ({ bytes: pattern(100), text: 'x'.repeat(1000) }),
  () => 'text',
];

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}

/** Cases about codecs, stored bytes, and the values that can be made of them. */
export const codecCases: readonly Case<Serializer>[] = [
  {
    name: 'has an id and codecs of one line',
    async run(serializer) {
      assert.match(serializer.id, /^\S+$/, 'the id');
      assert.match(serializer.encode([1]).codec, /^\S+$/, 'the codec');
    },
  },
  {
    name: 'decodes every codec it writes, and says so',
    async run(serializer) {
      for (const make of SAMPLES) {
        const encoded = unlessRefused(() => encodeWhole(serializer, make()));
        if (encoded !== undefined) assert.equal(serializer.decodes(encoded.codec), true, `decodes("${encoded.codec}")`);
      }
    },
  },
  {
    name: 'refuses a codec it does not know with a SerializeError',
    async run(serializer) {
      const { codec, bytes } = encodeWhole(serializer, { a: 1 });
      for (const unknown of ['', 'nonsense/9', `${codec}0`, '__proto__', 'constructor']) {
        assert.equal(serializer.decodes(unknown), false, `decodes("${unknown}")`);
        refusal(`the codec "${unknown}"`, () => serializer.decode(unknown, bytes));
      }
    },
  },
  {
    name: 'refuses bytes that no encode could have written with a SerializeError',
    async run(serializer) {
      const { codec, bytes } = encodeWhole(serializer, { rows: ['a', 'b', { c: [1, 2, 3] }] });
      for (const cut of [0, 1, bytes.length >> 1, bytes.length - 1]) {
        refusal(`the first ${cut} of ${bytes.length} bytes`, () => serializer.decode(codec, bytes.slice(0, cut)));
      }
      refusal('bytes with a rest', () => serializer.decode(codec, Uint8Array.of(...bytes, ...bytes)));
      for (let seed = 0; seed < 200; seed++) {
        unlessRefused(() => serializer.decode(codec, pattern(seed, seed)), 'random bytes');
        const damaged = Uint8Array.from(bytes);
        damaged[seed % damaged.length] = seed;
        unlessRefused(() => serializer.decode(codec, damaged), 'damaged bytes');
      }
    },
  },
  {
    name: 'lets no stored name reach a prototype',
    async run(serializer) {
      for (const [name, real] of [
        ['__protx__', '__proto__'],
        ['constructox', 'constructor'],
      ] as const) {
        const deep = { [name]: { prototype: { polluted: true }, polluted: true }, a: 1 };
        // Some refuse the name `prototype` anywhere.
        const { codec, bytes } =
          unlessRefused(() => encodeWhole(serializer, deep)) ??
          encodeWhole(serializer, { [name]: { polluted: true }, a: 1 });
        const forged = Buffer.from(bytes).toString('latin1').replaceAll(name, real);
        const found = unlessRefused(() => serializer.decode(codec, Uint8Array.from(Buffer.from(forged, 'latin1'))));
        assert.equal(({} as Record<string, unknown>).polluted, undefined, `${real} reached Object.prototype`);
        if (found === undefined) continue;
        assert.equal(Object.getPrototypeOf(found), Object.prototype, `${real} changed the prototype of the value`);
        assert.equal((found as Record<string, unknown>).polluted, undefined, `${real} gave the value a field`);
      }
    },
  },
  {
    name: 'decodes each time to a value of its own',
    async run(serializer) {
      const { codec, bytes } = encodeWhole(serializer, { rows: [{ a: 1 }] });
      const first = serializer.decode(codec, Uint8Array.from(bytes)) as { rows: { a: number }[] };
      first.rows.push({ a: 2 });
      assert.deepEqual(serializer.decode(codec, Uint8Array.from(bytes)), { rows: [{ a: 1 }] });
    },
  },
  {
    name: 'leaves the value it encodes as it was, also when it is frozen',
    async run(serializer) {
      for (const make of SAMPLES) exactOrRefused(serializer, deepFreeze(make()), 'a frozen value');
      const value = { rows: [{ a: 1 }], when: 'now' };
      serializer.encode(value);
      assert.deepEqual(value, { rows: [{ a: 1 }], when: 'now' });
      assert.deepEqual(Reflect.ownKeys(value), ['rows', 'when']);
    },
  },
  {
    name: 'gives equal values built alike equal bytes',
    needs: ['deterministic'],
    async run(serializer) {
      for (const make of SAMPLES) {
        const first = fingerprint(serializer, make());
        roundTrip(serializer, ['something', { in: 'between' }]);
        assert.equal(fingerprint(serializer, make()), first, 'the bytes of an equal value');
      }
    },
  },
  {
    name: 'gives what it decoded the same bytes again',
    needs: ['deterministic'],
    async run(serializer) {
      for (const make of SAMPLES) {
        const first = fingerprint(serializer, make());
        if (first !== undefined) assert.equal(fingerprint(serializer, roundTrip(serializer, make())), first);
      }
    },
  },
];
