import { setImmediate } from 'node:timers/promises';
import { type Body, StoreError } from '@varve/core/contract';
import type { FileSystem } from './file-system.ts';

/** Bytes for each call. Larger writes were measured to be slower on ext4, by up to ten times. */
const PIECE = 256 * 1024;
/** Bytes written before other work of the thread gets its turn. */
const TURN = 4 * 1024 * 1024;

/** Carries an error of the body, or the reason of an abort, past the code that explains errors of the file system. */
export class BodyFailure extends Error {
  constructor(cause: unknown) {
    super('the body failed', { cause });
  }
}

/** Writes exactly `body.size` bytes to an empty file, or rejects. */
export async function writeBody(
  fs: FileSystem,
  fd: number,
  key: string,
  body: Body,
  signal?: AbortSignal,
): Promise<void> {
  if (body.bytes === undefined) await writeStream(fs, fd, key, body, signal);
  else if (body.bytes.length !== body.size) throw wrongLength(key, body.size, body.bytes.length);
  else writeBytes(fs, fd, key, body.bytes);
  // A file system can claim bytes that it did not take: check the size of the file.
  const stored = fs.statOpen(fd).size;
  if (stored !== body.size) {
    throw new StoreError('corrupt', `"${key}" was written with ${body.size} bytes, the file system kept ${stored}.`, {
      key,
    });
  }
}

async function writeStream(fs: FileSystem, fd: number, key: string, body: Body, signal?: AbortSignal): Promise<void> {
  let written = 0;
  let turn = 0;
  for await (const chunk of untilAborted(body, signal)) {
    written += chunk.length;
    if (written > body.size) throw wrongLength(key, body.size, written, 'at least ');
    writeBytes(fs, fd, key, chunk);
    turn += chunk.length;
    if (turn >= TURN) {
      turn = 0;
      await setImmediate();
    }
  }
  if (written !== body.size) throw wrongLength(key, body.size, written);
}

function writeBytes(fs: FileSystem, fd: number, key: string, bytes: Uint8Array): void {
  let offset = 0;
  while (offset < bytes.length) {
    const length = Math.min(PIECE, bytes.length - offset);
    const taken = fs.write(fd, bytes, offset, length);
    if (taken <= 0 || taken > length) {
      throw new StoreError('corrupt', `"${key}": the file system took ${taken} of ${length} bytes.`, { key });
    }
    offset += taken;
  }
}

/** Passes chunks on; rejects at once when the signal aborts, even while the body hangs. */
async function* untilAborted(body: Body, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const iterator = await ofBody(() => body.open()[Symbol.asyncIterator]());
  const aborted = abortion(signal);
  let done = false;
  try {
    while (true) {
      if (signal?.aborted) throw new BodyFailure(signal.reason);
      const next = await aborted.before(ofBody(() => iterator.next()));
      done = next.done === true;
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    aborted.stop();
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

interface Abortion {
  /** Settles as `work` does, or rejects as soon as the signal aborts. */
  before<T>(work: Promise<T>): Promise<T>;
  stop(): void;
}

/** Not `Promise.race`: against one promise that never settles it would keep every chunk in memory until the end. */
function abortion(signal: AbortSignal | undefined): Abortion {
  let fail: (error: BodyFailure) => void = () => undefined;
  const onAbort = (): void => fail(new BodyFailure(signal?.reason));
  signal?.addEventListener('abort', onAbort, { once: true });
  return {
    before: (work) =>
      new Promise((resolve, reject) => {
        fail = reject;
        work.then(resolve, reject);
      }),
    stop: () => signal?.removeEventListener('abort', onAbort),
  };
}

function wrongLength(key: string, expected: number, actual: number, least = ''): StoreError {
  return new StoreError('corrupt', `"${key}": the body says ${expected} bytes and gave ${least}${actual}.`, { key });
}
