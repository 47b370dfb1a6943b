import { type Digest, type Reference, VarveError, type WrittenArtifact } from '../../contract/index.ts';
import type { BlobAccess } from '../../runtime/io/blob-port.ts';
import { concat } from '../../task/values/values.ts';

/** Blobs of a store, and new ones on top of them that stay in memory; with `keep`, only the small ones do. */
export class UnsavedBlobs implements BlobAccess {
  private readonly own = new Map<Digest, Uint8Array>();
  /** Files that stayed where they were. */
  private readonly left = new Set<Digest>();
  readonly placeNow: BlobAccess['placeNow'];
  readonly place: BlobAccess['place'];
  readonly scratch: BlobAccess['scratch'];

  constructor(
    private readonly stored: BlobAccess,
    private readonly keep: boolean,
  ) {
    this.placeNow = (reference) => stored.placeNow(this.unlessLeft(reference));
    this.place = async (reference) => stored.place(this.unlessLeft(reference));
    this.scratch = () => stored.scratch();
  }

  /** A small artifact that came with an outcome: it can be read like any other. */
  add({ reference, bytes }: WrittenArtifact): void {
    if (bytes) this.own.set(reference.digest, bytes);
  }

  read(references: Parameters<BlobAccess['read']>[0]): Uint8Array[] {
    const missing = references.filter(({ digest }) => !this.own.has(digest)).map((one) => this.unlessLeft(one));
    const read = missing.length > 0 ? this.stored.read(missing) : [];
    return references.map(({ digest }) => this.own.get(digest)?.slice() ?? read.shift() ?? new Uint8Array(0));
  }

  /** The bytes of a small artifact that the store does not hold. */
  smallBytes(digest: Digest): Uint8Array | undefined {
    return this.own.get(digest);
  }

  async put(digest: Digest, parts: readonly Uint8Array[]): Promise<void> {
    if (this.keep) return this.stored.put(digest, parts);
    this.own.set(
      digest,
      concat(
        parts,
        parts.reduce((sum, part) => sum + part.byteLength, 0),
      ),
    );
  }

  /** Unless it is kept, a file stays where it is: its digest is all that is compared. */
  async putFile(digest: Digest, size: number, file: string): Promise<void> {
    if (this.keep) await this.stored.putFile(digest, size, file);
    else this.left.add(digest);
  }

  /** Whether the bytes are in the store, as far as anything written here goes. */
  isStored({ digest }: Reference): boolean {
    return !this.own.has(digest) && !this.left.has(digest);
  }

  private unlessLeft<T extends Pick<Reference, 'digest'>>(reference: T): T {
    if (!this.left.has(reference.digest)) return reference;
    throw new VarveError('VARVE_MISSING_ARTIFACT', 'a spin stores no files, and this one is new', {
      hint: 'Read the file that the step has made, or keep the attempt: --keep, or { keep: true } from code.',
    });
  }
}
