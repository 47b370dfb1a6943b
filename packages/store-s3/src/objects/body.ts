import { type Body, StoreError } from '@varve/core/contract';
import { abortable } from '../requests/abortable.ts';

/** All of a body in memory. Rejects with `corrupt` when it has another length than it says. */
export async function wholeBody(key: string, body: Body, signal: AbortSignal | undefined): Promise<Uint8Array> {
  if (body.bytes !== undefined) {
    if (body.bytes.length !== body.size) throw wrongLength(key, body.size, `${body.bytes.length}`);
    return body.bytes;
  }
  for await (const part of partsOf(key, body, Math.max(1, body.size), signal)) return part;
  return new Uint8Array();
}

/**
 * Cuts a body into parts of `partSize` bytes, in memory of their own; the last may be shorter. Rejects with `corrupt` before
 * the last part when the body has another length than it says.
 */
export async function* partsOf(
  key: string,
  body: Body,
  partSize: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  let part = new Uint8Array(Math.min(partSize, body.size));
  let filled = 0;
  let total = 0;
  for await (const chunk of untilAborted(body, signal)) {
    total += chunk.length;
    if (total > body.size) throw wrongLength(key, body.size, `at least ${total}`);
    for (let at = 0; at < chunk.length; ) {
      if (filled === part.length) {
        yield part;
        part = new Uint8Array(Math.min(partSize, body.size - total + chunk.length - at));
        filled = 0;
      }
      const piece = chunk.subarray(at, at + part.length - filled);
      part.set(piece, filled);
      filled += piece.length;
      at += piece.length;
    }
  }
  if (total !== body.size) throw wrongLength(key, body.size, `${total}`);
  yield part;
}

/** Passes chunks on; rejects with the signal's reason at once when it aborts, even while the body hangs. */
async function* untilAborted(body: Body, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const iterator = body.open()[Symbol.asyncIterator]();
  let isDone = false;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const next = await abortable(iterator.next(), signal);
      isDone = next.done === true;
      if (next.done === true) break;
      yield next.value;
    }
    signal?.throwIfAborted();
  } finally {
    // Not awaited: a body that hangs would hold up the abort.
    if (!isDone) Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

function wrongLength(key: string, said: number, given: string): StoreError {
  return new StoreError('corrupt', `"${key}": the body says ${said} bytes and gave ${given}.`, { key });
}
