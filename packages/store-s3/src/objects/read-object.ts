import { Readable } from 'node:stream';
import { type GetOptions, StoreError } from '@varve/core/contract';
import { sentRange } from '@varve/core/store-kit';
import { abortable } from '../requests/abortable.ts';
import { S3Failure } from '../requests/failure.ts';

/** Bytes up to which an object is read at once, so that its connection is free again. */
const WHOLE_MAX = 1024 * 1024;

/** The parts of an answer with an object that matter. */
export interface ObjectAnswer {
  readonly Body?: unknown;
  readonly ContentLength?: number | undefined;
  readonly ContentRange?: string | undefined;
  readonly ETag?: string | undefined;
}

export interface Reading {
  readonly key: string;
  readonly range: GetOptions['range'] | undefined;
  readonly signal: AbortSignal | undefined;
  /** Ms that the next bytes may take. */
  readonly idleMs: number;
  /** Turns what went wrong into what the reader is told. */
  readonly explain: (error: unknown) => unknown;
}

/** The bytes of an answer: small ones are read to the end at once, the others as the reader goes on. */
export async function readAnswer(answer: ObjectAnswer, reading: Reading): Promise<AsyncIterable<Uint8Array>> {
  const { Body: body, ContentLength, ContentRange } = answer;
  const { key, range } = reading;
  const sent = range && sentRange(ContentRange);
  const expected = sent ? sent.end - sent.start : ContentLength;
  if (!(body instanceof Readable)) throw new S3Failure('not-s3', 'NoBody', 'the answer has no body');
  // A reader may take its time before it begins; until then nobody else would hear of a broken connection.
  body.on('error', () => undefined);
  if (range && ContentRange?.startsWith(`bytes ${range.start}-`) !== true) {
    body.destroy();
    throw new StoreError('unsupported', `Cannot read a range of "${key}": the server ignores ranges.`, { key });
  }
  const chunks = readBody(body, expected, reading);
  if (expected === undefined || expected > WHOLE_MAX) return chunks;
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return given(all);
}

/** Ends an answer that nobody reads. */
export function discard({ Body: body }: ObjectAnswer): void {
  if (!(body instanceof Readable)) return;
  body.on('error', () => undefined);
  body.destroy();
}

/** No bytes, or bytes that are there already. */
export async function* given(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

/**
 * Ends in bounded time whatever the server does: a timer runs while bytes are awaited, and never while the reader is busy. A body
 * that ends early is an error, not an end.
 */
async function* readBody(body: Readable, expected: number | undefined, reading: Reading): AsyncGenerator<Uint8Array> {
  const { idleMs, signal, explain } = reading;
  const iterator = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let received = 0;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const next = await abortable(nextChunk(body, iterator, idleMs), signal);
      if (next.done === true) break;
      received += next.value.length;
      if (next.value.length > 0) yield next.value;
    }
    if (expected !== undefined && received !== expected) {
      throw new S3Failure('broken-connection', 'IncompleteBody', `${received} of ${expected} bytes came`);
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw explain(error);
  } finally {
    body.destroy();
  }
}

async function nextChunk(
  body: Readable,
  iterator: AsyncIterator<Buffer>,
  idleMs: number,
): Promise<IteratorResult<Buffer>> {
  const timer = setTimeout(() => {
    body.destroy(new S3Failure('stalled', 'Timeout', `no bytes for ${idleMs} ms`));
  }, idleMs);
  try {
    return await iterator.next();
  } finally {
    clearTimeout(timer);
  }
}
