import { type Body, StoreError } from '@varve/core/contract';
import { onceAborted } from '../requests/deadline.ts';

/** Carries an error of the body, or the reason of an abort, past the code that explains errors of the network. */
export class BodyFailure extends Error {
  constructor(cause: unknown) {
    super('the body failed', { cause });
  }
}

/**
 * Takes a body apart into pieces of exactly `pieceSize` bytes and a shorter last one, in memory of their own; an empty body is
 * one empty piece. The last piece comes only when the body has ended with the bytes it promised, so that who has it may
 * finish an object. Rejects with `BodyFailure`, also at once when the signal aborts.
 */
export async function* piecesOf(
  key: string,
  body: Body,
  pieceSize: number,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  if (body.bytes !== undefined) {
    if (body.bytes.length !== body.size) throw new BodyFailure(wrongLength(key, body.size, body.bytes.length));
    yield* cut(body.bytes, pieceSize);
    return;
  }
  let read = 0;
  let piece = new Uint8Array(Math.min(pieceSize, body.size));
  let filled = 0;
  for await (const chunk of untilAborted(body, signal)) {
    read += chunk.length;
    if (read > body.size) throw new BodyFailure(wrongLength(key, body.size, read, 'at least '));
    for (let at = 0; at < chunk.length; ) {
      if (filled === piece.length) {
        yield piece;
        piece = new Uint8Array(Math.min(pieceSize, body.size - (read - chunk.length + at)));
        filled = 0;
      }
      const part = chunk.subarray(at, at + piece.length - filled);
      piece.set(part, filled);
      filled += part.length;
      at += part.length;
    }
  }
  if (read !== body.size) throw new BodyFailure(wrongLength(key, body.size, read));
  yield piece;
}

function* cut(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length || at === 0; at += size) yield bytes.subarray(at, at + size);
}

/** Passes chunks on; rejects at once when the signal aborts, even while the body hangs. */
async function* untilAborted(body: Body, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const iterator = await ofBody(() => body.open()[Symbol.asyncIterator]());
  let onAbort: () => void = () => undefined;
  const takeBack = onceAborted(signal, () => onAbort());
  let done = false;
  try {
    while (true) {
      if (signal?.aborted) throw new BodyFailure(signal.reason);
      // Not `Promise.race`: against one promise that never settles it would keep every chunk in memory until the end.
      const next = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        onAbort = () => reject(new BodyFailure(signal?.reason));
        ofBody(() => iterator.next()).then(resolve, reject);
      });
      done = next.done === true;
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    takeBack();
    // Not awaited: a body that hangs would hold up the abort.
    if (!done) ofBody(() => iterator.return?.()).catch(() => undefined);
  }
}

async function ofBody<T>(call: () => T | Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw new BodyFailure(error);
  }
}

function wrongLength(key: string, expected: number, actual: number, least = ''): StoreError {
  const message = `"${key}": the body says ${expected} bytes and gave ${least}${actual}.`;
  return new StoreError('corrupt', message, { key });
}
