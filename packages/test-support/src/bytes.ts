import { createHash } from 'node:crypto';
import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Digest, type Encoded, SerializeError, type Serializer } from '@varve/core/contract';

export const hashOf = (bytes: Uint8Array): Digest => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** Bytes that look random and are always the same. */
export function noise(size: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let i = 0, x = seed; i < size; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    bytes[i] = x >>> 24;
  }
  return bytes;
}

export function freshFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'varve-runner-')));
}

/** JSON for plain values, memory itself for bytes; classes are refused, as by the real one. */
export const testSerializer: Serializer = {
  id: 'test/1',
  deterministic: true,
  encode(value): Encoded {
    if (value instanceof Uint8Array) return { codec: 'raw', parts: [value] };
    const text = JSON.stringify(value, (key, part: unknown) => {
      const plain =
        typeof part !== 'object' ||
        part === null ||
        Array.isArray(part) ||
        Object.getPrototypeOf(part) === Object.prototype;
      if (!plain) throw new SerializeError('is of a class', { path: `.${key}` });
      return part;
    });
    return { codec: 'json', parts: [Buffer.from(text)] };
  },
  decodes: (codec) => codec === 'raw' || codec === 'json',
  decode: (codec, bytes) => (codec === 'raw' ? bytes : (JSON.parse(Buffer.from(bytes).toString()) as unknown)),
};
