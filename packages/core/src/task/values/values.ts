import {
  type Hasher,
  type Reference,
  SerializeError,
  type Serializer,
  VarveError,
  type WrittenArtifact,
} from '../../contract/index.ts';
import { artifactSource, freezeDeep, isFileValue } from '../../flow/index.ts';
import { DIR_CODEC, FILE_CODEC, formatDigest, joinBytes } from '../../store/index.ts';
import type { BlobAccess } from './blob-access.ts';
import { decodeStored } from './decode-stored.ts';
import { keyOf, lostDigest, type ReadAhead } from './read-ahead.ts';
import { SourceWriter } from './source-writer.ts';
import { isFileCodec, StoredFiles } from './stored-files.ts';

/** Artifacts up to this size travel with the outcome and are stored inside a commit batch. Bytes. */
export const SMALL = 16 * 1024;
/** Encoded size of the decoded values that one worker keeps for other tasks. In memory they take a few times that. */
const DECODED_BYTES = 64 * 1024 * 1024;
/** Most bytes that are held after being fetched along. */
const AHEAD_BYTES = 16 * 1024 * 1024;
/** Bytes that an entry costs beyond its value. */
const ENTRY_BYTES = 64;

/** A value that a task reads. */
export interface ReadValue {
  readonly value: unknown;
  /** The value holds Map, Set or binary data, which cannot be frozen: a change is found by its digest. */
  readonly mutable: boolean;
}

/**
 * Reads and writes the values of artifacts. A frozen value is decoded once per worker and digest and shared by all tasks;
 * one that cannot be frozen is decoded for each task.
 */
export class Values {
  private readonly decoded = new LruCache<unknown>(DECODED_BYTES);
  /** Decoded lists that cannot be frozen. */
  private readonly lists = new LruCache<readonly unknown[]>(DECODED_BYTES);
  private readonly ahead = new LruCache<Uint8Array>(AHEAD_BYTES);
  private underWay = 0;
  private readonly files: StoredFiles;
  private readonly sources: SourceWriter;

  constructor(
    private readonly blobs: BlobAccess,
    private readonly serializer: Serializer,
    private readonly hasher: Hasher,
    /** Bytes of a stream that are held in memory before they go to a file. */
    heldBytes = SMALL,
  ) {
    this.files = new StoredFiles(blobs);
    this.sources = new SourceWriter(blobs, hasher, heldBytes, (bytes, codec) => this.writeBytes(bytes, codec));
  }

  /** Encoded bytes that are being stored now. */
  get bytesUnderWay(): number {
    return this.underWay;
  }

  /** `expected`: values that may be fetched in the same round trip. */
  read(reference: Reference, mutable = false, expected?: ReadAhead): ReadValue {
    const key = keyOf(reference);
    const known = isFileCodec(reference.codec) || !mutable ? this.decoded.get(key) : undefined;
    if (known) return { value: known.value, mutable: false };
    if (reference.codec === FILE_CODEC) return this.keep(reference, this.files.open(reference), 0);
    if (reference.codec === DIR_CODEC) return this.keep(reference, this.files.open(reference));
    return this.decode(reference, this.fetch(reference, expected), mutable);
  }

  /** One element of a stored list: shared when the list is frozen, else a copy of its own. */
  element(list: Reference, index: number): unknown {
    const key = keyOf(list);
    const known = this.lists.get(key);
    if (known) return this.copy(known.value[index]);
    const { value, mutable } = this.read(list);
    const elements = value as readonly unknown[];
    if (!mutable) return elements[index];
    this.lists.set(key, elements, list.size);
    return this.copy(elements[index]);
  }

  /** Encodes and names a value; a large one is durable when this resolves. Throws `SerializeError`. */
  async write(value: unknown): Promise<WrittenArtifact> {
    const source = artifactSource(value);
    if (source) return this.sources.write(source);
    const stored = this.files.referenceOf(value);
    if (stored) return { reference: stored };
    const { reference, parts } = this.name(value);
    if (reference.size <= SMALL) return { reference, bytes: joinBytes(parts, reference.size) };
    await this.put(reference, parts);
    return { reference };
  }

  /** Stores bytes that are not a value, e.g. a log. */
  async writeBytes(bytes: Uint8Array, codec: string): Promise<WrittenArtifact> {
    const reference = this.refer([bytes], codec);
    if (bytes.byteLength <= SMALL) return { reference, bytes };
    await this.put(reference, [bytes]);
    return { reference };
  }

  /** Encodes and names a value without storing it. Binary data is hashed where it lies. */
  name(value: unknown): { readonly reference: Reference; readonly parts: readonly Uint8Array[] } {
    const { codec, parts } = this.encode(value);
    return { reference: this.refer(parts, codec), parts };
  }

  private async put({ digest, size }: Reference, parts: readonly Uint8Array[]): Promise<void> {
    this.underWay += size;
    try {
      await this.blobs.put(digest, parts);
    } finally {
      this.underWay -= size;
    }
  }

  private encode(value: unknown) {
    try {
      return this.serializer.encode(value);
    } catch (error) {
      throw (SerializeError.is(error) && nestedFileError(value)) || error;
    }
  }

  private refer(parts: readonly Uint8Array[], codec: string): Reference {
    const size = parts.reduce((sum, part) => sum + part.byteLength, 0);
    return { digest: formatDigest(this.hasher.algorithm, this.hasher.hash(parts)), size, codec };
  }

  private fetch(reference: Reference, expected: ReadAhead | undefined): Uint8Array {
    const key = keyOf(reference);
    const early = this.ahead.get(key)?.value;
    this.ahead.delete(key);
    if (early) return early;
    const along = expected?.batchFor(reference, (other) => this.decoded.has(other) || this.ahead.has(other)) ?? [];
    const [bytes, ...others] = this.fetchAll(reference, along, expected);
    for (const [i, other] of others.entries()) {
      this.ahead.set(keyOf(along[i] as Reference), other, other.byteLength + ENTRY_BYTES);
    }
    return bytes ?? new Uint8Array(0);
  }

  /** A value that is only fetched along may be lost or unreadable here: then the requested one is read alone. */
  private fetchAll(reference: Reference, along: readonly Reference[], expected?: ReadAhead): Uint8Array[] {
    try {
      return this.blobs.read([reference, ...along]);
    } catch (error) {
      if (along.length === 0 || !VarveError.is(error) || lostDigest(error) === reference.digest) throw error;
      expected?.leaveOut(lostDigest(error));
      return this.blobs.read([reference]);
    }
  }

  private copy(value: unknown): unknown {
    const { codec, parts } = this.encode(value);
    return this.serializer.decode(codec, joinBytes(parts));
  }

  private decode(reference: Reference, bytes: Uint8Array, mutable: boolean): ReadValue {
    const value = decodeStored(this.serializer, reference, bytes);
    if (mutable) return { value, mutable: true };
    return freezeDeep(value) ? { value, mutable: true } : this.keep(reference, value);
  }

  private keep(reference: Reference, value: unknown, bytes = reference.size): ReadValue {
    this.decoded.set(keyOf(reference), value, bytes + ENTRY_BYTES);
    return { value, mutable: false };
  }
}

/** Keeps the values used last, up to a number of bytes. The newest stays however large it is. */
export class LruCache<V> {
  private readonly entries = new Map<string, { readonly value: V; readonly size: number }>();
  private size = 0;

  constructor(private readonly maxBytes: number) {}

  get(key: string): { readonly value: V } | undefined {
    const found = this.entries.get(key);
    if (found) {
      this.entries.delete(key);
      this.entries.set(key, found);
    }
    return found;
  }

  has(key: string): boolean {
    return this.entries.has(key);
  }

  /** Bytes held now. */
  get bytes(): number {
    return this.size;
  }

  set(key: string, value: V, size: number): void {
    this.delete(key);
    this.entries.set(key, { value, size });
    this.size += size;
    for (const oldest of this.entries.keys()) {
      if (this.size <= this.maxBytes || oldest === key) return;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const found = this.entries.get(key);
    if (!found) return;
    this.entries.delete(key);
    this.size -= found.size;
  }
}

/** The error of a value with a file inside it, which cannot be stored; `undefined` when there is none inside. */
function nestedFileError(value: unknown): SerializeError | undefined {
  const path = pathOfFile(value);
  if (path === undefined) return undefined;
  const message = 'a file, folder or stream can only be an artifact of its own, not part of a value: give it a field';
  return new SerializeError(message, { path });
}

/** The path of the first file inside plain data, Maps and Sets. */
function pathOfFile(root: unknown): string | undefined {
  const seen = new Set<object>();
  const waiting: { readonly value: object; readonly path: string }[] = [];
  const visit = (value: unknown, path: string) => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    waiting.push({ value, path });
  };
  visit(root, '');
  for (let item = waiting.pop(); item; item = waiting.pop()) {
    if (isFileValue(item.value)) return item.path;
    for (const [step, part] of partsOf(item.value)) visit(part, `${item.path}${step}`);
  }
  return undefined;
}

function* partsOf(value: object): Generator<readonly [step: string, part: unknown]> {
  if (Array.isArray(value)) {
    for (const [i, part] of (value as unknown[]).entries()) yield [`[${i}]`, part];
  } else if (value instanceof Map) {
    for (const [key, part] of value as Map<unknown, unknown>) yield [`.get(${String(key)})`, part];
  } else if (value instanceof Set) {
    for (const part of value as Set<unknown>) yield ['.values()', part];
  } else if (!ArrayBuffer.isView(value)) {
    for (const [name, { value: part }] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
      yield [/^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`, part];
    }
  }
}
