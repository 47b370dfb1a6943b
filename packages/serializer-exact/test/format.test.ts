import { SerializeError } from '@varve/core/contract';
import { describe, expect, it } from 'vitest';

import { ExactSerializer } from '../src/serializer.ts';
import { difference } from './same.ts';
import { VALUES } from './values.ts';

const serializer = new ExactSerializer();
const store = (value: unknown): Buffer => Buffer.concat(serializer.encode(value).parts);

/** Bytes of the first release. A change here means that old runs cannot be read: make a new codec instead. */
const GOLDEN: readonly (readonly [codec: string, bytes: string, value: unknown])[] = [
  ['json/1', '{"b":[1,"ü",null,true],"a":{}}', { b: [1, 'ü', null, true], a: {} }],
  ['json/1', '"\\ud800"', '\ud800'],
  ['tree/1', '{"$":["undefined"]}', undefined],
  ['tree/1', '[{"$":["NaN"]},{"$":["Infinity"]},{"$":["-Infinity"]},{"$":["-0"]}]', [Number.NaN, 1 / 0, -1 / 0, -0]],
  [
    'tree/1',
    '[{"$":["bigint","-ff"]},{"$":["Date",1]},{"$":["Date",null]}]',
    [-255n, new Date(1), new Date(Number.NaN)],
  ],
  ['tree/1', '{"$":["RegExp","a","gi",2]}', Object.assign(/a/gi, { lastIndex: 2 })],
  ['tree/1', '{"$":["URL","http://a.b/"]}', new URL('http://a.b')],
  ['tree/1', '{"$":["Map",["k",[],{"$":["ref",1]},{"$":["ref",0]}]]}', mapOfItself()],
  ['tree/1', '{"$":["Set",[1,{"a":{"$":["undefined"]}}]]}', new Set([1, { a: undefined }])],
  ['tree/1', '{"$":["Array",3,[1,"x"]]}', Object.assign(new Array(3), { 1: 'x' })],
  ['tree/1', '{"$":["Object",["$",1,"b",{"$":["-0"]}]]}', { $: 1, b: -0 }],
  ['tree/1', '{"$":["Null",["a",1]]}', Object.assign(Object.create(null) as object, { a: 1 })],
  ['tree/1', '{"$":["Error","TypeError",["message","m","cause",1],["code","E"]]}', failure()],
];

function mapOfItself(): unknown {
  const list: unknown[] = [];
  const map = new Map<unknown, unknown>([['k', list]]);
  return map.set(list, map);
}

function failure(): unknown {
  const error = Object.assign(new TypeError('m', { cause: 1 }), { code: 'E' });
  Reflect.deleteProperty(error, 'stack');
  return error;
}

/** The bytes before the JSON of a tree without leaves. */
function frame(codec: string, text: string): Buffer {
  const body = Buffer.from(text);
  if (codec === 'json/1') return body;
  const prefix = Buffer.alloc(8);
  prefix.writeUInt32LE(body.length);
  return Buffer.concat([prefix, body]);
}

describe('the stored format', () => {
  it.each(GOLDEN)('has golden bytes: %s %s', (codec, bytes, value) => {
    expect(serializer.encode(value).codec).toBe(codec);
    expect(store(value).toString('latin1')).toBe(frame(codec, bytes).toString('latin1'));
    expect(difference(serializer.decode(codec, frame(codec, bytes)), value)).toBeUndefined();
  });

  it('puts binary leaves behind the tree, each at a multiple of 8, little-endian', () => {
    const bytes = store({ a: new Uint8Array([9]), b: new Float64Array([1]) });
    const text = '{"a":{"$":["Uint8Array",1]},"b":{"$":["Float64Array",8]}}';
    const gap = Buffer.alloc((8 - (text.length % 8)) % 8);
    const leaves = Buffer.from('0900000000000000000000000000f03f', 'hex');
    expect(bytes.toString('hex')).toBe(Buffer.concat([frame('tree/1', text), gap, leaves]).toString('hex'));
  });

  it('of a raw binary value is its memory', () => {
    expect(store(new Uint16Array([1, 2])).toString('hex')).toBe('01000200');
    expect(store(new Float64Array([-2])).toString('hex')).toBe('00000000000000c0');
  });

  it('has codecs of its own, and the serializer refuses all others', () => {
    for (const [, , codec] of VALUES) expect(serializer.decodes(codec)).toBe(true);
    for (const codec of ['json/2', 'exact/1', 'raw/1;', 'raw/1;u9', 'raw/2;u8', '__proto__', '']) {
      expect(serializer.decodes(codec)).toBe(false);
      expect(() => serializer.decode(codec, Buffer.from('1'))).toThrow(SerializeError);
    }
  });

  it('is read by another instance of the serializer', () => {
    for (const [, value, codec] of VALUES) {
      expect(difference(new ExactSerializer().decode(codec, store(value)), value)).toBeUndefined();
    }
  });
});

describe('equal values that are built alike give equal bytes:', () => {
  const twice = (a: unknown, b: unknown): void => expect(store(a).toString('hex')).toBe(store(b).toString('hex'));

  it('every value, stored twice and stored again after reading', () => {
    expect(serializer.deterministic).toBe(true);
    for (const [, value, codec] of VALUES) {
      twice(value, value);
      twice(serializer.decode(codec, store(value)), value);
    }
  });

  it('numbers, strings, arrays and objects, in whatever form V8 keeps them', () => {
    const doubles = [1.5, 2, 3];
    doubles[0] = 1;
    twice(doubles, [1, 2, 3]);
    twice(Array.from(new Float64Array([1, 2])), [1, 2]);
    twice(new Array(3).fill(0), [0, 0, 0]);
    twice(`${'ü'.repeat(20)}abcdefghijklmnopqrstuvwxyz`.slice(20), 'abcdefghijklmnopqrstuvwxyz');
    const slow: Record<string, number> = { a: 1, gone: 2, b: 3 };
    delete slow['gone'];
    twice(slow, { a: 1, b: 3 });
  });

  it('views of larger buffers', () => {
    const memory = new Uint8Array(64).fill(7).buffer;
    twice(new Uint8Array(memory, 3, 2), new Uint8Array([7, 7]));
    twice({ a: new Int16Array(memory, 8, 1) }, { a: new Int16Array([0x0707]) });
    twice([Buffer.from('abc')], [Buffer.from('xabcx').subarray(1, 4)]);
  });

  it('but not when parts are shared in one and copied in the other, nor when keys differ in order', () => {
    const one = { a: 1 };
    expect(store([one, one])).not.toEqual(store([{ a: 1 }, { a: 1 }]));
    expect(store({ a: 1, b: 2 })).not.toEqual(store({ b: 2, a: 1 }));
    expect(store([1, 2])).not.toEqual(store(new Set([1, 2])));
  });
});
