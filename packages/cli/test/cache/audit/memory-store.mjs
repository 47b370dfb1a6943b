import { definePlugin, StoreError } from '@varve/core/contract';

/** Datastore in the memory of its thread: an audit runs tens of thousands of flows. */
export function memoryStore() {
  const objects = new Map();
  /** Keys by each folder above them, so that listing does not scan all keys. */
  const folders = new Map();
  const infoOf = (key, { bytes, modifiedAt }) => ({ key, size: bytes.byteLength, modifiedAt });
  const store = {
    name: 'memory',
    capabilities: { conditionalPut: true, rangeRead: true, maxObjectBytes: Number.POSITIVE_INFINITY },
    async put(key, body, { ifAbsent } = {}) {
      const parts = body.bytes ? [body.bytes] : [];
      if (!body.bytes) for await (const part of body.open()) parts.push(part);
      if (ifAbsent && objects.has(key)) throw new StoreError('already-exists', `${key} is there`, { key });
      objects.set(key, { bytes: Buffer.concat(parts), modifiedAt: Date.now() });
      for (const folder of foldersOf(key)) folders.set(folder, (folders.get(folder) ?? new Set()).add(key));
    },
    async get(key, { range } = {}) {
      const found = objects.get(key);
      if (!found) throw new StoreError('not-found', `there is no ${key}`, { key });
      const bytes = range ? found.bytes.subarray(range.start, range.end) : found.bytes;
      return once(bytes);
    },
    async stat(key) {
      const found = objects.get(key);
      return found && infoOf(key, found);
    },
    async *list(prefix) {
      const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
      for (const key of [...(folders.get(folder) ?? [])]) {
        const found = objects.get(key);
        if (found && key.startsWith(prefix)) yield infoOf(key, found);
      }
    },
    async delete(key) {
      objects.delete(key);
      for (const folder of foldersOf(key)) folders.get(folder)?.delete(key);
    },
  };
  return definePlugin({ name: 'memory', provides: { datastore: () => store } });
}

/** `a/b/c` is in ``, `a/` and `a/b/`. */
function foldersOf(key) {
  return ['', ...[...key.matchAll(/\//g)].map(({ index }) => key.slice(0, index + 1))];
}

async function* once(bytes) {
  if (bytes.byteLength > 0) yield bytes;
}
