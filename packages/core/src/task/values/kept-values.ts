/** Keeps what was used last, up to a number of bytes. The newest stays however large it is. */
export class KeptValues<V> {
  private readonly kept = new Map<string, { readonly value: V; readonly size: number }>();
  private held = 0;

  constructor(private readonly maxBytes: number) {}

  get(key: string): { readonly value: V } | undefined {
    const found = this.kept.get(key);
    if (found) {
      this.kept.delete(key);
      this.kept.set(key, found);
    }
    return found;
  }

  has(key: string): boolean {
    return this.kept.has(key);
  }

  /** Bytes it holds now. */
  get bytes(): number {
    return this.held;
  }

  set(key: string, value: V, size: number): void {
    this.delete(key);
    this.kept.set(key, { value, size });
    this.held += size;
    for (const oldest of this.kept.keys()) {
      if (this.held <= this.maxBytes || oldest === key) return;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const found = this.kept.get(key);
    if (!found) return;
    this.kept.delete(key);
    this.held -= found.size;
  }
}
