import {
  type Body,
  type CallOptions,
  type Datastore,
  definePlugin,
  type GetOptions,
  type ObjectInfo,
  type Plugin,
  type PluginContext,
  type PutOptions,
  StoreError,
  VarveError,
} from '../../contract/index.ts';
import { joinBytes } from './body.ts';

/** The key grammar of the contract: see `Datastore`. */
const KEY = /^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[a-z0-9._-]+(?:\/[a-z0-9._-]+)*$/;
const KEY_MAX = 512;
/** Bytes a chunk at most. */
const CHUNK = 1024 * 1024;

interface Stored {
  readonly bytes: Uint8Array;
  readonly modifiedAt: number;
}

/**
 * A Datastore in the memory of this process, gone with it: for tests, and for runs whose results are not needed later.
 * `createVarve({ datastore: memoryStore() })`.
 */
export function memoryStore(): Plugin<'datastore'> {
  const store = new MemoryDatastore();
  const datastore = ({ stack }: Pick<PluginContext, 'stack'>) => {
    if (stack === undefined) return store;
    throw new VarveError(
      'VARVE_CONFIG',
      'memoryStore() is in a config file, and each thread would have a memory of its own',
      {
        hint: 'Give it as an object: createVarve({ datastore: memoryStore() }).',
      },
    );
  };
  return definePlugin({ name: 'store-memory', provides: { datastore } });
}

/** The store itself, for code that holds a Datastore rather than a plugin. `now` in ms since the Unix epoch. */
export class MemoryDatastore implements Datastore {
  readonly name = 'memory';
  readonly capabilities = { conditionalPut: true, rangeRead: true, maxObjectBytes: Number.POSITIVE_INFINITY };
  private readonly objects = new Map<string, Stored>();

  constructor(private readonly now: () => number = Date.now) {}

  async put(key: string, body: Body, options: PutOptions = {}): Promise<void> {
    checkKey(key);
    options.signal?.throwIfAborted();
    const bytes = await collect(key, body, options.signal);
    if (options.ifAbsent && this.objects.has(key)) throw new StoreError('already-exists', `${key} exists`, { key });
    this.refuseFolder(key);
    this.objects.set(key, { bytes, modifiedAt: this.now() });
  }

  async get(key: string, options: GetOptions = {}): Promise<AsyncIterable<Uint8Array>> {
    options.signal?.throwIfAborted();
    return chunks(this.getSync(key, options), options.signal);
  }

  getSync(key: string, { range }: Pick<GetOptions, 'range'> = {}): Uint8Array {
    const { bytes } = this.find(key);
    if (!range) return bytes.slice();
    if (!(range.start >= 0 && range.end >= range.start))
      throw new StoreError('unsupported', `${range.start} to ${range.end} is not a range of bytes`, { key });
    return bytes.slice(range.start, range.end);
  }

  async stat(key: string, options: CallOptions = {}): Promise<ObjectInfo | undefined> {
    checkKey(key);
    options.signal?.throwIfAborted();
    const stored = this.objects.get(key);
    return stored && { key, size: stored.bytes.byteLength, modifiedAt: stored.modifiedAt };
  }

  async *list(prefix: string, options: CallOptions = {}): AsyncGenerator<ObjectInfo> {
    options.signal?.throwIfAborted();
    for (const [key, { bytes, modifiedAt }] of [...this.objects]) {
      if (!key.startsWith(prefix)) continue;
      yield { key, size: bytes.byteLength, modifiedAt };
      options.signal?.throwIfAborted();
    }
  }

  async delete(key: string, options: CallOptions = {}): Promise<void> {
    checkKey(key);
    options.signal?.throwIfAborted();
    this.objects.delete(key);
  }

  async copy(from: string, to: string, options: CallOptions = {}): Promise<void> {
    checkKey(to);
    options.signal?.throwIfAborted();
    const { bytes } = this.find(from);
    this.refuseFolder(to);
    this.objects.set(to, { bytes, modifiedAt: this.now() });
  }

  private find(key: string): Stored {
    checkKey(key);
    const stored = this.objects.get(key);
    if (stored) return stored;
    throw new StoreError('not-found', `there is no ${key} in memory`, { key });
  }

  /** A file system cannot hold both `a` and `a/b`: the memory of a test must not either. */
  private refuseFolder(key: string): void {
    const parts = key.split('/');
    for (let n = 1; n < parts.length; n++) {
      const folder = parts.slice(0, n).join('/');
      if (this.objects.has(folder))
        throw new StoreError('unsupported', `${folder} is an object, not a folder`, { key });
    }
  }
}

function checkKey(key: string): void {
  if (key.length > 0 && key.length <= KEY_MAX && KEY.test(key)) return;
  throw new StoreError('unsupported', `"${key}" is not a key`, { key });
}

async function collect(key: string, body: Body, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body.open()) {
    signal?.throwIfAborted();
    parts.push(chunk.slice());
    size += chunk.byteLength;
  }
  signal?.throwIfAborted();
  if (size === body.size) return joinBytes(parts, size);
  throw new StoreError('corrupt', `${key}: the body has ${size} bytes, not ${body.size}`, { key });
}

async function* chunks(bytes: Uint8Array, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += CHUNK) {
    yield bytes.subarray(at, at + CHUNK);
    signal?.throwIfAborted();
  }
}
