import type { CallOptions, Datastore } from '../../contract/index.ts';
import { joinBytes, readObject } from '../objects/body.ts';
import { corruptJournal, LINE_MAX, readEnvelope } from '../objects/envelope.ts';
import { batchKey, batchPrefix, numberOfKey } from '../objects/keys.ts';
import { type DecodedBatch, decodeBatch } from './batch.ts';

/** Bytes. Of a larger batch only the header is fetched, without the artifacts behind it. */
const HEAD = 128 * 1024;
/** Batches fetched at once. */
const AHEAD = 8;

interface StoredBatch {
  readonly batch: number;
  readonly size: number;
}

/** The batches of a run in order; one without events seals the journal of a run that was taken over. Throws `VARVE_CORRUPT_JOURNAL` when one is damaged or missing between others. */
export async function* readBatches(
  store: Datastore,
  flow: string,
  runId: string,
  options: CallOptions = {},
): AsyncGenerator<DecodedBatch> {
  const stored = await listBatches(store, flow, runId, options);
  let next = 0;
  for await (const batch of readAhead(stored, AHEAD, (one) => readBatch(store, flow, runId, one, options))) {
    if (batch.count > 0 && batch.first !== next)
      throw corruptJournal(
        batchKey(flow, runId, batch.batch),
        0,
        `it starts at event ${batch.first} instead of ${next}`,
      );
    next += batch.count;
    yield batch;
  }
}

async function listBatches(
  store: Datastore,
  flow: string,
  runId: string,
  options: CallOptions,
): Promise<StoredBatch[]> {
  const sizes = new Map<number, number>();
  for await (const info of store.list(batchPrefix(flow, runId), options)) {
    const batch = numberOfKey(info.key);
    if (batch !== undefined) sizes.set(batch, info.size);
  }
  const last = [...sizes.keys()].reduce((a, b) => Math.max(a, b), -1);
  const stored: StoredBatch[] = [];
  for (let batch = 0; batch <= last; batch++) {
    const size = sizes.get(batch) ?? (await sizeOfUnlisted(store, batchKey(flow, runId, batch), options));
    stored.push({ batch, size });
  }
  return stored;
}

/** A listing may miss a batch that is written meanwhile and still contain a later one. */
async function sizeOfUnlisted(store: Datastore, key: string, options: CallOptions): Promise<number> {
  const info = await store.stat(key, options);
  if (info) return info.size;
  throw corruptJournal(key, 0, 'it is missing, but later batches are there');
}

async function readBatch(
  store: Datastore,
  flow: string,
  runId: string,
  stored: StoredBatch,
  options: CallOptions,
): Promise<DecodedBatch> {
  const key = batchKey(flow, runId, stored.batch);
  const bytes = await readHead(store, key, stored.size, options);
  return decodeBatch(bytes, { key, runId, batch: stored.batch, size: stored.size });
}

async function readHead(store: Datastore, key: string, size: number, options: CallOptions): Promise<Uint8Array> {
  if (size <= HEAD || !store.capabilities.rangeRead) return present(await readObject(store, key, options), key);
  const head = present(await readObject(store, key, { ...options, range: { start: 0, end: HEAD } }), key);
  const { end } = readEnvelope('batch', head.subarray(0, LINE_MAX), key);
  if (end <= head.byteLength) return head;
  const rest = present(
    await readObject(store, key, { ...options, range: { start: head.byteLength, end: Math.min(end, size) } }),
    key,
  );
  return joinBytes([head, rest]);
}

function present(bytes: Uint8Array | undefined, key: string): Uint8Array {
  if (bytes) return bytes;
  throw corruptJournal(key, 0, 'it vanished while the journal was read');
}

/** Results of `read` in the order of `items`, with at most `width` reads under way. Stop by leaving the loop. */
export async function* readAhead<T, R>(
  items: readonly T[],
  width: number,
  read: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const underWay: Promise<R>[] = [];
  let next = 0;
  const fill = () => {
    for (let item = items[next]; item !== undefined && underWay.length < width; item = items[++next]) {
      const work = read(item);
      // The reader gets the error when it awaits this item; a reader that has left must not crash the process.
      work.catch(() => {});
      underWay.push(work);
    }
  };
  fill();
  for (let first = underWay.shift(); first !== undefined; first = underWay.shift()) {
    const result = await first;
    fill();
    yield result;
  }
}
