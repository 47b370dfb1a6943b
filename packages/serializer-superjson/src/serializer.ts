import { type Encoded, SerializeError, type Serializer } from '@varve/core/contract';
import { type ExactOptions, malformed, packTree, requireExact, unpackTree } from '@varve/core/serializer-kit';
import { SuperJSON, type SuperJSONResult } from 'superjson';
import { BinaryLeaves } from './binary.ts';
import { type CustomType, readClasses, requireNames, type SuperjsonOptions } from './options.ts';

/** superjson's text, with binary data behind it: the frame of `packTree`. */
const CODEC = 'superjson/2';

type IsSame = NonNullable<ExactOptions['isSame']>;

/**
 * Encodes values with superjson. What is written is read back at once and compared: what superjson would lose or change is a
 * `SerializeError` that names the place, never a silent change.
 *
 * The constructor throws `VarveError` (`VARVE_SERIALIZER_CLASS`) for a registration that could not restore its values.
 */
export class SuperjsonSerializer implements Serializer {
  readonly id = 'superjson/2';
  readonly deterministic = true;
  readonly classes: readonly string[];
  readonly #superjson: SuperJSON;
  readonly #binary: BinaryLeaves;
  readonly #custom: readonly CustomType[];

  constructor(options: SuperjsonOptions = {}) {
    const classes = readClasses(options.classes);
    this.#custom = options.custom ?? [];
    this.classes = [...classes.map(({ identifier }) => identifier), ...this.#custom.map(({ name }) => name)];
    requireNames(this.classes);
    this.#superjson = new SuperJSON({ dedupe: options.dedupe ?? false });
    this.#superjson.allowErrorProps('stack', ...(options.errorProps ?? []));
    for (const { class: registered, identifier } of classes) this.#superjson.registerClass(registered, { identifier });
    for (const { name, isApplicable, serialize, deserialize } of this.#custom) {
      this.#superjson.registerCustom({ isApplicable, serialize, deserialize } as never, name);
    }
    this.#binary = new BinaryLeaves(this.#superjson);
  }

  encode(value: unknown): Encoded {
    const isSame = (one: object, other: object) => this.#isSameCustom(one, other);
    const { text, leaves } = this.#write(value, isSame);
    // What was written is read from the same memory: binary data is not copied.
    requireExact(value, this.#read(JSON.parse(text), leaves), { by: 'superjson', isSame });
    return { codec: CODEC, parts: packTree(Buffer.from(text, 'utf8'), leaves) };
  }

  decodes(codec: string): boolean {
    return codec === CODEC;
  }

  decode(codec: string, bytes: Uint8Array): unknown {
    if (codec !== CODEC) throw new SerializeError(`${this.id} does not know the codec ${JSON.stringify(codec)}`);
    const { header, leaves } = unpackTree(bytes, CODEC);
    const sizes: unknown = (header as { readonly leaves?: unknown } | null)?.leaves ?? [];
    if (!Array.isArray(sizes) || !sizes.every((size) => Number.isSafeInteger(size) && size >= 0)) {
      throw malformed(CODEC, 'the sizes of binary data are none');
    }
    const found = sizes.map((size: number) => leaves.next(size));
    leaves.finish();
    return this.#read(header, found);
  }

  #write(value: unknown, isSame: IsSame): { readonly text: string; readonly leaves: Uint8Array[] } {
    const leaves: Uint8Array[] = [];
    this.#binary.leaves = leaves;
    try {
      const written: object = this.#superjson.serialize(value as never);
      const sizes = leaves.map(({ byteLength }) => byteLength);
      return { text: JSON.stringify({ ...written, ...(sizes.length > 0 && { leaves: sizes }) }), leaves };
    } catch (error) {
      if (SerializeError.is(error)) throw error;
      // superjson names no path. Compared with itself, a function or a symbol is found with its own.
      requireExact(value, value, { by: 'superjson', isSame });
      throw new SerializeError(`superjson cannot store the value: ${(error as Error).message}`, { cause: error });
    } finally {
      this.#binary.leaves = [];
    }
  }

  #read(header: unknown, leaves: Uint8Array[]): unknown {
    if (typeof header !== 'object' || header === null || Array.isArray(header)) {
      throw malformed(CODEC, 'the text is not one that superjson writes');
    }
    this.#binary.leaves = leaves;
    try {
      return this.#superjson.deserialize(header as SuperJSONResult, { inPlace: true });
    } catch (error) {
      throw SerializeError.is(error) ? error : malformed(CODEC, (error as Error).message, error);
    } finally {
      this.#binary.leaves = [];
    }
  }

  /** Instances with conversions of their own are the same when they are converted to the same. */
  #isSameCustom(value: object, copy: object): boolean | undefined {
    const custom = this.#custom.find((one) => one.isApplicable(value));
    if (custom === undefined) return undefined;
    if (!custom.isApplicable(copy)) return false;
    const text = (of: object): string =>
      JSON.stringify(this.#superjson.serialize(custom.serialize(of as never) as never));
    return text(value) === text(copy);
  }
}
