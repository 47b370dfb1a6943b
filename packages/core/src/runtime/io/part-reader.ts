/** Parts in memory as one row of bytes, cut into pieces from front to back, or from anywhere. */
export class PartReader {
  readonly size: number;
  /** Where the last piece ended: its part, and that part's first byte. */
  private index = 0;
  private start = 0;

  constructor(private readonly parts: readonly Uint8Array[]) {
    this.size = parts.reduce((sum, part) => sum + part.byteLength, 0);
  }

  /** Copies the bytes from `offset` on, over the borders of parts. Returns how many: fewer than fit where the parts end. */
  fill(target: Uint8Array, offset: number): number {
    if (offset < this.start) this.index = this.start = 0;
    let filled = 0;
    for (let part = this.parts[this.index]; part && filled < target.byteLength; part = this.parts[this.index]) {
      const from = offset + filled - this.start;
      if (from >= part.byteLength) {
        this.start += part.byteLength;
        this.index++;
        continue;
      }
      const piece = part.subarray(from, from + target.byteLength - filled);
      target.set(piece, filled);
      filled += piece.byteLength;
    }
    return filled;
  }
}
