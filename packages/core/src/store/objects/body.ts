import { type Body, type CallOptions, type Datastore, StoreError } from '../../contract/index.ts';

/** Pieces in which a body is handed to a store, in bytes: larger writes are several times slower on ext4. */
export const PIECE = 256 * 1024;
/** Bodies up to this size are also handed over whole, in bytes. */
const WHOLE_MAX = 1024 * 1024;

/** Bytes in memory of their own, which may be transferred to another thread. */
export type OwnBytes = Uint8Array<ArrayBuffer>;

/** Parts in memory, one after the other, as a body. The parts are not copied unless they are small. */
export function bodyOf(parts: readonly Uint8Array[]): Body {
  const size = sizeOf(parts);
  const body: Body = { size, open: () => pieces(parts) };
  const only = parts[0];
  if (parts.length === 1 && only && size <= 4 * WHOLE_MAX) return { ...body, bytes: only };
  return size <= WHOLE_MAX ? { ...body, bytes: joinBytes(parts, size) } : body;
}

export function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.byteLength, 0);
}

/** One array with memory of its own. */
export function joinBytes(parts: readonly Uint8Array[], size = sizeOf(parts)): OwnBytes {
  const joined = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.byteLength;
  }
  return joined;
}

/** A whole object, or a range of it, in memory; `undefined` when the key is free. A range is passed only where served. */
export async function readObject(
  store: Datastore,
  key: string,
  options: CallOptions & { readonly range?: { readonly start: number; readonly end: number } } = {},
): Promise<Uint8Array | undefined> {
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await store.get(key, options)) chunks.push(chunk);
    return chunks.length === 1 && chunks[0] ? chunks[0] : joinBytes(chunks);
  } catch (error) {
    if (StoreError.is(error, 'not-found')) return undefined;
    throw error;
  }
}

async function* pieces(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    for (let at = 0; at < part.byteLength; at += PIECE) yield part.subarray(at, at + PIECE);
  }
}
