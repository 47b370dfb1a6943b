import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { type Digest, type Reference, VarveError } from '../contract/index.ts';
import { fromWire, type WireError } from './wire-error.ts';

/** How a worker reaches the I/O thread: one port to wait on, one to stream through, and a flag to sleep by. */
export interface BlobLink {
  readonly sync: MessagePort;
  readonly stream: MessagePort;
  /** One Int32: see `ANSWER`. */
  readonly flag: SharedArrayBuffer;
}

/** States of the flag. */
export const ANSWER = { waiting: 0, ready: 1, gone: 2 } as const;

/** Answer to a read: small blobs in one buffer, large ones each in its own. */
export type ReadReply =
  | {
      readonly packed: Uint8Array /** Bytes, by position; -1 for one in `large`. */;
      readonly lengths: readonly number[];
      readonly large: readonly Uint8Array[];
    }
  | { readonly error: WireError };

export type StreamRequest =
  | { readonly put: number; readonly digest: Digest; readonly codec: string; readonly size: number }
  | { readonly chunk: number; readonly bytes: Uint8Array };
export type StreamReply =
  | { readonly pull: number; readonly of: number; readonly offset: number; readonly length: number }
  | { readonly stored: number; readonly error?: WireError };

/** Stored bytes for a task: reads wait for the I/O thread, so that any store works behind a plain field. */
export interface BlobAccess {
  /** Verified bytes, each its own copy. */
  read(references: readonly Reference[]): Uint8Array[];
  /** Resolves when the bytes are durable. `parts` must not change meanwhile. */
  put(digest: Digest, codec: string, parts: readonly Uint8Array[]): Promise<void>;
}

export function createBlobAccess(link: BlobLink): BlobAccess {
  const flag = new Int32Array(link.flag);
  const puts = serveStreams(link.stream);
  return {
    read(references) {
      Atomics.compareExchange(flag, 0, ANSWER.ready, ANSWER.waiting);
      link.sync.postMessage(references);
      Atomics.wait(flag, 0, ANSWER.waiting);
      const reply = receiveMessageOnPort(link.sync)?.message as ReadReply | undefined;
      if (reply === undefined)
        throw new VarveError('VARVE_IO_STOPPED', 'the thread that reads and writes the store has ended');
      if ('error' in reply) throw fromWire(reply.error);
      return unpack(reply);
    },
    put: puts,
  };
}

function unpack(reply: Exclude<ReadReply, { readonly error: WireError }>): Uint8Array[] {
  let offset = 0;
  let large = 0;
  return reply.lengths.map((length) => {
    if (length < 0) return reply.large[large++] ?? new Uint8Array(0);
    const bytes = reply.packed.slice(offset, offset + length);
    offset += length;
    return bytes;
  });
}

function serveStreams(port: MessagePort): BlobAccess['put'] {
  const open = new Map<number, { parts: readonly Uint8Array[]; resolve(): void; reject(error: Error): void }>();
  let next = 1;
  port.on('message', (message: StreamReply) => {
    if ('pull' in message) {
      const bytes = sliceParts(open.get(message.of)?.parts ?? [], message.offset, message.length);
      port.postMessage({ chunk: message.pull, bytes } satisfies StreamRequest, [bytes.buffer as ArrayBuffer]);
      return;
    }
    const put = open.get(message.stored);
    open.delete(message.stored);
    if (message.error) put?.reject(fromWire(message.error));
    else put?.resolve();
    if (open.size === 0) port.unref();
  });
  port.unref();
  return (digest, codec, parts) =>
    new Promise((resolve, reject) => {
      const put = next++;
      port.ref();
      open.set(put, { parts, resolve, reject });
      const size = parts.reduce((sum, part) => sum + part.byteLength, 0);
      port.postMessage({ put, digest, codec, size } satisfies StreamRequest);
    });
}

/** A fresh copy of `length` bytes from `offset`, over the borders of parts. */
export function sliceParts(parts: readonly Uint8Array[], offset: number, length: number): Uint8Array {
  const out = new Uint8Array(length);
  let start = 0;
  for (const part of parts) {
    const from = Math.max(offset, start);
    const to = Math.min(offset + length, start + part.byteLength);
    if (from < to) out.set(part.subarray(from - start, to - start), from - offset);
    start += part.byteLength;
  }
  return out;
}
