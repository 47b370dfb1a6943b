import {
  type Body,
  type CallOptions,
  type Datastore,
  type GetOptions,
  type ObjectInfo,
  type PutOptions,
  StoreError,
} from '@varve/core/contract';

export interface Stored {
  readonly bytes: Uint8Array;
  readonly modifiedAt: number;
}

/** State that several handles on one place share. */
export interface Place {
  readonly objects: Map<string, Stored>;
  lastWrite: number;
}

export function newPlace(): Place {
  return { objects: new Map(), lastWrite: 0 };
}

const SEGMENT = /^[a-z0-9._-]+$/;

export function checkKey(key: string): void {
  const good = key.length <= 512 && key.split('/').every((part) => SEGMENT.test(part) && part !== '.' && part !== '..');
  if (!good) throw new StoreError('unsupported', `"${key}" is no key`, { key });
}

/** A correct store in memory, on which the broken ones are based. */
export class MemoryDatastore implements Datastore {
  readonly name: string = 'memory:';
  readonly capabilities = { conditionalPut: true, rangeRead: true, maxObjectBytes: 64 * 1024 * 1024 };
  readonly place: Place;

  constructor(place: Place) {
    this.place = place;
  }

  async put(key: string, body: Body, options: PutOptions = {}): Promise<void> {
    checkKey(key);
    options.signal?.throwIfAborted();
    if (body.size > this.capabilities.maxObjectBytes)
      throw new StoreError('too-large', `"${key}" is too large`, { key });
    const bytes = await this.receive(key, body, options);
    if (options.ifAbsent === true && this.place.objects.has(key)) {
      throw new StoreError('already-exists', `"${key}" is taken`, { key });
    }
    this.store(key, bytes);
  }

  async get(key: string, options: GetOptions = {}): Promise<AsyncIterable<Uint8Array>> {
    checkKey(key);
    options.signal?.throwIfAborted();
    const stored = this.place.objects.get(key);
    if (stored === undefined) throw new StoreError('not-found', `there is no "${key}"`, { key });
    const { start, end } = options.range ?? { start: 0, end: stored.bytes.length };
    return this.chunks(stored.bytes.subarray(start, end), options.signal);
  }

  getSync(key: string, { range }: Pick<GetOptions, 'range'> = {}): Uint8Array {
    checkKey(key);
    const stored = this.place.objects.get(key);
    if (!stored) throw new StoreError('not-found', `${key} is not there`, { key });
    return stored.bytes.slice(range?.start, range?.end);
  }

  async stat(key: string, options: CallOptions = {}): Promise<ObjectInfo | undefined> {
    checkKey(key);
    options.signal?.throwIfAborted();
    const stored = this.place.objects.get(key);
    return stored && { key, size: stored.bytes.length, modifiedAt: stored.modifiedAt };
  }

  async *list(prefix: string, options: CallOptions = {}): AsyncGenerator<ObjectInfo> {
    for (const [key, stored] of [...this.place.objects]) {
      options.signal?.throwIfAborted();
      if (key.startsWith(prefix)) yield { key, size: stored.bytes.length, modifiedAt: stored.modifiedAt };
    }
    options.signal?.throwIfAborted();
  }

  async delete(key: string, options: CallOptions = {}): Promise<void> {
    checkKey(key);
    options.signal?.throwIfAborted();
    this.place.objects.delete(key);
  }

  async copy(from: string, to: string): Promise<void> {
    const stored = this.place.objects.get(from);
    if (stored === undefined) throw new StoreError('not-found', `there is no "${from}"`, { key: from });
    this.store(to, stored.bytes);
  }

  async close(): Promise<void> {
    // Nothing to release: the place belongs to all handles.
  }

  protected store(key: string, bytes: Uint8Array): void {
    this.place.lastWrite = Math.max(Date.now(), this.place.lastWrite + 1);
    this.place.objects.set(key, { bytes, modifiedAt: this.place.lastWrite });
  }

  protected async receive(key: string, body: Body, { signal }: CallOptions): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    if (body.bytes !== undefined) chunks.push(body.bytes);
    else {
      for await (const chunk of body.open()) {
        signal?.throwIfAborted();
        chunks.push(chunk);
      }
    }
    const bytes = new Uint8Array(Buffer.concat(chunks));
    if (bytes.length !== body.size) throw new StoreError('corrupt', `"${key}" has another length`, { key });
    return bytes;
  }

  protected async *chunks(bytes: Uint8Array, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    const piece = 1024 * 1024;
    for (let start = 0; start < bytes.length; start += piece) {
      signal?.throwIfAborted();
      yield bytes.slice(start, start + piece);
    }
  }
}
