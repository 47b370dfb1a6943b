import type { RunEvent, RunSummary } from '../contract/index.ts';
import type { JournalPort, SmallBytes } from '../run/plan/ports.ts';

/** The journal of a run that nobody reads after the process has ended. */
export class MemoryJournal implements JournalPort {
  readonly events: RunEvent[] = [];
  private readonly listeners: ((sequence: number) => void)[] = [];
  private telling = false;

  /** `keep` is given the bytes of small artifacts. */
  constructor(private readonly keep: (bytes: SmallBytes) => void) {}

  append(event: RunEvent, bytes?: SmallBytes): number {
    if (bytes) this.keep(bytes);
    const sequence = this.events.push(event);
    this.tell();
    return sequence;
  }

  onFlushed(listener: (sequence: number) => void): void {
    this.listeners.push(listener);
  }

  onStop(): void {}
  onWarning(): void {}
  onError(): void {}

  async flush(): Promise<void> {}

  async end({ endedAt, status }: RunSummary): Promise<void> {
    this.append({ type: 'run-ended', at: endedAt, status });
  }

  private tell(): void {
    if (this.telling) return;
    this.telling = true;
    // Not `queueMicrotask`, which a test may let stand still.
    Promise.resolve().then(() => {
      this.telling = false;
      for (const listener of this.listeners) listener(this.events.length);
    });
  }
}
