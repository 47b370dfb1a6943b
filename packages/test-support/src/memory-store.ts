import {
  type Body,
  type CallOptions,
  type Datastore,
  type DatastoreCapabilities,
  type GetOptions,
  type ObjectInfo,
  type PutOptions,
  StoreError,
} from '@varve/core/contract';

export type Call = 'put' | 'get' | 'stat' | 'list' | 'delete' | 'copy';

export interface CallRecord {
  readonly call: Call;
  readonly key: string;
  readonly range?: { readonly start: number; readonly end: number };
}

/**
 * What goes wrong: returns the error to throw, or `undefined`. `after` lets the call happen first, as when the answer of
 * a store is lost.
 */
export type Fault = (call: CallRecord, n: number) => { readonly error: Error; readonly after?: boolean } | undefined;

interface Stored {
  bytes: Uint8Array;
  modifiedAt: number;
}

const KEY = /^(?!.*(^|\/)\.{1,2}(\/|$))[a-z0-9._-]+(\/[a-z0-9._-]+)*$/;

/** A whole Datastore in memory that obeys the contract, counts its calls, and fails when it is told to. */
export class MemoryStore implements Datastore {
  name = 'memory';
  readonly objects = new Map<string, Stored>();
  readonly calls: CallRecord[] = [];
  capabilities: DatastoreCapabilities;
  fault: Fault | undefined;
  /** Ms each call takes. */
  latencyMs = 0;
  /** Calls that are under way, and the most that ever were. */
  underWay = 0;
  mostUnderWay = 0;
  now: () => number;
  /** Bytes per chunk of a stream. */
  chunkBytes = 64 * 1024;
  closed = 0;
  /** Absent until `offerCopy`. */
  copy?: NonNullable<Datastore['copy']>;

  constructor(options: { readonly capabilities?: Partial<DatastoreCapabilities>; readonly now?: () => number } = {}) {
    this.capabilities = {
      conditionalPut: true,
      rangeRead: true,
      maxObjectBytes: Number.POSITIVE_INFINITY,
      ...options.capabilities,
    };
    this.now = options.now ?? Date.now;
  }

  put(key: string, body: Body, options: PutOptions = {}): Promise<void> {
    return this.perform({ call: 'put', key }, options, async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of body.open()) {
        if (chunk.byteLength === 0) throw new Error('an empty chunk');
        chunks.push(chunk.slice());
      }
      options.signal?.throwIfAborted();
      const bytes = new Uint8Array(Buffer.concat(chunks));
      if (bytes.byteLength !== body.size)
        throw new StoreError('corrupt', `got ${bytes.byteLength} of ${body.size} bytes`, { key });
      if (body.bytes && Buffer.compare(body.bytes, bytes) !== 0) throw new Error('body.bytes differs from its stream');
      if (options.ifAbsent && this.objects.has(key)) throw new StoreError('already-exists', `${key} exists`, { key });
      this.objects.set(key, { bytes, modifiedAt: this.now() });
    });
  }

  get(key: string, options: GetOptions = {}): Promise<AsyncIterable<Uint8Array>> {
    const { range } = options;
    return this.perform({ call: 'get', key, ...(range && { range }) }, options, async () => {
      const stored = this.objects.get(key);
      if (!stored) throw new StoreError('not-found', `${key} is not there`, { key });
      if (range && !this.capabilities.rangeRead) throw new Error('a range was passed to a store without ranges');
      return this.chunks(range ? stored.bytes.slice(range.start, range.end) : stored.bytes.slice(), options.signal);
    });
  }

  stat(key: string, options: CallOptions = {}): Promise<ObjectInfo | undefined> {
    return this.perform({ call: 'stat', key }, options, async () => {
      const stored = this.objects.get(key);
      return stored && { key, size: stored.bytes.byteLength, modifiedAt: stored.modifiedAt };
    });
  }

  async *list(prefix: string, options: CallOptions = {}): AsyncGenerator<ObjectInfo> {
    const found = await this.perform({ call: 'list', key: prefix }, options, async () =>
      [...this.objects].filter(([key]) => key.startsWith(prefix)).reverse(),
    );
    for (const [key, { bytes, modifiedAt }] of found) {
      options.signal?.throwIfAborted();
      yield { key, size: bytes.byteLength, modifiedAt };
    }
    options.signal?.throwIfAborted();
  }

  delete(key: string, options: CallOptions = {}): Promise<void> {
    return this.perform({ call: 'delete', key }, options, async () => {
      this.objects.delete(key);
    });
  }

  /** From now on it copies by itself, as some stores do. */
  offerCopy(): void {
    this.copy = (from, to, options = {}) =>
      this.perform({ call: 'copy', key: from }, options, async () => {
        const stored = this.objects.get(from);
        if (!stored) throw new StoreError('not-found', `${from} is not there`, { key: from });
        this.objects.set(to, { bytes: stored.bytes.slice(), modifiedAt: this.now() });
      });
  }

  async close(): Promise<void> {
    this.closed++;
  }

  /** What is stored at a key. */
  bytes(key: string): Uint8Array {
    const stored = this.objects.get(key);
    if (!stored) throw new Error(`${key} is not there`);
    return stored.bytes;
  }

  keys(prefix = ''): string[] {
    return [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  /** Turns one bit over. */
  flip(key: string, byte: number, bit = 0): void {
    const bytes = this.bytes(key);
    bytes[byte] = (bytes[byte] ?? 0) ^ (1 << bit);
  }

  count(call: Call, prefix = ''): number {
    return this.calls.filter((one) => one.call === call && one.key.startsWith(prefix)).length;
  }

  private async *chunks(bytes: Uint8Array, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.byteLength; at += this.chunkBytes) {
      yield bytes.slice(at, at + this.chunkBytes);
      signal?.throwIfAborted();
    }
  }

  private async perform<T>(call: CallRecord, options: CallOptions, action: () => Promise<T>): Promise<T> {
    options.signal?.throwIfAborted();
    if (call.call !== 'list' && (call.key.length > 512 || !KEY.test(call.key)))
      throw new StoreError('unsupported', `bad key ${call.key}`, { key: call.key });
    this.calls.push(call);
    const fault = this.fault?.(call, this.calls.length);
    if (fault && !fault.after) throw fault.error;
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.underWay);
    try {
      if (this.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, this.latencyMs));
      const result = await action();
      if (fault) throw fault.error;
      return result;
    } finally {
      this.underWay--;
    }
  }
}
