import type { Progress, ProgressListener } from '../plan/progress.ts';

/** Holds back what may only be said once the journal holds it. */
export class Announcements {
  private readonly waiting: { readonly sequence: number; readonly progress: Progress }[] = [];
  private head = 0;

  constructor(private readonly listener: ProgressListener) {}

  /** Said at once. */
  say(progress: Progress): void {
    this.listener(progress);
  }

  /** Said when everything up to `sequence` is durable. */
  sayWhenDurable(sequence: number, progress: Progress): void {
    this.waiting.push({ sequence, progress });
  }

  release(sequence: number): void {
    for (let next = this.waiting[this.head]; next && next.sequence <= sequence; next = this.waiting[this.head]) {
      this.head++;
      this.listener(next.progress);
    }
    if (this.head > 1024 && this.head * 2 > this.waiting.length) {
      this.waiting.splice(0, this.head);
      this.head = 0;
    }
  }

  /** How many results wait for the journal. */
  get pending(): number {
    return this.waiting.length - this.head;
  }
}
