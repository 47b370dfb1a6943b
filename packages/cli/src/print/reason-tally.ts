import type { ShownReason } from './reason.ts';

/** Different reasons kept of one step; more are only counted. */
const KEPT = 50;

/** The reasons for which the tasks of one step were executed, equal ones together. */
export class ReasonTally {
  private readonly counts = new Map<string, { readonly reason: ShownReason; count: number }>();

  add(reason: ShownReason): void {
    const key = `${reason.code} ${reason.text}`;
    const known = this.counts.get(key);
    if (known) known.count++;
    else if (this.counts.size < KEPT) this.counts.set(key, { reason, count: 1 });
  }

  /** The most frequent one that counts, and how many others there are. */
  main(
    counts: (reason: ShownReason) => boolean,
  ): { readonly reason: ShownReason; readonly others: number } | undefined {
    const all = [...this.counts.values()].filter(({ reason }) => counts(reason));
    const [first] = [...all].sort((a, b) => b.count - a.count);
    return first && { reason: first.reason, others: all.length - 1 };
  }
}
