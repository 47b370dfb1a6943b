import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { type Digest, type Reference, VarveError } from '@varve/core/contract';
import { type BlobAccess, type Channel, createCaller, fromWire, type WireError } from '@varve/core/internal';

/** A worker's connection to the I/O thread: one port to wait on, one to stream through, and a flag to sleep by. */
export interface BlobLink {
  readonly sync: MessagePort;
  readonly stream: MessagePort;
  /** One Int32: see `ANSWER`. */
  readonly flag: SharedArrayBuffer;
}

/** States of the flag. */
export const ANSWER = { waiting: 0, ready: 1, gone: 2 } as const;

/** A request that blocks the worker until the answer is there. */
export type SyncRequest = { readonly read: readonly Reference[] } | { readonly place: Reference };

/** Answer to a read: small blobs in one buffer, large ones each in its own. */
export interface ReadReply {
  readonly packed: Uint8Array;
  /** Bytes, by position; -1 for one in `large`. */
  readonly lengths: readonly number[];
  readonly large: readonly Uint8Array[];
}
export type SyncReply = ReadReply | { readonly path: string } | { readonly error: WireError };

/** Requests of a worker that do not block it. */
export interface StreamCalls {
  /** Stores what the worker holds, or what a file holds; resolves when it is durable. */
  put(body: {
    readonly put: number;
    readonly digest: Digest;
    readonly size: number;
    readonly file?: string;
  }): Promise<void>;
  /** Path of a verified local copy. */
  materialize(reference: Reference): Promise<string>;
  /** Path of a file that does not exist yet, for bytes that have no name yet. */
  scratch(nothing: undefined): Promise<string>;
}

/**
 * The I/O thread fetches what it stores piece by piece, in memory it has allocated itself: V8 collects by what a thread
 * allocates, so memory that came from another thread would pile up.
 */
export interface PullMessage {
  readonly pull: number;
  readonly of: number;
  readonly offset: number;
  readonly into: Uint8Array<ArrayBuffer>;
}
export interface ChunkMessage {
  readonly chunk: number;
  readonly bytes: Uint8Array;
}

export function createBlobAccess(link: BlobLink): BlobAccess {
  const flag = new Int32Array(link.flag);
  const ask = (request: SyncRequest) => askAndWait(link.sync, flag, request);
  return {
    read(references) {
      const reply = ask({ read: references });
      return 'packed' in reply ? unpack(reply) : [];
    },
    materializeSync(reference) {
      const reply = ask({ place: reference });
      return 'path' in reply ? reply.path : '';
    },
    ...openStream(link.stream),
  };
}

function askAndWait(
  port: MessagePort,
  flag: Int32Array,
  request: SyncRequest,
): Exclude<SyncReply, { readonly error: WireError }> {
  Atomics.compareExchange(flag, 0, ANSWER.ready, ANSWER.waiting);
  port.postMessage(request);
  // The I/O thread says that an answer is there, then wakes the worker. Between the two this thread may have taken
  // the answer and asked again: what wakes it then is no answer, and the next one would be taken for an earlier one.
  while (Atomics.load(flag, 0) === ANSWER.waiting) Atomics.wait(flag, 0, ANSWER.waiting);
  const reply = receiveMessageOnPort(port)?.message as SyncReply | undefined;
  if (reply === undefined) throw ioStopped();
  if ('error' in reply) throw fromWire(reply.error);
  return reply;
}

function unpack(reply: ReadReply): Uint8Array[] {
  let offset = 0;
  let large = 0;
  return reply.lengths.map((length) => {
    if (length < 0) return reply.large[large++] ?? new Uint8Array(0);
    const bytes = reply.packed.slice(offset, offset + length);
    offset += length;
    return bytes;
  });
}

/** Keeps the thread alive only while something is asked for. */
function openStream(port: MessagePort): Pick<BlobAccess, 'put' | 'putFile' | 'materialize' | 'scratch'> {
  const sources = new Map<number, PartReader>();
  const caller = createCaller<StreamCalls>(port);
  let open = 0;
  let next = 1;
  port.on('message', (message: PullMessage | object) => {
    if (!('pull' in message)) return;
    const { pull, of, offset, into } = message;
    const filled = sources.get(of)?.fill(into, offset) ?? 0;
    (port as Channel).postMessage({ chunk: pull, bytes: into.subarray(0, filled) } satisfies ChunkMessage, [
      into.buffer,
    ]);
  });
  port.on('close', () => caller.fail(ioStopped()));
  port.unref();
  const held = async <T>(call: () => Promise<T>): Promise<T> => {
    if (open++ === 0) port.ref();
    try {
      return await call();
    } finally {
      if (--open === 0) port.unref();
    }
  };
  return {
    put(digest, parts) {
      const put = next++;
      const source = new PartReader(parts);
      sources.set(put, source);
      return held(() => caller.call('put', { put, digest, size: source.size })).finally(() => sources.delete(put));
    },
    putFile: (digest, size, file) => held(() => caller.call('put', { put: 0, digest, size, file })),
    materialize: (reference) => held(() => caller.call('materialize', reference)),
    scratch: () => held(() => caller.call('scratch', undefined)),
  };
}

function ioStopped(): VarveError {
  return new VarveError('VARVE_IO_STOPPED', 'the thread that reads and writes the store has ended', {
    hint: 'The run says why it ended: see the first error of the run.',
  });
}

/** Parts in memory as one row of bytes, cut into pieces from front to back, or from anywhere. */
export class PartReader {
  readonly size: number;
  /** End of the last piece: its part, and that part's first byte. */
  private index = 0;
  private start = 0;

  constructor(private readonly parts: readonly Uint8Array[]) {
    this.size = parts.reduce((sum, part) => sum + part.byteLength, 0);
  }

  /** Copies the bytes from `offset` on, over the borders of parts. Returns how many: fewer than fit where the parts end. */
  fill(target: Uint8Array, offset: number): number {
    if (offset < this.start) this.index = this.start = 0;
    let filled = 0;
    for (let part = this.parts[this.index]; part && filled < target.byteLength; part = this.parts[this.index]) {
      const from = offset + filled - this.start;
      if (from >= part.byteLength) {
        this.start += part.byteLength;
        this.index++;
        continue;
      }
      const piece = part.subarray(from, from + target.byteLength - filled);
      target.set(piece, filled);
      filled += piece.byteLength;
    }
    return filled;
  }
}
