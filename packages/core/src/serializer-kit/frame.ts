import { isUtf8 } from 'node:buffer';
import { SerializeError } from '../contract/index.ts';

/**
 * Bytes of a tree with binary leaves: length of the header (u32, little-endian), four zero bytes, the header (JSON),
 * then each leaf at the next multiple of 8 from the start, filled up with zeros before it.
 */
const PREFIX = 8;
const ALIGNMENT = 8;

function gapBefore(offset: number): number {
  return (ALIGNMENT - (offset % ALIGNMENT)) % ALIGNMENT;
}

/** The leaves are not copied. */
export function packTree(header: Uint8Array, leaves: readonly Uint8Array[]): readonly Uint8Array[] {
  const prefix = new Uint8Array(PREFIX);
  new DataView(prefix.buffer).setUint32(0, header.byteLength, true);
  const parts = [prefix, header];
  let offset = PREFIX + header.byteLength;
  for (const leaf of leaves) {
    const gap = gapBefore(offset);
    if (gap > 0) parts.push(new Uint8Array(gap));
    if (leaf.byteLength > 0) parts.push(leaf);
    offset += gap + leaf.byteLength;
  }
  return parts;
}

/** Hands out the leaves of a packed tree one after the other, as views of its bytes. */
export class LeafReader {
  readonly #bytes: Uint8Array;
  readonly #codec: string;
  #offset: number;

  constructor(bytes: Uint8Array, offset: number, codec: string) {
    this.#bytes = bytes;
    this.#offset = offset;
    this.#codec = codec;
  }

  next(length: number): Uint8Array {
    const start = this.#offset + gapBefore(this.#offset);
    if (start + length > this.#bytes.byteLength) throw malformed(this.#codec, 'a binary leaf ends after the last byte');
    for (let i = this.#offset; i < start; i++) {
      if (this.#bytes[i] !== 0) throw malformed(this.#codec, 'bytes between two leaves are not zero');
    }
    this.#offset = start + length;
    return this.#bytes.subarray(start, this.#offset);
  }

  /** Call when the last leaf was taken. */
  finish(): void {
    if (this.#offset !== this.#bytes.byteLength)
      throw malformed(this.#codec, 'bytes are left over after the last leaf');
  }
}

/** Unpacks a tree. Throws `SerializeError` when the frame is broken or the header is no JSON. */
export function unpackTree(bytes: Uint8Array, codec: string): { header: unknown; leaves: LeafReader } {
  if (bytes.byteLength < PREFIX) throw malformed(codec, `${bytes.byteLength} bytes are too few`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, PREFIX);
  const length = view.getUint32(0, true);
  if (view.getUint32(4, true) !== 0) throw malformed(codec, 'the frame has an unknown form');
  if (PREFIX + length > bytes.byteLength) throw malformed(codec, 'the header ends after the last byte');
  const header = parseText(bytes.subarray(PREFIX, PREFIX + length), codec);
  return { header, leaves: new LeafReader(bytes, PREFIX + length, codec) };
}

/** Parses JSON in UTF-8. Throws `SerializeError` when either is invalid. */
export function parseText(bytes: Uint8Array, codec: string): unknown {
  if (!isUtf8(bytes)) throw malformed(codec, 'the text is not UTF-8');
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')) as unknown;
  } catch (error) {
    throw malformed(codec, `the text is not JSON (${(error as Error).message})`, error);
  }
}

/** Creates the error for stored bytes that `encode` cannot have written. */
export function malformed(codec: string, what: string, cause?: unknown): SerializeError {
  const message = `bytes stored as ${codec} are damaged, or were not written by this serializer: ${what}`;
  return new SerializeError(message, cause === undefined ? {} : { cause });
}
