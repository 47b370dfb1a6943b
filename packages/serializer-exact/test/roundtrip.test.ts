import { isPlugin } from '@varve/core/contract';
import { describe, expect, it } from 'vitest';
import { exact } from '../src/plugin.ts';
import { ExactSerializer } from '../src/serializer.ts';
import { difference } from './same.ts';
import { VALUES } from './values.ts';

const serializer = new ExactSerializer();
const store = (value: unknown): Buffer => Buffer.concat(serializer.encode(value).parts);
const again = (value: unknown): unknown => serializer.decode(serializer.encode(value).codec, store(value));

describe('decoding gives back exactly the value that was encoded:', () => {
  it.each(VALUES)('%s', (_, value, codec) => {
    expect(serializer.encode(value).codec).toBe(codec);
    expect(difference(again(value), value)).toBeUndefined();
  });

  it('from bytes at any offset', () => {
    for (const [, value] of VALUES) {
      const { codec, parts } = serializer.encode(value);
      const bytes = Buffer.concat([Buffer.alloc(3), ...parts, Buffer.alloc(2)]);
      expect(difference(serializer.decode(codec, bytes.subarray(3, bytes.length - 2)), value)).toBeUndefined();
    }
  });

  it('from memory shared between threads, as memory of its own', () => {
    const { codec, parts } = serializer.encode(new Float64Array([1, 2]));
    const shared = new Uint8Array(new SharedArrayBuffer(16));
    shared.set(parts[0] as Uint8Array);
    const value = serializer.decode(codec, shared) as Float64Array;
    expect(difference(value, new Float64Array([1, 2]))).toBeUndefined();
    expect(serializer.encode(value).codec).toBe(codec);
  });

  it('a value nested as deep as is allowed, also in Maps', () => {
    let list: unknown = 'core';
    let map: unknown = 'core';
    for (let i = 0; i < 500; i++) [list, map] = [[list], new Map([[i, map]])];
    expect(difference(again(list), list)).toBeUndefined();
    expect(difference(again(map), map)).toBeUndefined();
  });
});

describe('binary data', () => {
  it('is copied neither by encoding nor by decoding', () => {
    const value = new Float64Array(1000);
    const [part] = serializer.encode(value).parts;
    expect(part?.buffer).toBe(value.buffer);
    const bytes = new Uint8Array(8000);
    expect((serializer.decode('raw/1;f64', bytes) as Float64Array).buffer).toBe(bytes.buffer);
    expect(serializer.decode('raw/1;arraybuffer', bytes)).toBe(bytes.buffer);
  });

  it('inside a tree is not copied by decoding, and starts at a multiple of 8', () => {
    const value = {
      name: 'x',
      weights: new Float64Array([1, 2, 3]),
      mask: new Uint8Array([1]),
      more: new Int16Array([4]),
    };
    const { parts } = serializer.encode(value);
    expect(parts.some((part) => part.buffer === value.weights.buffer)).toBe(true);
    const bytes = new Uint8Array(Buffer.concat(parts));
    const back = serializer.decode('tree/1', bytes) as typeof value;
    expect(back.weights.buffer).toBe(bytes.buffer);
    expect(back.more.byteOffset % 8).toBe(0);
    expect(difference(back, value)).toBeUndefined();
  });

  it('of the newest kind is stored where Node knows it, and refused by name where it does not', () => {
    const Half = Reflect.get(globalThis, 'Float16Array') as (new (of: number[]) => ArrayBufferView) | undefined;
    expect(serializer.decodes('raw/1;f16')).toBe(Half !== undefined);
    if (Half !== undefined) expect(difference(again(new Half([1.5])), new Half([1.5]))).toBeUndefined();
  });
});

describe('the plugin of the serializer', () => {
  it('provides the serializer', async () => {
    const plugin = exact();
    expect(isPlugin(plugin)).toBe(true);
    expect(plugin.provides.serializer).toBeTypeOf('function');
    expect(serializer.id).toBe('exact/1');
  });
});
