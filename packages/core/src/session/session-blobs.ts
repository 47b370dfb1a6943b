import type { Digest, Reference } from '../contract/index.ts';
import { bodyOf, fileBody } from '../store/index.ts';
import type { BlobAccess } from '../task/index.ts';
import type { Session } from './session.ts';
import { SyncCopies } from './sync-copies.ts';

/** Stored bytes for tasks that run in the thread of their session. Its store must offer `getSync`. */
export class SessionBlobs implements BlobAccess {
  private readonly copies = new SyncCopies(({ digest, size }) => this.bytes({ digest, size, codec: 'raw/1' }));

  constructor(private readonly session: Session) {}

  read(references: readonly Reference[]): Uint8Array[] {
    return references.map((reference) => this.bytes(reference));
  }

  put(digest: Digest, parts: readonly Uint8Array[]): Promise<void> {
    return this.session.put(digest, bodyOf(parts));
  }

  putFile(digest: Digest, size: number, file: string): Promise<void> {
    return this.session.put(digest, fileBody(file, size));
  }

  materializeSync(reference: Reference): string {
    return this.copies.place(reference);
  }

  async materialize(reference: Reference): Promise<string> {
    return this.copies.place(reference);
  }

  async *chunks(reference: Reference): AsyncGenerator<Uint8Array> {
    yield this.bytes(reference);
  }

  async scratch(): Promise<string> {
    return this.copies.scratch();
  }

  /** Removes the local copies. */
  close(): void {
    this.copies.remove();
  }

  private bytes(reference: Reference): Uint8Array {
    return this.session.readSync(reference);
  }
}
