import {
  type Body,
  type CallOptions,
  type Datastore,
  type GetOptions,
  type ObjectInfo,
  type PutOptions,
  type StatOptions,
  StoreError,
} from '../../../contract/index.ts';
import { compressedKey, isBlobKey } from '../keys.ts';
import { type CompressedHead, compress, readHead, unpack, unpackSync } from './compressed-form.ts';
import { copyOf, wrapStore } from './wrap.ts';

/** Bytes. Smaller artifacts are never compressed: a request takes longer than their bytes. */
const LEAST = 64 * 1024;
/** Bytes of a compressed object that its first request asks for: most objects are read by it alone. */
const FIRST = 8 * 1024 * 1024;
/** Blobs whose form is remembered. */
const KNOWN_MAX = 10_000;

export interface CompressionOptions {
  /** Compress what is written. What is compressed already is read in either case. */
  readonly compress: boolean;
  /** Absolute: for large artifacts while they are compressed. */
  readonly folder: string;
  /** Called with the bytes that a write or a read has saved. */
  readonly onSaved?: (bytes: number) => void;
}

/** In which of its two objects a blob is. */
type Form = 'plain' | 'compressed';

/**
 * Keeps blobs compressed where that pays, in an object beside the place of the plain one, and hands out plain bytes. The
 * calls for a blob find it in either object; `stat` tells which by the `key` in its answer, with that object's size.
 * `list`, `delete` and `copy` are about objects as they are stored.
 */
export function withCompression(store: Datastore, options: CompressionOptions): Datastore {
  const blobs = new CompressedBlobs(store, options);
  const { folders, inspect } = store;
  const wrapped = wrapStore(store, {
    put: (key, body, o) => (isBlobKey(key) ? blobs.put(key, body, o) : store.put(key, body, o)),
    get: (key, o) => (isBlobKey(key) ? blobs.get(key, o) : store.get(key, o)),
    stat: (key, o) => (isBlobKey(key) ? blobs.stat(key, o) : store.stat(key, o)),
    list: (prefix, o) => store.list(prefix, o),
    delete: (key, o) => store.delete(key, o),
    copy: copyOf(store),
  });
  const getSync = store.getSync?.bind(store);
  return Object.assign(wrapped, {
    ...(folders && { folders }),
    ...(inspect && { inspect: inspect.bind(store) }),
    ...(getSync && {
      getSync: (key: string, o: Parameters<typeof getSync>[1]) =>
        isBlobKey(key) ? blobs.getSync(getSync, key, o) : getSync(key, o),
    }),
  });
}

class CompressedBlobs {
  private readonly known = new Map<string, Form>();
  /** In which form the last blob was found of which nothing was known. */
  private guess: Form = 'compressed';

  constructor(
    private readonly store: Datastore,
    private readonly options: CompressionOptions,
  ) {}

  async put(key: string, body: Body, options: PutOptions = {}): Promise<void> {
    const made = this.options.compress && body.size >= LEAST ? await compress(body, this.options.folder) : undefined;
    if (!made) {
      await this.store.put(key, body, options);
      return this.remember(key, 'plain', body.size >= LEAST);
    }
    try {
      await this.putCompressed(compressedKey(key), made.body, options);
      this.options.onSaved?.(body.size - made.body.size);
    } finally {
      made.dispose();
    }
    this.remember(key, 'compressed', true);
  }

  /** Never overwrites: two writers may compress the same bytes to different ones, and a reader must not get a mixture. */
  private async putCompressed(key: string, body: Body, { ifAbsent, ...options }: PutOptions): Promise<void> {
    const isConditional = this.store.capabilities.conditionalPut;
    try {
      await this.store.put(key, body, { ...options, ...(isConditional && { ifAbsent: true }) });
    } catch (error) {
      if (ifAbsent || !StoreError.is(error, 'already-exists')) throw error;
    }
  }

  async get(key: string, options: GetOptions = {}): Promise<AsyncIterable<Uint8Array>> {
    return this.either(
      // Whoever is in doubt of a blob means the object that is found first by everybody.
      options.uncached ? ['plain', 'compressed'] : this.order(key, options.size),
      key,
      (form) => (form === 'plain' ? this.store.get(key, options) : this.open(key, options)),
    );
  }

  getSync(
    read: NonNullable<Datastore['getSync']>,
    key: string,
    options: Pick<GetOptions, 'range' | 'size'> = {},
  ): Uint8Array {
    try {
      return read(key, options);
    } catch (error) {
      if (!StoreError.is(error, 'not-found')) throw error;
      const packed = compressedKey(key);
      const object = unlessMissing(() => read(packed));
      if (!object) throw error;
      const bytes = unpackSync(object, options.size ?? Number.MAX_SAFE_INTEGER, packed);
      return options.range ? bytes.slice(options.range.start, options.range.end) : bytes;
    }
  }

  async stat(key: string, options?: StatOptions): Promise<ObjectInfo | undefined> {
    const forms = this.order(key, options?.size);
    for (const form of forms) {
      const info = await this.store.stat(form === 'plain' ? key : compressedKey(key), options);
      if (!info) continue;
      this.remember(key, form, forms.length > 1);
      return info;
    }
    return undefined;
  }

  private async either<T>(forms: readonly Form[], key: string, read: (form: Form) => Promise<T>): Promise<T> {
    let missing: unknown;
    for (const form of forms) {
      try {
        const found = await read(form);
        this.remember(key, form, forms.length > 1);
        return found;
      } catch (error) {
        if (!StoreError.is(error, 'not-found')) throw error;
        if (form === 'plain') missing = error;
      }
    }
    throw missing;
  }

  private order(key: string, size = LEAST): readonly Form[] {
    if (size < LEAST) return ['plain'];
    const likely = this.options.compress ? this.guess : 'plain';
    return (this.known.get(key) ?? likely) === 'plain' ? ['plain', 'compressed'] : ['compressed', 'plain'];
  }

  /** `isTelling`: it could have been the other one. */
  private remember(key: string, form: Form, isTelling: boolean): void {
    if (!this.known.delete(key) && isTelling) this.guess = form;
    this.known.set(key, form);
    const oldest = this.known.size > KNOWN_MAX ? this.known.keys().next().value : undefined;
    if (oldest !== undefined) this.known.delete(oldest);
  }

  /** The plain bytes of a compressed object. Rejects with `not-found` before the first one. */
  private async open(key: string, { range, size, ...options }: GetOptions): Promise<AsyncIterable<Uint8Array>> {
    const packed = compressedKey(key);
    const ranged = this.store.capabilities.rangeRead;
    const first = { ...options, ...(ranged && { range: { start: 0, end: FIRST } }) };
    const beginning = (await this.store.get(packed, first))[Symbol.asyncIterator]();
    const { bytes, head } = await readFirstLine(beginning, packed);
    if (!head) {
      await beginning.return?.();
      return nothing();
    }
    if (!range) this.options.onSaved?.(Math.max(0, head.size - head.stored));
    const rest = ranged && head.stored > FIRST ? () => this.rest(packed, head, options) : undefined;
    const plain = unpack(joined(bytes.subarray(head.start), beginning, rest), Math.min(head.size, size ?? head.size));
    return range ? cut(plain, range.start, range.end) : plain;
  }

  /** A store may fetch it in parallel parts. */
  private rest(packed: string, { stored }: CompressedHead, options: CallOptions): Promise<AsyncIterable<Uint8Array>> {
    return this.store.get(packed, { ...options, range: { start: FIRST, end: stored }, size: stored });
  }
}

/** Bytes up to and beyond the first line; without `head` when there is no such line. */
async function readFirstLine(
  stream: AsyncIterator<Uint8Array>,
  key: string,
): Promise<{ readonly bytes: Uint8Array; readonly head?: CompressedHead }> {
  let bytes: Uint8Array = new Uint8Array(0);
  while (!bytes.includes(NEWLINE) && bytes.byteLength < FIRST) {
    const next = await stream.next();
    if (next.done) break;
    bytes = bytes.byteLength === 0 ? next.value : Buffer.concat([bytes, next.value]);
  }
  const head = readHead(bytes, key);
  return head ? { bytes, head } : { bytes };
}

const NEWLINE = 0x0a;

async function* joined(
  first: Uint8Array,
  then: AsyncIterator<Uint8Array>,
  rest: (() => Promise<AsyncIterable<Uint8Array>>) | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    if (first.byteLength > 0) yield first;
    for (let next = await then.next(); !next.done; next = await then.next()) yield next.value;
  } finally {
    await then.return?.();
  }
  if (rest) yield* await rest();
}

async function* cut(stream: AsyncIterable<Uint8Array>, start: number, end: number): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const chunk of stream) {
    const piece = chunk.subarray(Math.max(0, start - at), Math.max(0, end - at));
    at += chunk.byteLength;
    if (piece.byteLength > 0) yield piece;
    if (at >= end) return;
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function unlessMissing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (StoreError.is(error, 'not-found')) return undefined;
    throw error;
  }
}
