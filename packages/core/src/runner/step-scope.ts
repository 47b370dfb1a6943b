import { type AttemptScope, runInScope } from './console-capture.ts';
import { markRunning } from './stray-errors.ts';
import type { TaskLog } from './task-log.ts';

/** One attempt while it runs in this thread: its output, and the errors that its own promise does not see. */
export class StepScope implements AttemptScope {
  private readonly unmark: () => void;
  private reject: ((error: unknown) => void) | undefined;

  constructor(
    readonly label: string,
    private readonly log: TaskLog,
    /** An error that came up after the attempt had ended. */
    private readonly late: (error: unknown) => void,
  ) {
    this.unmark = markRunning(this);
  }

  /** Settles with `body`, or rejects with the first stray error. */
  async run<T>(body: () => Promise<T>): Promise<T> {
    const stray = new Promise<never>((_, reject) => {
      this.reject = reject;
    });
    return Promise.race([runInScope(this, body), stray]);
  }

  write(stream: 'stdout' | 'stderr', text: string): void {
    this.log.write(stream, text);
  }

  fail(error: unknown): void {
    if (this.reject) this.reject(error);
    else this.late(error);
  }

  end(): void {
    this.reject = undefined;
    this.unmark();
  }
}
