import type { MessagePort } from 'node:worker_threads';
import type { Body } from '@varve/core/contract';
import { type BlobSource, type Channel, fileBody, serveCalls, toWire } from '@varve/core/internal';

import {
  ANSWER,
  type BlobLink,
  type ChunkMessage,
  type PullMessage,
  type ReadReply,
  type StreamCalls,
  type SyncReply,
  type SyncRequest,
} from './blob-client.ts';

/** Blobs above this travel in a buffer of their own, handed over without a copy. Bytes. */
const LARGE = 64 * 1024;
/** A large value crosses threads in pieces of this size, which is also what stores like to write. Bytes. */
const PIECE = 256 * 1024;
/** Pieces asked for before the first of them has come. */
const WINDOW = 4;

/** Serves one worker until its ports close. */
export function serveBlobs(link: BlobLink, source: BlobSource): void {
  const flag = new Int32Array(link.flag);
  link.sync.on('message', async (request: SyncRequest) => {
    const { reply, transfer } = await answer(request, source);
    try {
      link.sync.postMessage(reply, transfer);
    } catch (error) {
      link.sync.postMessage({ error: toWire(new Error(`the answer could not be sent: ${String(error)}`)) });
    }
    Atomics.store(flag, 0, ANSWER.ready);
    Atomics.notify(flag, 0);
  });
  serveStream(link.stream, source);
}

interface Answer {
  readonly reply: SyncReply;
  readonly transfer: ArrayBuffer[];
}

async function answer(request: SyncRequest, source: BlobSource): Promise<Answer> {
  try {
    if ('place' in request) return { reply: { path: await source.materialize(request.place) }, transfer: [] };
    return pack(await source.read(request.read));
  } catch (error) {
    return { reply: { error: toWire(error) }, transfer: [] };
  }
}

function pack(blobs: readonly Uint8Array[]): Answer {
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
  return { reply: { packed, lengths, large } satisfies ReadReply, transfer: [...buffers] };
}

function serveStream(port: MessagePort, source: BlobSource): void {
  const pulls = new Pulls(port);
  serveCalls<StreamCalls>(port as Channel, {
    put: ({ put, digest, size, file }) =>
      source.put(
        digest,
        file === undefined
          ? pulledBody(size, (offset, length) => pulls.ask(put, offset, length))
          : fileBody(file, size),
      ),
    materialize: (reference) => source.materialize(reference),
    scratch: () => source.scratch(),
  });
}

/** Pieces that were asked of a worker. When it ends they fail, and with them whatever was being stored. */
class Pulls {
  private readonly open = new Map<number, { resolve(bytes: Uint8Array): void; reject(error: Error): void }>();
  private next = 1;
  private ended = false;

  constructor(private readonly port: MessagePort) {
    port.on('message', (message: ChunkMessage | object) => {
      if (!('chunk' in message)) return;
      this.open.get(message.chunk)?.resolve(message.bytes);
      this.open.delete(message.chunk);
    });
    port.on('close', () => {
      this.ended = true;
      for (const { reject } of this.open.values()) reject(workerEnded());
      this.open.clear();
    });
  }

  ask(of: number, offset: number, length: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.ended) return reject(workerEnded());
      const pull = this.next++;
      this.open.set(pull, { resolve, reject });
      const into = new Uint8Array(length);
      this.port.postMessage({ pull, of, offset, into } satisfies PullMessage, [into.buffer]);
    });
  }
}

function workerEnded(): Error {
  return new Error('the worker ended while a value of it was being stored');
}

/** A body whose bytes stay with the worker: pulled piece by piece, some ahead, from the start each time it is opened. */
function pulledBody(size: number, pull: (offset: number, length: number) => Promise<Uint8Array>): Body {
  return {
    size,
    async *open() {
      const ahead: Promise<Uint8Array>[] = [];
      let asked = 0;
      const fill = () => {
        for (; ahead.length < WINDOW && asked < size; asked += PIECE) {
          const piece = pull(asked, Math.min(PIECE, size - asked));
          // Pieces behind the one that failed fail too, and are no longer awaited.
          piece.catch(() => {});
          ahead.push(piece);
        }
      };
      fill();
      for (let piece = ahead.shift(); piece; piece = ahead.shift()) {
        const bytes = await piece;
        fill();
        if (bytes.byteLength > 0) yield bytes;
      }
    },
  };
}

/**
 * Threads that may be waiting for this one. When this thread ends it wakes them itself: a thread that waits for the
 * thread it has started cannot hear of its end in any other way.
 */
export class SleepingWorkers {
  private readonly flags = new Set<Int32Array>();
  private readonly wakeAll = (): void => {
    for (const flag of this.flags) {
      Atomics.store(flag, 0, ANSWER.gone);
      Atomics.notify(flag, 0);
    }
  };

  constructor() {
    process.once('exit', this.wakeAll);
  }

  add(link: BlobLink): void {
    const flag = new Int32Array(link.flag);
    this.flags.add(flag);
    link.stream.on('close', () => this.flags.delete(flag));
  }

  close(): void {
    process.off('exit', this.wakeAll);
  }
}
