import type { StoreError } from '@varve/core/contract';
import { type SentRange, sentRange } from '@varve/core/store-kit';
import { within } from '../requests/deadline.ts';
import { type Deed, networkError, storeError } from '../requests/errors.ts';
import type { HttpAnswer } from '../requests/http.ts';

/** Up to this size, in bytes, an object is read before `get` resolves: its connection is free again then. */
const AT_ONCE = 256 * 1024;

/**
 * Passes on the bytes of an answer, in memory of their own. An answer that stalls, or ends before its length, rejects with
 * `unavailable`: what follows can be asked for again. `idleMs` counts only while the reader waits.
 */
export async function readAnswer(
  deed: Deed,
  answer: HttpAnswer,
  idleMs: number,
  signal?: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const length = lengthOf(answer);
  const pieces = readPieces(deed, answer, length, idleMs, signal);
  if (length === undefined || length > AT_ONCE) return pieces;
  const chunks: Uint8Array[] = [];
  for await (const piece of pieces) chunks.push(piece);
  return passOn(chunks);
}

function lengthOf(answer: HttpAnswer): number | undefined {
  const sent = sentRangeOf(answer);
  if (sent !== undefined) return sent.end - sent.start;
  const { headers } = answer;
  const length = Number(headers['content-length']);
  return headers['content-length'] === undefined || !Number.isSafeInteger(length) ? undefined : length;
}

async function* readPieces(
  deed: Deed,
  { body }: HttpAnswer,
  length: number | undefined,
  idleMs: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const pieces = (body as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  let read = 0;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const next = await within(pieces.next(), idleMs, `no more bytes after ${read}`, signal, () => body.destroy());
      if (next.done === true) break;
      read += next.value.length;
      if (next.value.length > 0) yield ownBytes(next.value);
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw brokenOff(deed, error, read, length);
  } finally {
    body.destroy();
  }
  if (length !== undefined && read !== length) throw cutShort(deed, read, length);
}

function brokenOff(deed: Deed, error: unknown, read: number, length: number | undefined): unknown {
  // Node's word for an answer that ends too early; after a close of the store, its connections are reset as well.
  const isCut = (error as { readonly code?: unknown }).code === 'ECONNRESET';
  return isCut && length !== undefined ? cutShort(deed, read, length) : networkError(deed, error);
}

function cutShort(deed: Deed, read: number, length: number): StoreError {
  return storeError(deed, 'unavailable', `the answer ended after ${read} of ${length} bytes`);
}

async function* passOn(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

/** A socket's buffers are views of larger ones, which a reader must neither keep alive nor hand to another thread. */
function ownBytes(chunk: Buffer): Uint8Array {
  const isWhole = chunk.byteOffset === 0 && chunk.byteLength === chunk.buffer.byteLength;
  return isWhole ? new Uint8Array(chunk.buffer) : new Uint8Array(chunk);
}

/** True when the answer to a request for bytes from `start` begins there. */
export function startsAt({ status, headers }: HttpAnswer, start: number): boolean {
  if (status === 200) return start === 0;
  return status === 206 && headers['content-range']?.startsWith(`bytes ${start}-`) === true;
}

/** The bytes that an answer says it sends, of how many; `undefined` when it sends all, or does not say. */
export function sentRangeOf({ status, headers }: HttpAnswer): SentRange | undefined {
  return status === 206 ? sentRange(headers['content-range']) : undefined;
}
