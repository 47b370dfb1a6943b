import type { Datastore, ObjectInfo } from '@varve/core/contract';
import { collect } from '../bytes.ts';

/** A store, and the key prefix that a case may use. */
export interface DatastoreSubject {
  readonly store: Datastore;
  /** Reserved for the case, without a slash at the end; at most 100 bytes. */
  readonly prefix: string;
  /** Opens another handle on the same place, as another process would. */
  readonly reopen?: () => Promise<Datastore>;
}

/** True when a store declares a capability that cases need. */
export function datastoreHas(subject: DatastoreSubject, need: string): boolean {
  const { store } = subject;
  if (need === 'conditionalPut') return store.capabilities.conditionalPut;
  if (need === 'rangeRead') return store.capabilities.rangeRead;
  if (need === 'maxObjectBytes') return Number.isFinite(store.capabilities.maxObjectBytes);
  if (need === 'copy') return store.copy !== undefined;
  if (need === 'getSync') return store.getSync !== undefined;
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

/** Calls `act` `count` times, at most `width` at once, so as not to flood a remote store nor slow down a local one. */
export async function inParallel(count: number, width: number, act: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await act(next++);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
