import { MessageChannel, Worker } from 'node:worker_threads';
import type { TaskSpec } from '@varve/core/contract';
import { type Channel, PoolRunner, PoolWorker, type WorkerEnd, type WorkerHandle } from '@varve/core/internal';

import type { Setup } from '../compose/setup.ts';
import type { BlobLink } from '../io/blob-client.ts';
import { connectSession, type IoThread, type RemoteSession } from '../io/io-client.ts';

/** The data with which a worker thread is started. */
export interface WorkerSetup {
  readonly link: BlobLink;
  /** One Int32: the id of the attempt that runs exclusively, so that a crash can be blamed on it. 0 for none. */
  readonly current: SharedArrayBuffer;
}

/** Starts the thread that owns the store. */
export function startIo(setup: Setup): { readonly io: RemoteSession; readonly thread: Worker } {
  const thread = new Worker(new URL('./io-entry.js', import.meta.url), { workerData: setup, name: 'varve-io' });
  return { io: connectSession(thread as IoThread), thread };
}

/** Connects a thread to the store; the other half goes to the thread that owns it. */
export function linkTo(io: RemoteSession): BlobLink {
  const flag = new SharedArrayBuffer(4);
  const sync = new MessageChannel();
  const stream = new MessageChannel();
  io.attach({ sync: sync.port2, stream: stream.port2, flag }).catch(() => {});
  return { sync: sync.port1, stream: stream.port1, flag };
}

export interface PoolSettings {
  readonly setup: Setup;
  readonly io: RemoteSession;
  /** True when tasks of this step run side by side in one worker. */
  readonly isMultiplexed: (spec: TaskSpec) => boolean;
  /** Most workers. */
  readonly width: number;
  /** Ms that an attempt may take after the run was told to stop. Default 10 s. */
  readonly graceMs?: number | undefined;
}

/** A pool of worker threads over the store. */
export function startThreads({ setup, io, width, ...options }: PoolSettings): PoolRunner {
  const spawn = () => new PoolWorker(startThread(setup, io), options);
  return new PoolRunner({ name: 'threads', isolation: 'thread', width, spawn });
}

function startThread(setup: Setup, io: RemoteSession): WorkerHandle {
  const link = linkTo(io);
  const current = new SharedArrayBuffer(4);
  const thread = new Worker(new URL('./worker-entry.js', import.meta.url), {
    workerData: { setup, worker: { link, current } },
    transferList: [link.sync, link.stream],
    name: 'varve-worker',
  });
  let error: Error | undefined;
  thread.on('error', (fault: Error) => {
    error = fault;
  });
  return {
    channel: thread as Channel,
    depth: Number.POSITIVE_INFINITY,
    current: () => Atomics.load(new Int32Array(current), 0),
    kill: async () => void (await thread.terminate()),
    onEnd: (listener: (end: WorkerEnd) => void) =>
      thread.on('exit', (code) => listener({ code, ...(error && { error }) })),
  };
}
