/** Computes digests of bytes. */
export interface Hasher {
  /** `[a-z0-9]+`, part of every digest and key, e.g. `sha256`. */
  readonly algorithm: string;
  /** Lower-case hex of `parts` one after the other, in one call: the fast path for values in memory. */
  hash(parts: readonly Uint8Array[]): string;
  /** For bytes that stream by. */
  create(): HashStream;
}

export interface HashStream {
  update(chunk: Uint8Array): void;
  /** Lower-case hex; call once. */
  digest(): string;
}
