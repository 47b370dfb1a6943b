import type { MessagePort, TransferListItem } from 'node:worker_threads';
import type { PageRecord, StoredPage } from '../../cache/page-store.ts';

import type { StepComponents } from '../../cache/step-key.ts';
import {
  type Digest,
  type Location,
  type Reference,
  type RunEvent,
  type RunRecord,
  type RunSummary,
  VarveError,
  type WrittenArtifact,
} from '../../contract/index.ts';
import type { CachePort, Elements, JournalPort, SmallBytes, ValuePort } from '../../run/plan/ports.ts';
import { type Caller, createCaller, fromWire } from '../../task/remote/calls.ts';
import { BytePacker } from '../../task/remote/packed-tasks.ts';

import { ANSWER, type BlobLink } from './blob-client.ts';
import type { Appended, AppendMessage, BeginRun, FromIo, IoCalls } from './io-protocol.ts';

/** A thread that can be talked to and watched: a Worker, or a port in tests. */
export interface IoThread {
  postMessage(message: unknown, transfer?: readonly TransferListItem[]): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'exit', listener: (code: number) => void): unknown;
  terminate(): Promise<number>;
}

/** The scheduler's side of the I/O thread. */
export class IoClient implements JournalPort, ValuePort, CachePort {
  private readonly caller: Caller<IoCalls>;
  private readonly flags: Int32Array[] = [];
  private outbox: Appended[] = [];
  private packer = new BytePacker();
  private appended = 0;
  private closing = false;
  private ended = false;
  private readonly flushed: ((sequence: number) => void)[] = [];
  private readonly stopped: ((reason: 'fenced' | 'cancelled') => void)[] = [];
  private readonly warned: ((message: string) => void)[] = [];
  private readonly failed: ((error: unknown) => void)[] = [];

  constructor(private readonly thread: IoThread) {
    this.caller = createCaller<IoCalls>(thread);
    thread.on('message', (message) => this.receive(message as FromIo));
    thread.on('error', (error) => this.gone(stopped(error)));
    thread.on('exit', () => this.gone(stopped()));
  }

  open(): Promise<{ readonly store: string }> {
    return this.caller.call('open', undefined);
  }

  /** One run after the other: who listened to the last one hears no more. */
  begin(run: BeginRun): Promise<RunRecord> {
    for (const listeners of [this.flushed, this.stopped, this.failed, this.warned]) listeners.length = 0;
    this.appended = 0;
    return this.caller.call('begin', run);
  }

  async attach(link: BlobLink): Promise<void> {
    const flag = new Int32Array(link.flag);
    if (this.ended) wakeForEver(flag);
    this.flags.push(flag);
    await this.caller.call('attach', link, [link.sync as MessagePort, link.stream as MessagePort]);
  }

  append(event: RunEvent, bytes: SmallBytes = new Map(), record?: PageRecord): number {
    const blobs: [Digest, number, number][] = [];
    for (const [digest, one] of bytes) blobs.push([digest, this.packer.add(one), one.byteLength]);
    this.outbox.push(record ? { event, blobs, record } : { event, blobs });
    if (this.outbox.length === 1) queueMicrotask(() => this.send());
    return ++this.appended;
  }

  onFlushed(listener: (sequence: number) => void): void {
    this.flushed.push(listener);
  }

  onStop(listener: (reason: 'fenced' | 'cancelled') => void): void {
    this.stopped.push(listener);
  }

  onError(listener: (error: unknown) => void): void {
    this.failed.push(listener);
  }

  onWarning(listener: (message: string) => void): void {
    this.warned.push(listener);
  }

  envKey(): Promise<string> {
    return this.caller.call('envKey', undefined);
  }

  pages(key: string): Promise<readonly StoredPage[]> {
    return this.caller.call('pages', key);
  }

  lease(name: string): Promise<boolean> {
    return this.caller.call('lease', name);
  }

  release(name: string): void {
    this.send();
    this.caller.call('release', name).catch(() => {});
  }

  skew(): Promise<number> {
    return this.caller.call('skew', undefined);
  }

  before(flow: string, steps: readonly string[]): Promise<Readonly<Record<string, StepComponents>>> {
    return this.caller.call('before', { flow, steps });
  }

  locate(digests: readonly Digest[]): Promise<ReadonlyMap<Digest, Location>> {
    this.send();
    return this.caller.call('locate', digests);
  }

  flush(): Promise<void> {
    this.send();
    return this.caller.call('flush', undefined);
  }

  end(summary: RunSummary): Promise<void> {
    this.send();
    return this.caller.call('end', summary);
  }

  expand(list: Reference, name: string): Promise<Elements> {
    this.send();
    return this.caller.call('expand', { list, name });
  }

  store(value: unknown): Promise<WrittenArtifact> {
    return this.caller.call('store', value);
  }

  keep(bytes: Uint8Array, codec: string): Promise<WrittenArtifact> {
    return this.caller.call('keep', { bytes, codec });
  }

  test(flag: Reference, values: readonly unknown[] | undefined): Promise<boolean> {
    this.send();
    return this.caller.call('test', { flag, values });
  }

  async close(): Promise<void> {
    this.closing = true;
    await this.caller.call('close', undefined).catch(() => {});
    await this.thread.terminate();
  }

  /** What is appended must arrive before anything that a worker asks because of it: it is sent within the same turn. */
  send(): void {
    if (this.outbox.length === 0) return;
    const append = JSON.stringify(this.outbox);
    const packed = this.packer.pack();
    this.outbox = [];
    this.packer = new BytePacker();
    this.thread.postMessage({ append, packed } satisfies AppendMessage, [packed.buffer]);
  }

  private receive(message: FromIo): void {
    if ('flushed' in message) for (const listener of this.flushed) listener(message.flushed);
    else if ('warning' in message) for (const listener of this.warned) listener(message.warning);
    else if ('stopped' in message) for (const listener of this.stopped) listener(message.stopped);
    else if ('failed' in message) for (const listener of this.failed) listener(fromWire(message.failed));
  }

  /** Nobody may wait for an answer that never comes. */
  private gone(error: Error): void {
    this.ended = true;
    for (const flag of this.flags) wakeForEver(flag);
    this.caller.fail(error);
    if (!this.closing) for (const listener of this.failed) listener(error);
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
