import { closeSync, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { type Body, type CallOptions, type Datastore, StoreError, VarveError } from '../../contract/index.ts';

/** Size of the chunks of a body, in bytes: larger writes are several times slower on ext4. */
export const PIECE = 256 * 1024;
/** Bodies up to this size, in bytes, also have `bytes`. */
const WHOLE_MAX = 1024 * 1024;
/** Bytes of a file after which other work of the thread gets its turn. */
const TURN = 4 * 1024 * 1024;

/** Bytes in memory of their own, which may be transferred to another thread. */
export type OwnBytes = Uint8Array<ArrayBuffer>;

/** A body of parts in memory, one after the other. Only small parts are copied. */
export function bodyOf(parts: readonly Uint8Array[]): Body {
  const size = sizeOf(parts);
  const body: Body = { size, open: () => pieces(parts) };
  const only = parts[0];
  if (parts.length === 1 && only && size <= 4 * WHOLE_MAX) return { ...body, bytes: only };
  return size <= WHOLE_MAX ? { ...body, bytes: joinBytes(parts, size) } : body;
}

async function* pieces(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    for (let at = 0; at < part.byteLength; at += PIECE) yield part.subarray(at, at + PIECE);
  }
}

export function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.byteLength, 0);
}

/** Joins parts into one array with memory of its own. */
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

/**
 * Creates an object unless the key is taken. `false` when the key holds other bytes.
 *
 * A put whose answer was lost is repeated and then finds its own object, so the same bytes count as created: callers
 * include something that only they would write. Throws `VARVE_STORE_UNSUITABLE` for a store without a
 * conditional put.
 */
export async function createOnce(
  store: Datastore,
  key: string,
  parts: readonly Uint8Array[],
  options: CallOptions = {},
): Promise<boolean> {
  requireConditionalPut(store);
  try {
    await store.put(key, bodyOf(parts), { ...options, ifAbsent: true });
    return true;
  } catch (error) {
    if (!StoreError.is(error, 'already-exists')) throw error;
  }
  const found = await readObject(store, key, options);
  return found !== undefined && Buffer.compare(found, joinBytes(parts)) === 0;
}

/** Throws `VARVE_STORE_UNSUITABLE`: without a conditional put two processes could both believe they were first. */
export function requireConditionalPut(store: Datastore): void {
  if (store.capabilities.conditionalPut) return;
  throw new VarveError('VARVE_STORE_UNSUITABLE', `${store.name} cannot create an object only if it is absent.`, {
    hint: 'Runs need that to number themselves and to fence each other: choose a store whose capabilities say conditionalPut: true.',
  });
}

/** The content of a file that is `size` bytes long, read anew each time it is opened. */
export function fileBody(file: string, size: number): Body {
  return { size, open: () => readPieces(file) };
}

/** A file from its start, in chunks of memory of their own. */
export async function* readPieces(file: string): AsyncGenerator<Uint8Array> {
  const fd = openSync(file, 'r');
  try {
    let turn = 0;
    for (;;) {
      const piece = new Uint8Array(PIECE);
      const count = readSync(fd, piece, 0, PIECE, null);
      if (count === 0) return;
      yield count === PIECE ? piece : piece.subarray(0, count);
      turn += count;
      if (turn >= TURN) {
        turn = 0;
        await setImmediate();
      }
    }
  } finally {
    closeSync(fd);
  }
}
