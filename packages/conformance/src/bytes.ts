import { createHash } from 'node:crypto';
import type { Body } from '@varve/core/contract';

/** Makes bytes that differ by `seed` and hold every byte value; the same arguments give the same bytes. */
export function pattern(size: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = seed * 2654435761 + 1;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** Makes a body that streams in chunks of `chunk` bytes. */
export function streamed(bytes: Uint8Array, chunk = 64 * 1024): Body {
  return {
    size: bytes.length,
    async *open() {
      for (let start = 0; start < bytes.length; start += chunk) yield bytes.subarray(start, start + chunk);
    },
  };
}

/** Makes a body that offers its bytes at once. */
export function whole(bytes: Uint8Array): Body {
  return { ...streamed(bytes), bytes };
}

/** Makes a short body. */
export function text(value: string): Body {
  return whole(new TextEncoder().encode(value));
}

/** Makes a body that claims `size` and gets its chunks from `next`. */
export function scripted(size: number, next: () => AsyncIterable<Uint8Array>): Body {
  return { size, open: next };
}

/** Joins all chunks. Throws on an empty chunk: the contract forbids them. */
export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) {
    if (chunk.length === 0) throw new Error('the stream gave an empty chunk');
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** Digest in hex, for messages about bytes too many to print. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
