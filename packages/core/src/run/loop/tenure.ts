import type { Clock } from '../../contract/index.ts';
import { type Moment, momentOf, msSince } from '../../store/index.ts';
import type { JournalPort } from '../plan/ports.ts';

/** Ms after which the journal is asked again, while tasks go on starting. */
const ASK_MS = 3_000;
/** Ms after which nothing starts without an answer: together with the time a heartbeat is good for, less than a run lives without. */
const SURE_MS = 6_000;

export interface TenureOptions {
  readonly journal: Pick<JournalPort, 'confirm'>;
  readonly clock: Clock;
  /** Called when there is an answer. */
  readonly wake: () => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Whether this process still has its run. One that slept for long may have lost it to another: it starts no task before the
 * journal has looked.
 */
export class Tenure {
  /** When the last question that was answered was asked. */
  private confirmed: Moment | undefined;
  private asking = false;

  constructor(private readonly options: TenureOptions) {}

  /** Asks for itself when it has not been sure for some time. */
  get isSure(): boolean {
    const { clock } = this.options;
    const age = this.confirmed ? msSince(this.confirmed, clock) : Number.POSITIVE_INFINITY;
    if (age > ASK_MS) this.ask();
    return age <= SURE_MS;
  }

  private ask(): void {
    if (this.asking) return;
    this.asking = true;
    const { journal, clock, wake, fail } = this.options;
    const asked = momentOf(clock);
    journal.confirm().then(
      () => {
        this.asking = false;
        this.confirmed = asked;
        wake();
      },
      (error) => fail(error),
    );
  }
}
