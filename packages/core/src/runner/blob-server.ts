import type { MessagePort } from 'node:worker_threads';
import type { Body, Digest, Reference } from '../contract/index.ts';
import { ANSWER, type BlobLink, type ReadReply, type StreamReply, type StreamRequest } from './blob-port.ts';
import { toWire } from './wire-error.ts';

/** Blobs above this travel in a buffer of their own, handed over without a copy. Bytes. */
const LARGE = 64 * 1024;
/** A large value crosses threads in pieces of this size. Bytes. */
const PIECE = 1024 * 1024;

/** Where the I/O thread finds and puts bytes. */
export interface BlobSource {
  /** Verified bytes of each, in order. Those above 64 KiB own their buffer. */
  read(references: readonly Reference[]): Promise<readonly Uint8Array[]>;
  put(digest: Digest, body: Body): Promise<void>;
}

/** Serves one worker until its ports close. */
export function serveBlobs(link: BlobLink, source: BlobSource): void {
  const flag = new Int32Array(link.flag);
  link.sync.on('message', async (references: readonly Reference[]) => {
    const { reply, transfer } = await answer(references, source);
    link.sync.postMessage(reply, transfer);
    Atomics.store(flag, 0, ANSWER.ready);
    Atomics.notify(flag, 0);
  });
  serveStream(link.stream, source);
}

async function answer(
  references: readonly Reference[],
  source: BlobSource,
): Promise<{ readonly reply: ReadReply; readonly transfer: ArrayBuffer[] }> {
  try {
    const blobs = await source.read(references);
    const large = blobs.filter((blob) => blob.byteLength > LARGE);
    const small = blobs.filter((blob) => blob.byteLength <= LARGE);
    const packed = new Uint8Array(small.reduce((sum, blob) => sum + blob.byteLength, 0));
    let offset = 0;
    for (const blob of small) {
      packed.set(blob, offset);
      offset += blob.byteLength;
    }
    const lengths = blobs.map((blob) => (blob.byteLength > LARGE ? -1 : blob.byteLength));
    const buffers = new Set([packed.buffer, ...large.map((blob) => blob.buffer as ArrayBuffer)]);
    return { reply: { packed, lengths, large }, transfer: [...buffers] };
  } catch (error) {
    return { reply: { error: toWire(error) }, transfer: [] };
  }
}

function serveStream(port: MessagePort, source: BlobSource): void {
  const pulls = new Map<number, (bytes: Uint8Array) => void>();
  let next = 1;
  const pull = (of: number, offset: number, length: number): Promise<Uint8Array> =>
    new Promise((resolve) => {
      const id = next++;
      pulls.set(id, resolve);
      port.postMessage({ pull: id, of, offset, length } satisfies StreamReply);
    });
  port.on('message', (message: StreamRequest) => {
    if ('chunk' in message) {
      pulls.get(message.chunk)?.(message.bytes);
      pulls.delete(message.chunk);
      return;
    }
    const { put, digest, size } = message;
    source
      .put(
        digest,
        pulledBody(size, (offset, length) => pull(put, offset, length)),
      )
      .then(
        () => port.postMessage({ stored: put } satisfies StreamReply),
        (error) => port.postMessage({ stored: put, error: toWire(error) } satisfies StreamReply),
      );
  });
}

/** A body whose bytes stay with the worker: pulled piece by piece, one ahead, from the start each time it is opened. */
function pulledBody(size: number, pull: (offset: number, length: number) => Promise<Uint8Array>): Body {
  return {
    size,
    async *open() {
      const piece = (offset: number) => (offset < size ? pull(offset, Math.min(PIECE, size - offset)) : undefined);
      let ahead = piece(0);
      for (let offset = 0; ahead !== undefined; offset += PIECE) {
        const bytes = await ahead;
        ahead = piece(offset + PIECE);
        yield bytes;
      }
    },
  };
}
