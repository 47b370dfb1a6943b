import { createHash } from 'node:crypto';
import type { Hasher, HashStream } from '@varve/core/contract';

/** An object that is named by its content, so that a copy of it can be proved right. */
export interface Blob {
  /** Its key in the remote store: `cas/sha256/9f/9f86d0…`. */
  readonly key: string;
  /** Place of its copy: `sha256/9f/9f86d0…`. */
  readonly path: string;
  /** Lower-case hex of its digest. */
  readonly hex: string;
  /** Starts the hash that must end in `hex`. */
  hash(): HashStream;
}

const KEY = /^cas\/(([a-z0-9]{1,32})\/([0-9a-f]{2})\/(\3[0-9a-f]{30,126}))$/;

const sha256 = (): HashStream => {
  const hash = createHash('sha256');
  return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest('hex') };
};

/** Tells blobs from the objects that may change, or that cannot be checked: those are never copied. */
export class BlobKeys {
  readonly #hashes = new Map<string, () => HashStream>([['sha256', sha256]]);

  /** `hasher`: the one of the stack, for digests that are not SHA-256. */
  constructor(hasher?: Hasher) {
    if (hasher && hasher.algorithm !== 'sha256') this.#hashes.set(hasher.algorithm, () => hasher.create());
  }

  /** The blob that an object of the remote store holds, which may be compressed there. */
  holder(key: string): Blob | undefined {
    return this.parse(key.replace(/\.gz$/, ''));
  }

  /** `undefined` for a key that does not name its content. */
  parse(key: string): Blob | undefined {
    const [, path, algorithm = '', , hex] = KEY.exec(key) ?? [];
    const hash = this.#hashes.get(algorithm);
    return path === undefined || hex === undefined || hash === undefined ? undefined : { key, path, hex, hash };
  }
}
