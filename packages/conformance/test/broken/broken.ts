import type { Body, Datastore, ObjectInfo } from '@varve/core/contract';
import { MemoryDatastore, type Place } from '../reference/memory-datastore.ts';

/** An implementation with one mistake, and the cases that must notice it. */
export interface Broken<Subject> {
  readonly mistake: string;
  /** Names of cases that must fail. Others may fail, too. */
  readonly failing: readonly string[];
  open(place: Place): Subject;
}

export type Override = (store: MemoryDatastore, good: MemoryDatastore) => Partial<Datastore>;

export function broken(mistake: string, failing: readonly string[], override: Override): Broken<Datastore> {
  const open = (place: Place): Datastore => {
    const store = new MemoryDatastore(place);
    return Object.assign(store, override(store, new MemoryDatastore(place)));
  };
  return { mistake, failing, open };
}

export async function collect(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

export function whole(bytes: Uint8Array): Body {
  return {
    size: bytes.length,
    bytes,
    async *open() {
      yield bytes;
    },
  };
}

export async function* only(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

export async function collectList(list: AsyncIterable<ObjectInfo>): Promise<ObjectInfo[]> {
  const found: ObjectInfo[] = [];
  for await (const info of list) found.push(info);
  return found;
}

/** Puts an object under any key, as a store without a check would. */
export function putUnchecked(place: Place, key: string, bytes: Uint8Array): void {
  place.lastWrite = Math.max(Date.now(), place.lastWrite + 1);
  place.objects.set(key, { bytes, modifiedAt: place.lastWrite });
}
