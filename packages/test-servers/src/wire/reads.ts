import assert from 'node:assert/strict';
import type { Fault, FaultMatch } from './faults.ts';

export const MIB = 1024 * 1024;
/** Bytes of a part in which stores fetch large objects. */
export const PART = 8 * MIB;

/** Matches the request for the part of an object that begins at a byte. `operation`: what the service calls a read. */
export function partsBy(operation: string): (start: number) => FaultMatch {
  return (start) => (request) =>
    request.operation === operation && request.headers.range?.startsWith(`bytes=${start}-`) === true;
}

/** The headers that ask for the parts of an object of so many bytes, in their order. */
export function partHeaders(size: number): string[] {
  const starts = Array.from({ length: Math.ceil(size / PART) }, (_, part) => part * PART);
  return starts.map((start) => `bytes=${start}-${Math.min(start + PART, size) - 1}`);
}

/** What may happen to one part, whatever the service; each is worth a retry. */
export const PART_FAULTS: readonly (readonly [string, Fault])[] = [
  ['is refused', { kind: 'refuse', status: 503 }],
  ['is reset before the answer', { kind: 'drop' }],
  ['gets no answer', { kind: 'stall' }],
  ['stalls', { kind: 'stall', after: MIB }],
  ['ends early', { kind: 'cut', by: 'fin', after: MIB }],
  ['is reset', { kind: 'cut', by: 'rst', after: MIB }],
];

/** Sizes around those at which a store begins to read in parts. */
export const SIZES: Readonly<Record<string, number>> = {
  'no bytes': 0,
  'few bytes': 5,
  'one part': PART,
  'a byte more than a part': PART + 1,
  'five parts': 4 * PART + 3,
};

export async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const { bytes, error } = await readWhile(stream);
  if (error !== undefined) throw error;
  return bytes;
}

/** Reads until the end or a failure, and tells both. `onFirst` is awaited after the first chunk. */
export async function readWhile(
  stream: AsyncIterable<Uint8Array>,
  onFirst: () => Promise<unknown> = async () => undefined,
): Promise<{ readonly bytes: Buffer; readonly error: unknown }> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of stream) if (chunks.push(chunk) === 1) await onFirst();
    return { bytes: Buffer.concat(chunks), error: undefined };
  } catch (error) {
    return { bytes: Buffer.concat(chunks), error };
  }
}

/** Throws unless the bytes are the same. vitest compares large buffers byte by byte, which takes minutes. */
export function expectBytes(found: Uint8Array, wanted: Uint8Array): void {
  assert.equal(found.length, wanted.length, 'the number of bytes differs');
  assert.equal(Buffer.compare(found, wanted), 0, 'the bytes differ');
}

/** Bytes that differ from place to place and by `seed`. */
export function noise(size: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = seed;
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

/** Waits until the condition holds. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
