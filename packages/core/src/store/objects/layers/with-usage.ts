import type { Body, CallOptions, Datastore, ObjectInfo } from '../../../contract/index.ts';
import { copyOf, wrapStore } from './wrap.ts';

/** Objects in one answer to a list, as the services for objects give them. */
const LIST_PAGE = 1_000;

/** Calls to a store, repeated attempts included, and the bytes that crossed. */
export interface StoreUsage {
  put: number;
  get: number;
  stat: number;
  list: number;
  delete: number;
  copy: number;
  bytesWritten: number;
  bytesRead: number;
  /** Bytes that did not cross because artifacts are kept compressed. */
  bytesSaved: number;
}

export function noUsage(): StoreUsage {
  return { put: 0, get: 0, stat: 0, list: 0, delete: 0, copy: 0, bytesWritten: 0, bytesRead: 0, bytesSaved: 0 };
}

/** The usage as metrics of a run: `store.put`, `store.bytesRead` and so on. */
export function metricsOf(usage: StoreUsage): Record<string, number> {
  return Object.fromEntries(Object.entries(usage).map(([name, count]) => [`store.${name}`, count]));
}

/** The usage that the metrics of a run hold; `undefined` for a run that did not count. */
export function usageIn(metrics: Readonly<Record<string, number>> = {}): StoreUsage | undefined {
  if (metrics['store.put'] === undefined) return undefined;
  const usage = noUsage();
  for (const name of Object.keys(usage) as (keyof StoreUsage)[]) usage[name] = metrics[`store.${name}`] ?? 0;
  return usage;
}

/** The usage since an earlier one. */
export function usageSince(now: StoreUsage, before: StoreUsage): StoreUsage {
  const since = { ...now };
  for (const name of Object.keys(since) as (keyof StoreUsage)[]) since[name] -= before[name];
  return since;
}

/** Counts the calls to a store into `usage`. A list counts once for each 1,000 objects. */
export function withUsage(store: Datastore, usage: StoreUsage): Datastore {
  const copy = copyOf(store);
  return wrapStore(store, {
    put: (key, body, o) => {
      usage.put++;
      return store.put(key, metered(body, usage), o);
    },
    get: async (key, o) => {
      usage.get++;
      return meterRead(await store.get(key, o), usage);
    },
    stat: (key, o) => {
      usage.stat++;
      return store.stat(key, o);
    },
    list: (prefix, o) => meterList(store, prefix, usage, o),
    delete: (key, o) => {
      usage.delete++;
      return store.delete(key, o);
    },
    copy: (from, to, o) => {
      usage.copy++;
      return copy(from, to, o);
    },
  });
}

/** A store may take the bytes without opening the body: then they count at once. */
function metered(body: Body, usage: StoreUsage): Body {
  if (body.bytes) {
    usage.bytesWritten += body.size;
    return body;
  }
  return {
    size: body.size,
    async *open() {
      for await (const chunk of body.open()) {
        usage.bytesWritten += chunk.byteLength;
        yield chunk;
      }
    },
  };
}

async function* meterRead(stream: AsyncIterable<Uint8Array>, usage: StoreUsage): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    usage.bytesRead += chunk.byteLength;
    yield chunk;
  }
}

async function* meterList(
  store: Datastore,
  prefix: string,
  usage: StoreUsage,
  options: CallOptions | undefined,
): AsyncGenerator<ObjectInfo> {
  usage.list++;
  let seen = 0;
  for await (const info of store.list(prefix, options)) {
    if (seen > 0 && seen % LIST_PAGE === 0) usage.list++;
    seen++;
    yield info;
  }
}
