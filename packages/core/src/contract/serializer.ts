/** A value as bytes. `parts` are written one after the other; they may be views of the value's own memory. */
export interface Encoded {
  /** Stored beside the bytes; `decode` picks by it. Never changes its meaning once released, e.g. `json/1`. */
  readonly codec: string;
  readonly parts: readonly Uint8Array[];
}

/**
 * Turns values into bytes and back, both synchronously: a step reads `this.x` as a plain field.
 *
 * MUST be exact: `decode(encode(v))` equals `v`, or `encode` throws a `SerializeError` that names the field path.
 * MUST NOT drop anything silently (functions, symbols, classes), execute anything it reads back, or write to a
 * prototype because of stored names.
 */
export interface Serializer {
  /** Shown in messages and stored with each run, e.g. `exact/1`. */
  readonly id: string;
  /** True when equal values built alike give equal bytes. Required of the serializer that feeds cache keys. */
  readonly deterministic: boolean;
  /**
   * Names of the classes that the config registered. A step that reads an instance can run their code, so the code of the
   * config belongs to the key of every step when there are any.
   */
  readonly classes?: readonly string[];
  /** Throws `SerializeError`. */
  encode(value: unknown): Encoded;
  /** True when `decode` understands this codec. */
  decodes(codec: string): boolean;
  /**
   * `bytes` is the whole encoding and no longer belongs to the caller: a binary value may be a view of it.
   * Throws `SerializeError` on bytes that no `encode` could have written.
   */
  decode(codec: string, bytes: Uint8Array): unknown;
}

const SERIALIZE_ERROR = Symbol.for('varve.SerializeError');

/** A value cannot become bytes, or bytes cannot become a value. */
export class SerializeError extends Error {
  override readonly name = 'SerializeError';
  /** Path inside the value, e.g. `.rows[3].parse`; empty for the value itself. */
  readonly path: string;

  constructor(message: string, options: ErrorOptions & { readonly path?: string } = {}) {
    super(message, options);
    this.path = options.path ?? '';
    Object.defineProperty(this, SERIALIZE_ERROR, { value: true });
  }

  static is(error: unknown): error is SerializeError {
    return typeof error === 'object' && error !== null && SERIALIZE_ERROR in error;
  }
}
