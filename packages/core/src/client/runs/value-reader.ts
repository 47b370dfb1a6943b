import type { Reference } from '../../contract/index.ts';

/** Stored values by reference. */
export interface ValueReader {
  /** At once, as a plain field needs it. */
  readNow(reference: Reference): unknown;
  /** For code that can wait. */
  read(reference: Reference): Promise<unknown>;
  /** The stored bytes themselves, verified. */
  bytes(reference: Reference): Promise<Uint8Array>;
  /** The same as a stream, which fails at its end when the bytes are not what they should be. */
  stream(reference: Reference): AsyncIterable<Uint8Array>;
}
