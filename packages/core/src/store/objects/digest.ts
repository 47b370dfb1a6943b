import * as crypto from 'node:crypto';
import { type Digest, type Hasher, type HashStream, VarveError } from '../../contract/index.ts';

/** The two parts of a digest. */
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

/** True for a digest of any algorithm. */
export function isDigest(value: unknown): value is Digest {
  return typeof value === 'string' && DIGEST.test(value) && (!value.startsWith('sha256:') || value.length === 71);
}

/**
 * Splits a digest into its parts. Strict, because the result becomes part of a key: 32 to 128 lower-case hex digits, 64 of them
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

/** The one-shot form is about twice as fast for a kilobyte, but only Node 20.12 and later have it. */
const hashAtOnce: ((bytes: Uint8Array) => string) | undefined =
  typeof crypto.hash === 'function' ? (bytes) => crypto.hash('sha256', bytes, 'hex') : undefined;

/** SHA-256 by Node's own OpenSSL, which uses the processor's instructions for it. */
export const sha256Hasher: Hasher = {
  algorithm: 'sha256',
  hash(parts) {
    const only = parts[0];
    if (hashAtOnce && only && parts.length === 1) return hashAtOnce(only);
    const hash = crypto.createHash('sha256');
    for (const part of parts) hash.update(part);
    return hash.digest('hex');
  },
  create(): HashStream {
    const hash = crypto.createHash('sha256');
    return {
      update(chunk) {
        hash.update(chunk);
      },
      digest: () => hash.digest('hex'),
    };
  },
};
