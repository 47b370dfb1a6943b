import type { Digest } from '../../contract/index.ts';

/** Small artifacts written last, so that tasks of the same run need not read them from the store. Bounded by bytes. */
export class RecentBytes {
  private readonly kept = new Map<Digest, Uint8Array>();
  private size = 0;

  constructor(private readonly maxBytes: number) {}

  get(digest: Digest): Uint8Array | undefined {
    return this.kept.get(digest);
  }

  /** Keeps bytes, and forgets the oldest when they are too many. */
  add(digest: Digest, bytes: Uint8Array): void {
    if (this.kept.has(digest)) return;
    this.kept.set(digest, bytes);
    this.size += bytes.byteLength;
    for (const [oldest, { byteLength }] of this.kept) {
      if (this.size <= this.maxBytes) return;
      this.kept.delete(oldest);
      this.size -= byteLength;
    }
  }
}
