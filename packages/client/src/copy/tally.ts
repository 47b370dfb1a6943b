import type { VarveError } from '@varve/core/contract';
import type { Amount, CopyProgress, NotCopied } from './result.ts';

/** Counts what a copy does, and keeps what it could not do. */
export class Tally {
  private readonly sums = { copied: { objects: 0, bytes: 0 }, skipped: { objects: 0, bytes: 0 } };
  private readonly lost = new Map<string, NotCopied>();
  private readonly remarks = new Set<string>();
  private total = 0;
  private underWay = 0;

  constructor(private readonly onProgress: ((progress: CopyProgress) => void) | undefined) {}

  get copied(): Amount {
    return this.sums.copied;
  }

  get skipped(): Amount {
    return this.sums.skipped;
  }

  get notCopied(): NotCopied[] {
    return [...this.lost.values()];
  }

  get notes(): string[] {
    return [...this.remarks];
  }

  /** Adds to the number of objects that will be looked at. */
  expect(objects: number): void {
    this.total += objects;
    this.report();
  }

  copy(bytes: number): void {
    this.add('copied', bytes);
  }

  skip(bytes: number): void {
    this.add('skipped', bytes);
  }

  /** Bytes of an object that is not complete yet; negative when they do not count any more. */
  stream(bytes: number): void {
    this.underWay += bytes;
    this.report();
  }

  note(text: string): void {
    this.remarks.add(text);
  }

  /** Notes an object that cannot be copied. The first reason counts. */
  lose(object: string, error: Pick<VarveError, 'code' | 'message' | 'hint'>): void {
    if (this.lost.has(object)) return;
    const { code, message, hint } = error;
    this.lost.set(object, { code, object, message, ...(hint !== undefined && { hint }), runs: [] });
  }

  has(object: string): boolean {
    return this.lost.has(object);
  }

  get lostKeys(): string[] {
    return [...this.lost.keys()];
  }

  /** Names the runs that need an object which was not copied. */
  blame(object: string, runs: readonly string[]): void {
    const found = this.lost.get(object);
    if (found) this.lost.set(object, { ...found, runs });
  }

  /** Nothing needs the object any more. */
  forgive(object: string): void {
    this.lost.delete(object);
  }

  private add(sum: 'copied' | 'skipped', bytes: number): void {
    this.sums[sum].objects++;
    this.sums[sum].bytes += bytes;
    this.report();
  }

  private report(): void {
    const { copied, skipped } = this.sums;
    const done = copied.objects + skipped.objects + this.lost.size;
    this.onProgress?.({ done, total: Math.max(done, this.total), bytes: copied.bytes + this.underWay });
  }
}
