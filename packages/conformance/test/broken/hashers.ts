import { createHash } from 'node:crypto';
import type { Hasher } from '@varve/core/contract';

const sha256 = (parts: readonly Uint8Array[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

/** A correct hasher, on which the broken ones are based. */
export const goodHasher: Hasher = {
  algorithm: 'sha256',
  hash: sha256,
  create() {
    const hash = createHash('sha256');
    return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest('hex') };
  },
};

/** Makes a hasher from a function of all bytes, so that its one-shot and streaming forms agree. */
function ofWhole(algorithm: string, digest: (bytes: Uint8Array) => string): Hasher {
  return {
    algorithm,
    hash: (parts) => digest(Buffer.concat(parts)),
    create() {
      const chunks: Buffer[] = [];
      return { update: (chunk) => void chunks.push(Buffer.from(chunk)), digest: () => digest(Buffer.concat(chunks)) };
    },
  };
}

export interface BrokenHasher {
  readonly mistake: string;
  readonly failing: readonly string[];
  readonly hasher: Hasher;
}

const shared = { chunks: [] as Buffer[] };

/** Every known mistake of hashers. */
export const brokenHashers: readonly BrokenHasher[] = [
  {
    mistake: 'has a dash in its name',
    failing: ['has an algorithm of [a-z0-9]+'],
    hasher: { ...goodHasher, algorithm: 'SHA-256' },
  },
  {
    mistake: 'drops the zeros at the front',
    failing: ['gives lower-case hex of one length'],
    hasher: ofWhole('own', (bytes) => sha256([bytes]).replace(/^0+/, '')),
  },
  {
    mistake: 'reads the first 64 KiB only',
    failing: ['gives different bytes different digests'],
    hasher: ofWhole('own', (bytes) => sha256([bytes.subarray(0, 65_536)])),
  },
  {
    mistake: 'hashes the digests of the parts',
    failing: ['gives the same digest wherever the parts are cut'],
    hasher: {
      ...goodHasher,
      algorithm: 'own',
      hash: (parts) => sha256(parts.map((part) => Buffer.from(sha256([part])))),
    },
  },
  {
    mistake: 'begins again at every chunk of a stream',
    failing: ['streams to the same digest as in one call'],
    hasher: {
      ...goodHasher,
      create() {
        let last = sha256([]);
        return {
          update(chunk) {
            last = sha256([chunk]);
          },
          digest: () => last,
        };
      },
    },
  },
  {
    mistake: 'reads the whole buffer behind a view',
    failing: ['reads a view within its bounds'],
    hasher: {
      ...goodHasher,
      hash: (parts) => sha256(parts.map((part) => (part.byteOffset === 100 ? new Uint8Array(part.buffer) : part))),
    },
  },
  {
    mistake: 'keeps chunks until the end without a copy',
    failing: ['is done with a chunk when update returns'],
    hasher: {
      ...goodHasher,
      create() {
        const chunks: Uint8Array[] = [];
        return { update: (chunk) => void chunks.push(chunk), digest: () => sha256(chunks) };
      },
    },
  },
  {
    mistake: 'has one state for all streams',
    failing: ['keeps streams apart'],
    hasher: {
      ...goodHasher,
      create() {
        shared.chunks = [];
        return { update: (chunk) => void shared.chunks.push(Buffer.from(chunk)), digest: () => sha256(shared.chunks) };
      },
    },
  },
  {
    mistake: 'says sha256 and is sha512, cut short',
    failing: ['is the algorithm it says, where Node knows it too'],
    hasher: ofWhole('sha256', (bytes) => createHash('sha512').update(bytes).digest('hex').slice(0, 64)),
  },
];
