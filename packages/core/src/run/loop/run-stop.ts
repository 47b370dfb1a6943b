import { VarveError } from '../../contract/index.ts';
import type { JournalPort } from '../plan/ports.ts';

/** Everything that ends a run before its time. Running attempts are told through the signal and may still end well. */
export class RunStop {
  private readonly abort = new AbortController();
  private fault: { readonly error: unknown } | undefined;

  constructor(private readonly onStop: () => void) {}

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  get stopped(): boolean {
    return this.abort.signal.aborted;
  }

  listen(journal: JournalPort, signal: AbortSignal | undefined): void {
    journal.onStop((reason) =>
      this.stop(reason === 'fenced' ? 'another process resumed this run' : 'the run was cancelled'),
    );
    journal.onError((error) => this.break(error));
    if (signal?.aborted) this.stop('interrupted');
    else signal?.addEventListener('abort', () => this.stop('interrupted'), { once: true });
  }

  stop(reason: string): void {
    if (!this.stopped) this.abort.abort(new VarveError('VARVE_STOPPED', reason));
    this.onStop();
  }

  /** The run could not be recorded, or the runner itself broke. */
  break(error: unknown): void {
    this.fault ??= { error };
    this.stop('the run cannot go on');
  }

  /** Makes everything durable that there is, then throws what broke the run, if anything did. */
  async settle(journal: JournalPort): Promise<void> {
    if (!this.fault) return journal.flush();
    await journal.flush().catch(() => {});
    throw this.fault.error;
  }
}
