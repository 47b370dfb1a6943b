import { type Body, type Clock, type Datastore, type ObjectInfo, StoreError } from '@varve/core/contract';
import { GcsServer } from '@varve/test-servers/gcs';
import { readAll } from '@varve/test-servers/wire';
import { afterEach } from 'vitest';
import { GcsDatastore, type GcsDatastoreOptions } from '../src/datastore.ts';

/** Long enough for a busy machine to answer, short enough for a test to wait for. Ms. */
export const SHORT = { answerMs: 400, idleMs: 400 };
/** Pauses of no length, so that no test waits for a retry. */
export const NO_PAUSE: Clock = { now: () => Date.now(), sleep: async (_, signal) => signal?.throwIfAborted() };

type Start = Parameters<typeof GcsServer.start>[0];

/** Starts servers that are stopped after the test. */
export function useServers(): (options?: Start) => Promise<GcsServer> {
  const servers: GcsServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop();
  });
  return async (options) => {
    const server = await GcsServer.start(options);
    servers.push(server);
    return server;
  };
}

export function open(server: GcsServer, options: Partial<GcsDatastoreOptions> = {}): GcsDatastore {
  return new GcsDatastore({ bucket: 'bucket', apiEndpoint: server.url, clock: NO_PAUSE, ...options });
}

/** Puts an object into the bucket without a request. */
export function seed(server: GcsServer, name: string, bytes: Uint8Array | string): void {
  server.bucket().insert(name, Buffer.from(bytes as Uint8Array), {}, new URLSearchParams());
}

export function bodyOf(bytes: Uint8Array | string): Body {
  const whole = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
  return { ...streamOf(whole), bytes: whole };
}

export function streamOf(bytes: Uint8Array, chunk = 300_000): Body {
  return {
    size: bytes.length,
    async *open() {
      for (let start = 0; start < bytes.length; start += chunk) yield bytes.subarray(start, start + chunk);
    },
  };
}

export async function textOf(store: Datastore, key: string): Promise<string> {
  return (await readAll(await store.get(key))).toString();
}

export async function listAll(store: Datastore, prefix = ''): Promise<ObjectInfo[]> {
  const found: ObjectInfo[] = [];
  for await (const info of store.list(prefix)) found.push(info);
  return found;
}

/** The `StoreError` that a call rejects with; throws when it does anything else. */
export async function failure(call: Promise<unknown>): Promise<StoreError> {
  const error = await call.then(
    () => new Error('the call succeeded'),
    (reason: unknown) => reason,
  );
  if (StoreError.is(error)) return error;
  throw error;
}

/** Repeats a call that failed with a retryable error, as the layer above every store does. */
export async function persist<T>(call: () => Promise<T>, attempts = 3): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await call();
    } catch (error) {
      if (!StoreError.is(error) || !error.retryable || failures >= attempts) throw error;
    }
  }
}
