import { SerializeError } from '@varve/core/contract';
import { describe, expect, it } from 'vitest';

import { ExactSerializer } from '../src/serializer.ts';
import { VALUES } from './values.ts';

const serializer = new ExactSerializer();

function tree(json: string, leaves = ''): Buffer {
  const body = Buffer.from(json);
  const prefix = Buffer.alloc(8);
  prefix.writeUInt32LE(body.length);
  return Buffer.concat([prefix, body, Buffer.from(leaves, 'hex')]);
}

/** The value, or `undefined` for a refusal; anything else that is thrown fails the test. */
function read(codec: string, bytes: Uint8Array): unknown {
  try {
    return serializer.decode(codec, bytes);
  } catch (error) {
    if (SerializeError.is(error)) return undefined;
    throw error;
  }
}

const BROKEN: readonly string[] = [
  '',
  '{',
  '{"$":1}',
  '{"$":[]}',
  '{"$":["Date",0],"x":1}',
  '{"$":["constructor"]}',
  '{"$":["__proto__"]}',
  '{"$":["Nothing"]}',
  '{"$":["ref",7]}',
  '[{"$":["ref",2.5]}]',
  '[{"$":["ref",-1]}]',
  '[{"$":["ref","length"]}]',
  '[{"$":["ref","__proto__"]}]',
  '{"$":["bigint","zz"]}',
  '{"$":["bigint","-0"]}',
  '{"$":["bigint","00"]}',
  '{"$":["bigint",1]}',
  '{"$":["Date","now"]}',
  '{"$":["Date",1.5]}',
  '{"$":["Date",1e300]}',
  '{"$":["RegExp","(","",0]}',
  '{"$":["RegExp","a","zz",0]}',
  '{"$":["RegExp","a","",-1]}',
  '{"$":["URL","no url"]}',
  '{"$":["Map",[1]]}',
  '{"$":["Map",[1,2,1,3]]}',
  '{"$":["Map",{}]}',
  '{"$":["Map"]}',
  '{"$":["Set",[1,1]]}',
  '{"$":["Array",1,[1,1]]}',
  '{"$":["Array",5,[2,1,1,1]]}',
  '{"$":["Array",5,[2]]}',
  '{"$":["Array",5,["length",1]]}',
  '{"$":["Array",1e12,[]]}',
  '{"$":["Object",["a",1,"a",2]]}',
  '{"$":["Object",[1,2]]}',
  '{"$":["Object",["a"]]}',
  '{"$":["Null","a"]}',
  '{"$":["Error","Function",[],[]]}',
  '{"$":["Error","__proto__",[],[]]}',
  '{"$":["Error","Error",["message","a"],["message","b"]]}',
  '{"$":["Class","Object",[]]}',
  '{"$":["Class","__proto__",[]]}',
  '{"$":["Made","Object",[]]}',
  '{"$":["Uint8Array",1]}',
  '{"$":["Uint8Array",-1]}',
  '{"$":["Uint8Array",1e300]}',
];

describe('decoding bytes that no encode could have written', () => {
  it.each(BROKEN)('refuses %s', (json) => {
    expect(() => serializer.decode('tree/1', tree(json))).toThrow(SerializeError);
    expect(() => serializer.decode('tree/1', tree(`{"$":["Set",[1,${json}]]}`))).toThrow(SerializeError);
  });

  it('refuses broken frames, leaves and text', () => {
    const leaf = '{"$":["Float64Array",8]}';
    expect(serializer.decode('tree/1', tree(leaf, '0000000000000000'))).toEqual(new Float64Array(1));
    const broken: [string, Uint8Array][] = [
      ['tree/1', tree(leaf, '00000000000000')],
      ['tree/1', tree(leaf, '000000000000000000')],
      ['tree/1', tree('{"$":["Float64Array",7]}', '00000000000000')],
      ['tree/1', tree('[{"$":["Uint8Array",1]}]', '0000000000000000')],
      ['tree/1', tree('{"$":["Uint8Array",1]} ', 'ff00')],
      ['tree/1', Buffer.alloc(7)],
      ['tree/1', Buffer.from('ffffffff0000000031', 'hex')],
      ['tree/1', Buffer.from('010000000100000031', 'hex')],
      ['json/1', Buffer.alloc(0)],
      ['json/1', Buffer.from('22ff22', 'hex')],
      ['json/1', Buffer.from('[1,')],
      ['raw/1;f64', Buffer.alloc(7)],
      ['raw/1;u16', Buffer.alloc(1)],
    ];
    for (const [codec, bytes] of broken) expect(() => serializer.decode(codec, bytes)).toThrow(SerializeError);
  });

  it('refuses a tree that is nested without end', () => {
    const deep = (open: string, close: string): Buffer => tree(`${open.repeat(100_000)}${close.repeat(100_000)}`);
    expect(() => serializer.decode('tree/1', deep('[', ']'))).toThrow(/levels deep/);
    expect(() => serializer.decode('tree/1', deep('{"$":["Set",[', ']]}'))).toThrow(/levels deep/);
  });

  it('reserves no memory for a huge array without elements', () => {
    expect((serializer.decode('tree/1', tree('{"$":["Array",4294967295,[]]}')) as unknown[]).length).toBe(
      4_294_967_295,
    );
  });

  it('gives a value or a refusal, nothing else, for a flipped bit, a missing end or an added byte', () => {
    let refused = 0;
    for (const [, value] of VALUES) {
      const { codec, parts } = serializer.encode(value);
      const bytes = Buffer.concat(parts);
      const step = Math.max(1, Math.floor(bytes.length / 60));
      for (let at = 0; at < bytes.length; at += step) {
        const flipped = Buffer.from(bytes);
        flipped[at] = (flipped[at] as number) ^ (1 << (at % 8));
        if (read(codec, flipped) === undefined) refused += 1;
        read(codec, bytes.subarray(0, at));
      }
      if (codec === 'tree/1') expect(read(codec, Buffer.concat([bytes, Buffer.alloc(1)]))).toBeUndefined();
    }
    expect(refused).toBeGreaterThan(100);
  });
});

describe('decoding never lets stored names reach a prototype:', () => {
  const payloads = [
    '{"__proto__":{"polluted":1},"d":{"$":["Date",0]}}',
    '{"__proto__":{"$":["Map",[]]}}',
    '{"constructor":{"prototype":{"polluted":{"$":["NaN"]}}}}',
    '{"$":["Object",["__proto__",{"polluted":1}]]}',
    '{"$":["Null",["__proto__",{"polluted":1}]]}',
    '{"$":["Map",["__proto__",{"polluted":1}]]}',
    '{"$":["Error","Error",["__proto__",{"polluted":1}],[]]}',
    '[{"$":["Error","TypeError",[],["constructor",{"polluted":1},"__proto__",{"$":["ref",0]}]]}]',
  ];

  it.each(payloads)('%s', (json) => {
    for (const text of [json, `[[{"a":${json}}]]`]) {
      const value = serializer.decode('tree/1', tree(text));
      expect(Reflect.get({}, 'polluted')).toBeUndefined();
      expect(JSON.stringify(Object.getOwnPropertyNames(Object.prototype))).not.toContain('polluted');
      for (const prototype of prototypesWithin(value)) expect(KNOWN.has(prototype)).toBe(true);
    }
  });

  const KNOWN = new Set([null, ...[Object, Array, Map, Date, Error, TypeError].map((it) => it.prototype as object)]);

  function prototypesWithin(value: unknown, seen = new Set<object>()): Set<object | null> {
    const found = new Set<object | null>();
    if (typeof value !== 'object' || value === null || seen.has(value)) return found;
    seen.add(value);
    found.add(Object.getPrototypeOf(value) as object | null);
    const inner = Object.values(Object.getOwnPropertyDescriptors(value)).map((it) => it.value as unknown);
    if (value instanceof Map) inner.push(...value.keys(), ...value.values());
    for (const item of inner) for (const prototype of prototypesWithin(item, seen)) found.add(prototype);
    return found;
  }
});
