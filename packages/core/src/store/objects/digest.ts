import { type Digest, VarveError } from '../../contract/index.ts';

/** A digest taken apart. */
export interface ParsedDigest {
  readonly algorithm: string;
  /** Lower-case. */
  readonly hex: string;
}

const DIGEST = /^([a-z0-9]{1,32}):((?:[0-9a-f]{2}){16,64})$/;

/** `sha256` and `9f86d0…` to `sha256:9f86d0…`. */
export function formatDigest(algorithm: string, hex: string): Digest {
  return `${algorithm}:${hex}`;
}

/** Whether a value read back is a digest, of any algorithm. */
export function isDigest(value: unknown): value is Digest {
  return typeof value === 'string' && DIGEST.test(value) && (!value.startsWith('sha256:') || value.length === 71);
}

/**
 * Takes a digest apart. Strict, because the result becomes part of a key: 32 to 128 lower-case hex digits, 64 of them
 * for `sha256`. Throws `VARVE_BAD_DIGEST`.
 */
export function parseDigest(digest: Digest): ParsedDigest {
  const [, algorithm, hex] = isDigest(digest) ? (DIGEST.exec(digest) ?? []) : [];
  if (algorithm === undefined || hex === undefined) {
    throw new VarveError('VARVE_BAD_DIGEST', `${JSON.stringify(String(digest).slice(0, 200))} is not a digest.`, {
      hint: 'A digest looks like sha256: and 64 lower-case hex digits. What was read is damaged or not of varve.',
    });
  }
  return { algorithm, hex };
}
