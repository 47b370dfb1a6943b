import { formatDigest } from '../artifact/index.ts';
import { type Hasher, type Reference, type Serializer, VarveError, type WrittenArtifact } from '../contract/index.ts';
import { freezeDeep } from '../flow/index.ts';
import type { BlobAccess } from './blob-port.ts';

/** Artifacts up to this size travel with the outcome and are stored inside a commit batch. Bytes. */
export const SMALL = 16 * 1024;
/** Larger values are not worth fetching before they are asked for. Bytes. */
const PREFETCHED = 64 * 1024;
/** Stored bytes whose decoded values one worker keeps for other tasks. */
const KEPT_BYTES = 256 * 1024 * 1024;
const KEPT_LISTS = 4;

interface Kept {
  readonly value: unknown;
  readonly size: number;
}

/** What a task read, when it must be looked at again at the end of the step. */
export interface Handed {
  readonly value: unknown;
  /** Holds Map, Set or binary data, which cannot be frozen: a change is found by its digest. */
  readonly loose: boolean;
}

/**
 * References to values and back. A frozen value is decoded once per worker and digest and shared by all tasks;
 * one that cannot be frozen is decoded for each task.
 */
export class Values {
  private readonly kept = new Map<string, Kept>();
  /** Decoded lists that cannot be frozen. */
  private readonly lists = new Map<string, readonly unknown[]>();
  /** Bytes fetched before they are asked for. */
  private readonly ahead = new Map<string, Uint8Array>();
  private keptBytes = 0;

  constructor(
    private readonly blobs: BlobAccess,
    private readonly serializer: Serializer,
    private readonly hasher: Hasher,
  ) {}

  read(reference: Reference, mutable = false): Handed {
    const key = `${reference.codec}\n${reference.digest}`;
    const known = this.kept.get(key);
    if (known && !mutable) {
      this.kept.delete(key);
      this.kept.set(key, known);
      return { value: known.value, loose: false };
    }
    const bytes = this.ahead.get(key) ?? this.blobs.read([reference])[0];
    this.ahead.delete(key);
    return this.take(reference, bytes ?? new Uint8Array(0), mutable);
  }

  /** One element of a stored list: shared when the list is frozen, else a copy of its own. */
  element(list: Reference, index: number): unknown {
    const key = `${list.codec}\n${list.digest}`;
    const known = this.lists.get(key);
    if (known) return this.copy(known[index]);
    const { value, loose } = this.read(list);
    const elements = value as readonly unknown[];
    if (!loose) return elements[index];
    if (this.lists.size >= KEPT_LISTS) this.lists.clear();
    this.lists.set(key, elements);
    return this.copy(elements[index]);
  }

  /** Makes sure that the given values can be read without waiting: one round trip for all that are missing. */
  prefetch(references: readonly Reference[]): void {
    const missing = new Map<string, Reference>();
    for (const reference of references) {
      const key = `${reference.codec}\n${reference.digest}`;
      if (!this.kept.has(key) && !this.ahead.has(key) && reference.size <= PREFETCHED) missing.set(key, reference);
    }
    if (missing.size < 2) return;
    const blobs = this.blobs.read([...missing.values()]);
    for (const [i, key] of [...missing.keys()].entries()) this.ahead.set(key, blobs[i] ?? new Uint8Array(0));
  }

  /** Encodes and names a value; a large one is durable when this resolves. Throws `SerializeError`. */
  async write(value: unknown): Promise<WrittenArtifact> {
    const { reference, parts } = this.name(value);
    if (reference.size <= SMALL) return { reference, bytes: concat(parts, reference.size) };
    await this.blobs.put(reference.digest, reference.codec, parts);
    return { reference };
  }

  /** Stores bytes that are not a value, e.g. a log. */
  async writeBytes(bytes: Uint8Array, codec: string): Promise<WrittenArtifact> {
    const reference = {
      digest: formatDigest(this.hasher.algorithm, this.hasher.hash([bytes])),
      size: bytes.byteLength,
      codec,
    };
    if (bytes.byteLength <= SMALL) return { reference, bytes };
    await this.blobs.put(reference.digest, codec, [bytes]);
    return { reference };
  }

  /** What the value would be called, without storing it. */
  name(value: unknown): { readonly reference: Reference; readonly parts: readonly Uint8Array[] } {
    const { codec, parts } = this.serializer.encode(value);
    const size = parts.reduce((sum, part) => sum + part.byteLength, 0);
    return { reference: { digest: formatDigest(this.hasher.algorithm, this.hasher.hash(parts)), size, codec }, parts };
  }

  private copy(value: unknown): unknown {
    const { codec, parts } = this.serializer.encode(value);
    return this.serializer.decode(
      codec,
      concat(
        parts,
        parts.reduce((sum, part) => sum + part.byteLength, 0),
      ),
    );
  }

  private take(reference: Reference, bytes: Uint8Array, mutable: boolean): Handed {
    if (!this.serializer.decodes(reference.codec)) {
      throw new VarveError(
        'VARVE_UNKNOWN_CODEC',
        `an artifact was stored as '${reference.codec}', which ${this.serializer.id} does not read`,
        {
          hint: 'Set the serializer in varve.config.ts to the one that wrote it.',
        },
      );
    }
    const value = this.serializer.decode(reference.codec, bytes);
    if (mutable) return { value, loose: true };
    const loose = freezeDeep(value);
    if (!loose) this.keep(`${reference.codec}\n${reference.digest}`, { value, size: reference.size + 64 });
    return { value, loose };
  }

  private keep(key: string, entry: Kept): void {
    this.kept.set(key, entry);
    this.keptBytes += entry.size;
    for (const [oldest, { size }] of this.kept) {
      if (this.keptBytes <= KEPT_BYTES || oldest === key) return;
      this.kept.delete(oldest);
      this.keptBytes -= size;
    }
  }
}

export function concat(parts: readonly Uint8Array[], size: number): Uint8Array {
  const out = new Uint8Array(size);
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.byteLength;
  }
  return out;
}
