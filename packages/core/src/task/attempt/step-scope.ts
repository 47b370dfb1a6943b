import type { AmbientReads, Digest } from '../../contract/index.ts';
import type { OutsideInputs } from '../../flow/index.ts';
import { AmbientInputs } from '../scope/ambient-inputs.ts';
import { type AttemptScope, runInScope } from '../scope/capture.ts';
import { markRunning } from '../scope/unhandled-errors.ts';
import type { TaskLog } from './task-log.ts';

/** The scope of one attempt while it runs in this thread: collects its output and the errors outside its promise. */
export class StepScope implements AttemptScope {
  private readonly unmark: () => void;
  private reject: ((error: unknown) => void) | undefined;
  private stray: { readonly error: unknown } | undefined;
  private unread: { readonly error: unknown; readonly lost: Digest | undefined } | undefined;
  private ended = false;
  private inputs: AmbientInputs | undefined;

  constructor(
    readonly label: string,
    private readonly log: TaskLog,
    /** Called with an error that came up after the attempt had ended. */
    private readonly late: (error: unknown) => void,
    /** What the step says of what counts outside of the run. */
    private readonly counts?: OutsideInputs,
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

  /** Made when it is first used: most tasks look at nothing outside of the run. */
  get ambient(): AmbientInputs {
    this.inputs ??= new AmbientInputs(undefined, this.counts);
    return this.inputs;
  }

  /** What was seen outside of the run; `undefined` for nothing. Call it when everything is stored. */
  endAmbient(): Promise<AmbientReads | undefined> | undefined {
    return this.inputs?.end();
  }

  /** The first input whose bytes turned out to be lost. */
  get lost(): Digest | undefined {
    return this.unread?.lost;
  }

  write(stream: 'stdout' | 'stderr', text: string): void {
    this.log.write(stream, text);
  }

  fail(error: unknown): void {
    if (this.ended) return this.late(error);
    this.stray ??= { error };
    this.reject?.(error);
  }

  failRead(error: unknown, lost: Digest | undefined): void {
    if (!this.unread || (lost !== undefined && this.unread.lost === undefined)) this.unread = { error, lost };
  }

  /** Call when everything is stored. Throws the first stray error, or the first failed read of an input. */
  check(): void {
    const fault = this.stray ?? this.unread;
    if (fault) throw fault.error;
  }

  end(): void {
    this.ended = true;
    this.unmark();
    this.inputs?.leave();
  }
}

/** Aborts one attempt. The signal is made when it is first used: most steps never use it. */
export class AttemptAbort {
  private controller: AbortController | undefined;
  private reason: Error | undefined;

  get aborted(): boolean {
    return this.reason !== undefined;
  }

  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      if (this.reason) this.controller.abort(this.reason);
    }
    return this.controller.signal;
  }

  abort(reason: Error): void {
    this.reason ??= reason;
    this.controller?.abort(this.reason);
  }

  throwIfAborted(): void {
    if (this.reason) throw this.reason;
  }
}
