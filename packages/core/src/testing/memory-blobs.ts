import { readFileSync } from 'node:fs';
import type { Digest, Reference, WrittenArtifact } from '../contract/index.ts';
import type { BlobAccess } from '../runtime/io/blob-port.ts';
import { ArtifactError } from '../store/artifacts/artifact-error.ts';

import { LocalCopies } from './local-copies.ts';

/** Stored bytes in the memory of this process. */
export class MemoryBlobs implements BlobAccess {
  private readonly stored = new Map<Digest, Uint8Array>();
  private readonly copies = new LocalCopies((reference) => this.bytes(reference));

  read(references: readonly Reference[]): Uint8Array[] {
    return references.map((one) => this.bytes(one).slice());
  }

  async put(digest: Digest, parts: readonly Uint8Array[]): Promise<void> {
    this.stored.set(digest, new Uint8Array(Buffer.concat(parts)));
  }

  async putFile(digest: Digest, _size: number, file: string): Promise<void> {
    this.stored.set(digest, new Uint8Array(readFileSync(file)));
  }

  placeNow(reference: Reference): string {
    return this.copies.place(reference);
  }

  async place(reference: Reference): Promise<string> {
    return this.copies.place(reference);
  }

  async *chunks(reference: Reference): AsyncGenerator<Uint8Array> {
    yield this.bytes(reference).slice();
  }

  async scratch(): Promise<string> {
    return this.copies.scratch();
  }

  /** Takes what an outcome brings along. */
  keep(bytes: Iterable<readonly [Digest, Uint8Array]>): void {
    for (const [digest, one] of bytes) this.stored.set(digest, one);
  }

  /** The same of artifacts. */
  keepWritten(artifacts: Iterable<WrittenArtifact>): void {
    for (const { reference, bytes } of artifacts) if (bytes) this.stored.set(reference.digest, bytes);
  }

  /** Removes what local copies there are. What is in memory stays. */
  close(): void {
    this.copies.remove();
  }

  private bytes({ digest }: Pick<Reference, 'digest'>): Uint8Array {
    const bytes = this.stored.get(digest);
    if (bytes) return bytes;
    throw new ArtifactError('VARVE_MISSING_ARTIFACT', `${digest} is not in the memory of this test`, {
      digest,
      key: digest,
    });
  }
}
