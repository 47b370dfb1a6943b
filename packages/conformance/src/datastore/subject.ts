import type { Datastore, ObjectInfo } from '@varve/core/contract';
import { collect } from '../bytes.ts';

/** A store, and the part of it that a case may use. */
export interface DatastoreSubject {
  readonly store: Datastore;
  /** A folder of keys that nobody else uses, without a slash at the end; at most 100 bytes. */
  readonly prefix: string;
  /** Another handle on the same place, as another process would have. */
  readonly reopen?: () => Promise<Datastore>;
}

/** What a case may need of a store. */
export function datastoreHas(subject: DatastoreSubject, need: string): boolean {
  const { store } = subject;
  if (need === 'conditionalPut') return store.capabilities.conditionalPut;
  if (need === 'rangeRead') return store.capabilities.rangeRead;
  if (need === 'maxObjectBytes') return Number.isFinite(store.capabilities.maxObjectBytes);
  if (need === 'copy') return store.copy !== undefined;
  return need === 'reopen' && subject.reopen !== undefined;
}

export async function read(store: Datastore, key: string): Promise<Uint8Array> {
  return collect(await store.get(key));
}

export async function list(store: Datastore, prefix: string): Promise<ObjectInfo[]> {
  const found: ObjectInfo[] = [];
  for await (const info of store.list(prefix)) found.push(info);
  return found;
}

export async function listKeys(store: Datastore, prefix: string): Promise<string[]> {
  return (await list(store, prefix)).map((info) => info.key);
}

/** Runs `use` with a second handle and closes it afterwards. */
export async function withAnother(subject: DatastoreSubject, use: (other: Datastore) => Promise<void>): Promise<void> {
  if (subject.reopen === undefined) throw new Error('the subject cannot be opened again');
  const other = await subject.reopen();
  try {
    await use(other);
  } finally {
    await other.close?.();
  }
}

/** Does `count` things, at most `width` at once: a remote store is not flooded, a local one not slowed. */
export async function inParallel(count: number, width: number, act: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await act(next++);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
