/** Many small pieces of bytes on their way to another thread, as one: each buffer of its own would cost more than its bytes. */
export class BytePacker {
  private readonly pieces: Uint8Array[] = [];
  private size = 0;

  /** Where the piece will begin. */
  add(bytes: Uint8Array): number {
    const offset = this.size;
    this.pieces.push(bytes);
    this.size += bytes.byteLength;
    return offset;
  }

  /** All of it, in a buffer of its own. */
  pack(): Uint8Array<ArrayBuffer> {
    const packed = new Uint8Array(this.size);
    let offset = 0;
    for (const piece of this.pieces) {
      packed.set(piece, offset);
      offset += piece.byteLength;
    }
    return packed;
  }
}
