/** Lets the first few of a kind through, so that a wide foreach cannot flood a log. */
export class Quota {
  private readonly used = new Map<string, number>();

  constructor(private readonly most: number) {}

  /** `last` goes with the last one that is let through. */
  take(kind: string): 'yes' | 'last' | 'no' {
    const used = (this.used.get(kind) ?? 0) + 1;
    if (used > this.most) return 'no';
    this.used.set(kind, used);
    return used === this.most ? 'last' : 'yes';
  }
}
