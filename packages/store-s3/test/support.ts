import type { Body, Datastore, Plugin, PluginContext } from '@varve/core/contract';
import { StoreError } from '@varve/core/contract';
import { S3Double, type S3DoubleOptions } from '@varve/test-servers/s3';
import { type Fault, type FaultMatch, readAll } from '@varve/test-servers/wire';
import { afterEach, expect } from 'vitest';
import { S3Failure, type S3Reason, type S3StoreOptions, s3Store } from '../src/index.ts';

/** Ms. Long enough for a busy machine, short enough for a test that waits for it. */
export const IDLE_MS = 1500;

/** The plugin of a store on a double, with its key. */
export function storeOn(double: S3Double, options: Partial<S3StoreOptions> = {}): Plugin<'datastore'> {
  const { accessKeyId, secretAccessKey, region } = double.account;
  const credentials = { accessKeyId, secretAccessKey };
  return s3Store({ bucket: 'varve', endpoint: double.url, region, credentials, ...options });
}

/** Opens a plugin as a stack does. Its clock does not sleep. */
export function open(plugin: Plugin<'datastore'>): Datastore {
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const clock = { now: () => Date.now(), sleep: async () => undefined };
  const get = () => Promise.reject(new Error('there is no other part'));
  const context: PluginContext = { logger: silent, clock, projectRoot: '/', stateDir: '/.varve', get };
  return plugin.provides.datastore(context) as Datastore;
}

/** Starts doubles and opens stores on them, all of which end with the test. */
export function useStores() {
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  const startDouble = async (options: S3DoubleOptions = {}): Promise<S3Double> => {
    const double = await S3Double.start(options);
    ends.push(() => double.close());
    return double;
  };
  const openOn = (double: S3Double, options: Partial<S3StoreOptions> = {}): Datastore => {
    const store = open(storeOn(double, options));
    ends.push(async () => store.close?.());
    return store;
  };
  const start = async (options: S3DoubleOptions = {}, storeOptions: Partial<S3StoreOptions> = {}) => {
    const double = await startDouble(options);
    return { double, store: openOn(double, storeOptions) };
  };
  return { startDouble, openOn, start };
}

/** Makes the next matching requests of one operation go wrong. */
export function fail(double: S3Double, operation: string, fault: Fault, times = 1): void {
  const match: FaultMatch = (request) => request.operation === operation && !request.key.includes('~probe');
  double.faults.add({ on: match, fault, times });
}

/** Operations that reached a double, in their order; those of the probe are left out. */
export function operationsOf(double: S3Double): string[] {
  return double.requests.filter(({ key }) => !key.includes('~probe')).map(({ operation }) => operation);
}

/** Keys of all objects but that of the probe. */
export function keysOf(double: S3Double): string[] {
  return double.keys().filter((key) => !key.includes('~probe'));
}

/** Expects a `StoreError` with this code, and returns it. */
export async function refusal(act: Promise<unknown>, code: StoreError['code']): Promise<StoreError> {
  const error = await act.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!StoreError.is(error)) throw new Error(`expected a StoreError, got ${error}`, { cause: error });
  expect(error.code, error.message).toBe(code);
  return error;
}

/** The reason that a `StoreError` of this store carries. */
export function reasonOf(error: StoreError): S3Reason | undefined {
  return error.cause instanceof S3Failure ? error.cause.reason : undefined;
}

export function bodyOf(bytes: Uint8Array | string): Body {
  const whole = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
  return { ...streamOf(whole), bytes: whole };
}

export function streamOf(bytes: Uint8Array, chunk = 1_000_000): Body {
  return {
    size: bytes.length,
    async *open() {
      for (let start = 0; start < bytes.length; start += chunk) yield bytes.subarray(start, start + chunk);
    },
  };
}

export async function bytesAt(store: Datastore, key: string, range?: { start: number; end: number }): Promise<Buffer> {
  return readAll(await store.get(key, range ? { range } : {}));
}

export async function listKeys(store: Datastore, prefix = ''): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys.sort();
}
