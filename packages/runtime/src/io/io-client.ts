import type { MessagePort, TransferListItem } from 'node:worker_threads';
import { type Digest, type RunEvent, VarveError } from '@varve/core/contract';
import {
  BytePacker,
  type Caller,
  createCaller,
  fromWire,
  type PageRecord,
  type RunSession,
  SessionListeners,
  type SmallBytes,
} from '@varve/core/internal';
import { ANSWER, type BlobLink } from './blob-client.ts';
import type { ThreadCalls } from './io-host.ts';
import { type Appended, type AppendMessage, type FromIo, SESSION_CALLS, type SessionCall } from './io-protocol.ts';

/** A thread that can be talked to and watched: a Worker, or a port in tests. */
export interface IoThread {
  postMessage(message: unknown, transfer?: readonly TransferListItem[]): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'exit', listener: (code: number) => void): unknown;
  terminate(): Promise<number>;
}

/** A session in another thread. */
export interface RemoteSession extends RunSession {
  /** Serves blobs to one more thread. */
  attach(link: BlobLink): Promise<void>;
}

type Calls = Pick<RunSession, SessionCall>;

/** Calls whose answer depends on what was appended before them: the appended events are sent first. */
const AFTER_APPENDED: ReadonlySet<SessionCall> = new Set(['expand', 'test', 'release', 'locate', 'flush', 'end']);

/** The session that the I/O thread serves, as an object in this thread. */
export function connectSession(thread: IoThread): RemoteSession {
  const connection = new Connection(thread);
  const calls = SESSION_CALLS.map((name) => [name, (...args: readonly unknown[]) => connection.call(name, args)]);
  return Object.assign(connection, Object.fromEntries(calls) as Calls);
}

class Connection extends SessionListeners implements Omit<RemoteSession, SessionCall> {
  private readonly caller: Caller<ThreadCalls & { readonly [K in SessionCall]: (args: readonly unknown[]) => unknown }>;
  private readonly flags: Int32Array[] = [];
  private outbox: Appended[] = [];
  private packer = new BytePacker();
  private appended = 0;
  private closing = false;
  private ended = false;

  constructor(private readonly thread: IoThread) {
    super();
    this.caller = createCaller(thread);
    thread.on('message', (message) => this.receive(message as FromIo));
    thread.on('error', (error) => this.gone(stopped(error)));
    thread.on('exit', () => this.gone(stopped()));
  }

  call(name: SessionCall, args: readonly unknown[]): Promise<unknown> {
    if (AFTER_APPENDED.has(name)) this.send();
    if (name === 'begin') {
      this.removeListeners();
      this.appended = 0;
    }
    const answer: Promise<unknown> = this.caller.call(name, args);
    return name === 'release' ? answer.catch(() => {}) : answer;
  }

  async attach(link: BlobLink): Promise<void> {
    const flag = new Int32Array(link.flag);
    if (this.ended) wakeForEver(flag);
    this.flags.push(flag);
    await this.caller.call('attach', link, [link.sync as MessagePort, link.stream as MessagePort]);
  }

  /** Events appended in one turn cross in one message. */
  append(event: RunEvent, bytes: SmallBytes = new Map(), record?: PageRecord): number {
    const blobs: [Digest, number, number][] = [];
    for (const [digest, one] of bytes) blobs.push([digest, this.packer.add(one), one.byteLength]);
    this.outbox.push(record ? { event, blobs, record } : { event, blobs });
    if (this.outbox.length === 1) queueMicrotask(() => this.send());
    return ++this.appended;
  }

  async close(): Promise<void> {
    this.closing = true;
    await this.caller.call('close', undefined).catch(() => {});
    await this.thread.terminate();
  }

  /** Appended events must arrive before anything that a worker asks because of them: they are sent in the same turn. */
  private send(): void {
    if (this.outbox.length === 0) return;
    const append = JSON.stringify(this.outbox);
    const packed = this.packer.pack();
    this.outbox = [];
    this.packer = new BytePacker();
    this.thread.postMessage({ append, packed } satisfies AppendMessage, [packed.buffer]);
  }

  private receive(message: FromIo): void {
    if ('flushed' in message) this.emitFlushed(message.flushed);
    else if ('warning' in message) this.emitWarning(message.warning);
    else if ('stopped' in message) this.emitStop(message.stopped);
    else if ('failed' in message) this.emitError(fromWire(message.failed));
  }

  /** No caller may wait for an answer that never comes. */
  private gone(error: Error): void {
    this.ended = true;
    for (const flag of this.flags) wakeForEver(flag);
    this.caller.fail(error);
    if (!this.closing) this.emitError(error);
  }
}

function wakeForEver(flag: Int32Array): void {
  Atomics.store(flag, 0, ANSWER.gone);
  Atomics.notify(flag, 0);
}

function stopped(cause?: Error): VarveError {
  const why = cause === undefined ? '' : `: ${cause.message}`;
  return new VarveError('VARVE_IO_STOPPED', `the thread that reads and writes the store has ended${why}`, {
    hint: 'What was announced as finished is stored. If it ran out of memory, allow more: NODE_OPTIONS=--max-old-space-size=8192',
    ...(cause && { cause }),
  });
}
