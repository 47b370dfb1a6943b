import { types } from 'node:util';

import { type Encoded, SerializeError, type Serializer } from '@varve/core/contract';
import { malformed, packTree, parseText, unpackTree } from '@varve/core/serializer-kit';

import { type BinaryKind, readBinary } from './binary.ts';
import { listReaders } from './builtin-readers.ts';
import { takeBytes } from './builtin-writers.ts';
import type { SerializableClass } from './classes.ts';
import { findWriter, makeSchema, type Schema } from './schema.ts';
import { type ReadKind, TreeReader } from './tree-reader.ts';
import { TreeWriter } from './tree-writer.ts';

const JSON_CODEC = 'json/1';
const TREE_CODEC = 'tree/1';
const RAW_CODEC = 'raw/1;';

export interface SerializerOptions {
  /** Classes whose instances may be stored. Every other class is refused. */
  readonly classes?: readonly SerializableClass[];
}

/**
 * Encodes values exactly, in one of three codecs:
 * - `raw/1;u8` and its like: binary data, the very bytes, little-endian, neither copied nor wrapped;
 * - `json/1`: values that JSON carries exactly, as UTF-8 JSON;
 * - `tree/1`: all other values, as JSON with markers, binary leaves behind it.
 *
 * The constructor throws `VarveError` (`VARVE_SERIALIZER_CLASS`) for a class that it could not restore.
 */
export class ExactSerializer implements Serializer {
  readonly id = 'exact/1';
  readonly classes: readonly string[];
  readonly deterministic = true;
  readonly #schema: Schema;
  readonly #readers: ReadonlyMap<string, ReadKind>;
  readonly #raw: ReadonlyMap<string, BinaryKind>;

  constructor(options: SerializerOptions = {}) {
    this.#schema = makeSchema(options.classes ?? []);
    this.classes = [...this.#schema.classes.byName.keys()];
    this.#readers = listReaders(this.#schema);
    this.#raw = new Map(this.#schema.binary.map((kind) => [`${RAW_CODEC}${kind.short}`, kind]));
  }

  encode(value: unknown): Encoded {
    return nameRangeErrors('written', () => this.#encodeRaw(value) ?? this.#encodeTree(value));
  }

  decodes(codec: string): boolean {
    return codec === JSON_CODEC || codec === TREE_CODEC || this.#raw.has(codec);
  }

  decode(codec: string, bytes: Uint8Array): unknown {
    if (codec === JSON_CODEC) return parseText(bytes, codec);
    if (codec === TREE_CODEC) return nameRangeErrors('read', () => this.#decodeTree(bytes));
    const kind = this.#raw.get(codec);
    if (kind === undefined) throw new SerializeError(`${this.id} does not know the codec ${JSON.stringify(codec)}`);
    const value = readBinary(bytes, kind);
    if (value === undefined)
      throw malformed(codec, `${bytes.byteLength} bytes cannot be a ${kind.name} on this machine`);
    return value;
  }

  #newWriter(): TreeWriter {
    return new TreeWriter((prototype, writer, depth) => findWriter(this.#schema, prototype, writer, depth));
  }

  #encodeRaw(value: unknown): Encoded | undefined {
    if (!ArrayBuffer.isView(value) && !types.isArrayBuffer(value)) return undefined;
    const prototype = Object.getPrototypeOf(value) as object;
    const kind = this.#schema.binary.find((it) => it.prototype === prototype);
    if (kind === undefined) return undefined;
    const bytes = takeBytes(value, kind, this.#newWriter(), 0);
    return { codec: `${RAW_CODEC}${kind.short}`, parts: bytes.byteLength > 0 ? [bytes] : [] };
  }

  #encodeTree(value: unknown): Encoded {
    if ('toJSON' in Array.prototype) {
      throw new SerializeError(
        'Object.prototype or Array.prototype has a method toJSON, which alters every value. Remove it.',
      );
    }
    const writer = this.#newWriter();
    const tree = writer.write(value, 0);
    const text = Buffer.from(JSON.stringify(tree), 'utf8');
    if (tree === value) return { codec: JSON_CODEC, parts: [text] };
    return { codec: TREE_CODEC, parts: packTree(text, writer.leaves) };
  }

  #decodeTree(bytes: Uint8Array): unknown {
    const { header, leaves } = unpackTree(bytes, TREE_CODEC);
    const reader = new TreeReader(TREE_CODEC, this.#readers, leaves);
    const value = reader.read(header, 0);
    leaves.finish();
    return value;
  }
}

/** V8 throws a RangeError both for a text that is too long and for a call stack that is too deep. */
function nameRangeErrors<T>(what: 'written' | 'read', act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const message = `the value is too large, or is ${what} too deep in the call stack (${error.message})`;
    throw new SerializeError(`${message}. Keep large data in typed arrays.`, { cause: error });
  }
}
