import { type CallOptions, type Clock, StoreError } from '../../../contract/index.ts';

export interface StoreRetryOptions {
  readonly clock: Clock;
  /** Ms for attempts and pauses of one call, after which it fails. Default 60,000: a network may be gone for a while. */
  readonly forMs?: number;
  /** Attempts that are made even if they take longer than `forMs`. Default 5. */
  readonly leastAttempts?: number;
  /** Most attempts in all. Default no limit but the time. */
  readonly attempts?: number;
  /** Called once for a call that has failed for some seconds and is still repeated. */
  readonly onWait?: (error: StoreError) => void;
  /** Ms. Upper bound of the first pause; each following one doubles. Default 100. */
  readonly baseMs?: number;
  /** Ms. No pause is longer. Default 10,000. */
  readonly maxMs?: number;
  /** From 0 to below 1. Spreads the pauses of many clients that failed together. Default `Math.random`. */
  readonly random?: () => number;
}

/** Ms. One attempt counts for no more: the machine may have slept. */
const ATTEMPT_MAX_MS = 30_000;
/** Ms of trouble before anybody is told. */
const QUIET_MS = 2_000;

/** Repeats calls that failed with a retryable `StoreError`, and no others. */
export class Retry {
  constructor(private readonly options: StoreRetryOptions) {}

  async call<T>(action: () => Promise<T>, { signal, beforeAttempt }: CallOptions = {}): Promise<T> {
    const trouble = this.begin();
    for (;;) {
      beforeAttempt?.();
      try {
        return await action();
      } catch (error) {
        await trouble.pause(error, signal);
      }
    }
  }

  /** Begins to count the failures of a call. */
  begin(): Trouble {
    return new Trouble(this.options);
  }
}

/** The failures of one call since it last made progress. */
export class Trouble {
  private failures = 0;
  private spentMs = 0;
  private isTold = false;
  private attemptAt: number;

  constructor(private readonly options: StoreRetryOptions) {
    this.attemptAt = options.clock.now();
  }

  /** The call has made progress. */
  over(): void {
    this.failures = 0;
    this.spentMs = 0;
    this.attemptAt = this.options.clock.now();
  }

  /** Waits before the next attempt; throws the error when no attempt may follow. */
  async pause(error: unknown, signal?: AbortSignal): Promise<void> {
    const { clock, forMs = 60_000, leastAttempts = 5, attempts = Number.POSITIVE_INFINITY } = this.options;
    signal?.throwIfAborted();
    if (!StoreError.is(error) || !error.retryable) throw error;
    this.failures += 1;
    this.spentMs += Math.min(ATTEMPT_MAX_MS, Math.max(0, clock.now() - this.attemptAt));
    const isLate = this.spentMs >= forMs;
    if (this.failures >= attempts || (isLate && this.failures >= leastAttempts)) throw error;
    this.tell(error);
    const ms = isLate ? this.nextMs() : Math.min(this.nextMs(), forMs - this.spentMs);
    this.spentMs += ms;
    await clock.sleep(ms, signal);
    signal?.throwIfAborted();
    this.attemptAt = clock.now();
  }

  private tell(error: StoreError): void {
    if (this.isTold || this.spentMs < QUIET_MS) return;
    this.isTold = true;
    this.options.onWait?.(error);
  }

  private nextMs(): number {
    const { baseMs = 100, maxMs = 10_000, random = Math.random } = this.options;
    return Math.min(maxMs, baseMs * 2 ** (this.failures - 1)) * (0.5 + random() / 2);
  }
}
