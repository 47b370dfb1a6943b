import { type CallOptions, type Datastore, type Digest, type Reference, StoreError } from '../../contract/index.ts';
import type { OwnBytes } from '../objects/body.ts';
import { blobKey } from '../objects/key.ts';
import { type ArtifactError, corruptArtifact, type Found, missingArtifact } from './artifact-error.ts';
import { moveToQuarantine } from './quarantine.ts';
import type { Verifier } from './verify.ts';

/** Reads artifacts that are objects of their own. */
export class BlobReader {
  constructor(
    private readonly store: Datastore,
    private readonly verifier: Verifier,
    /** Told of every digest that turned out not to be there any more. */
    private readonly onLost: (digest: Digest) => void,
  ) {}

  async read(reference: Reference, options: CallOptions): Promise<OwnBytes> {
    const key = blobKey(reference.digest);
    const first = await this.verifier.collect(reference, await this.get(reference, key, options));
    if (first instanceof Uint8Array) return first;
    const proof = await this.inspect(reference, key, options);
    if (proof) throw proof;
    const second = await this.verifier.collect(reference, await this.get(reference, key, options));
    if (second instanceof Uint8Array) return second;
    throw corruptArtifact(reference, key, second);
  }

  async *open(reference: Reference, options: CallOptions): AsyncGenerator<Uint8Array> {
    const key = blobKey(reference.digest);
    const running = this.verifier.start(reference.digest);
    let size = 0;
    for await (const chunk of await this.get(reference, key, options)) {
      size += chunk.byteLength;
      if (size > reference.size) break;
      running.update(chunk);
      yield chunk;
    }
    const found = running.end();
    if (size === reference.size && found.digest === reference.digest) return;
    throw (await this.inspect(reference, key, options)) ?? corruptArtifact(reference, key, { ...found, size });
  }

  /**
   * Reads the whole object once more before it is moved away: only what is stored wrong, not what came over wrong or
   * what a damaged reference claims, is taken out of its place. `undefined` when the object is sound.
   */
  private async inspect(reference: Reference, key: string, options: CallOptions): Promise<ArtifactError | undefined> {
    const running = this.verifier.start(reference.digest);
    for await (const chunk of await this.get(reference, key, options)) running.update(chunk);
    const found: Found = running.end();
    if (found.digest !== reference.digest) {
      this.onLost(reference.digest);
      return corruptArtifact(reference, key, found, await moveToQuarantine(this.store, key, options));
    }
    return found.size === reference.size ? undefined : corruptArtifact(reference, key, found);
  }

  private async get(reference: Reference, key: string, options: CallOptions): Promise<AsyncIterable<Uint8Array>> {
    try {
      return await this.store.get(key, options);
    } catch (error) {
      if (!StoreError.is(error, 'not-found')) throw error;
      this.onLost(reference.digest);
      throw missingArtifact(reference, key, this.store.name);
    }
  }
}
