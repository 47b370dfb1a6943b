import type { CallOptions, Datastore, RunRecord } from '../../contract/index.ts';
import { createOnce } from '../objects/body.ts';
import { encodeEnvelope } from '../objects/envelope.ts';
import { PINS, pinKey } from '../objects/keys.ts';

/** A request to keep a run. */
export interface Pin {
  readonly by: string;
  /** Ms since the Unix epoch. */
  readonly at: number;
  readonly reason?: string;
}

type RunName = Pick<RunRecord, 'flow' | 'id'>;

/** Keeps a run until it is unpinned, unless a collection has decided otherwise. `false` when it was pinned before. */
export function pinRun(store: Datastore, run: RunName, pin: Pin, options: CallOptions = {}): Promise<boolean> {
  return createOnce(store, pinKey(run.flow, run.id), [encodeEnvelope('pin', pin)], options);
}

/** `false` when it was not pinned. */
export async function unpinRun(store: Datastore, run: RunName, options: CallOptions = {}): Promise<boolean> {
  const was = await isPinned(store, run, options);
  await store.delete(pinKey(run.flow, run.id), options);
  return was;
}

export async function isPinned(store: Datastore, run: RunName, options: CallOptions = {}): Promise<boolean> {
  return (await store.stat(pinKey(run.flow, run.id), options)) !== undefined;
}

/** Keys of all pins, as `pinKey` makes them. */
export async function listPins(store: Datastore, options: CallOptions = {}): Promise<Set<string>> {
  const keys = new Set<string>();
  for await (const { key } of store.list(PINS, options)) keys.add(key);
  return keys;
}
