import { type Digest, type Hasher, type HashStream, type Reference, VarveError } from '../../contract/index.ts';
import type { OwnBytes } from '../objects/body.ts';
import { formatDigest, parseDigest } from '../objects/digest.ts';
import type { Found } from './artifact-error.ts';

/** Values up to this size are hashed in one call once they are complete, larger ones as they arrive. Bytes. */
const AT_ONCE_MAX = 1024 * 1024;

/** Checks digests of every algorithm for which there is a hasher. */
export class Verifier {
  private readonly hashers: ReadonlyMap<string, Hasher>;

  constructor(hashers: readonly Hasher[]) {
    this.hashers = new Map(hashers.map((hasher) => [hasher.algorithm, hasher]));
  }

  /** Throws `VARVE_UNKNOWN_HASHER` when no installed hasher computes such digests. */
  hasherOf(digest: Digest): Hasher {
    const { algorithm } = parseDigest(digest);
    const hasher = this.hashers.get(algorithm);
    if (hasher) return hasher;
    const known = [...this.hashers.keys()].join(', ');
    throw new VarveError('VARVE_UNKNOWN_HASHER', `${digest} needs the hasher ${algorithm}; known are: ${known}.`, {
      hint: 'Add the hasher that named it to varve.config.ts, to be read with: readers: [theHasher()].',
    });
  }

  /** The digest and size of `bytes`; `undefined` when they match the reference. */
  mismatch(reference: Reference, bytes: Uint8Array): Found | undefined {
    const hasher = this.hasherOf(reference.digest);
    const digest = formatDigest(hasher.algorithm, hasher.hash([bytes]));
    if (digest === reference.digest && bytes.byteLength === reference.size) return undefined;
    return { digest, size: bytes.byteLength };
  }

  /** For a stream of bytes. */
  start(digest: Digest): RunningDigest {
    return new RunningDigest(this.hasherOf(digest));
  }

  /** Fills one array of exactly the size of the reference; returns digest and size instead when the stream differs. */
  async collect(reference: Reference, stream: AsyncIterable<Uint8Array>): Promise<OwnBytes | Found> {
    const running = reference.size > AT_ONCE_MAX ? this.start(reference.digest) : undefined;
    const bytes = allocate(reference);
    let size = 0;
    for await (const chunk of stream) {
      if (size + chunk.byteLength <= bytes.byteLength) bytes.set(chunk, size);
      running?.update(chunk);
      size += chunk.byteLength;
      if (size > reference.size) return { digest: 'more than was wanted', size };
    }
    if (size < reference.size) return this.found(reference.digest, bytes.subarray(0, size));
    if (!running) return this.mismatch(reference, bytes) ?? bytes;
    const { digest } = running.end();
    return digest === reference.digest ? bytes : { digest, size };
  }

  private found(digest: Digest, bytes: Uint8Array): Found {
    const hasher = this.hasherOf(digest);
    return { digest: formatDigest(hasher.algorithm, hasher.hash([bytes])), size: bytes.byteLength };
  }
}

/** Digest and size of the bytes so far. */
export class RunningDigest {
  private readonly hash: HashStream;
  private passed = 0;

  constructor(private readonly hasher: Hasher) {
    this.hash = hasher.create();
  }

  update(chunk: Uint8Array): void {
    this.hash.update(chunk);
    this.passed += chunk.byteLength;
  }

  /** Bytes so far. */
  get size(): number {
    return this.passed;
  }

  /** Call once. */
  end(): Found {
    return { digest: formatDigest(this.hasher.algorithm, this.hash.digest()), size: this.passed };
  }
}

function allocate(reference: Reference): OwnBytes {
  try {
    return new Uint8Array(reference.size);
  } catch (cause) {
    throw new VarveError(
      'VARVE_TOO_LARGE',
      `${reference.digest} is ${reference.size} bytes: more than fits into memory at once.`,
      {
        cause,
        hint: 'Store such content with artifact.file() or artifact.stream(): then a later step can read it piece by piece.',
      },
    );
  }
}
