import type { Clock } from '../../contract/index.ts';
import type { CachePort, LeaseHolder } from '../plan/ports.ts';

/** Time between two tries to take a lease. */
const POLL_MS = 500;
/** A wait of this length is told. */
const TELL_MS = 1_500;
/** Longest wait for another process: then the task is executed here too. */
const WAIT_MS = 30 * 60_000;

/** Result of a wait for another process: this one has the lease now, or waited too long. */
export type Turn = 'mine' | 'late';

/**
 * Lets one process execute a task for all that share a store. Advisory: at worst a task is executed twice, and the pages
 * alone decide which result is used.
 */
export class SingleFlight {
  constructor(
    private readonly cache: Pick<CachePort, 'lease'>,
    private readonly clock: Clock,
    /** Aborted when the run is stopped. */
    private readonly signal: AbortSignal,
  ) {}

  /** Resolves with false when another process has the lease; a store that fails does not hold a task back. */
  async reserve(name: string): Promise<boolean> {
    return (await this.ask(name)) === true;
  }

  /**
   * Resolves when the process that executes the task has ended or died. Rejects when the run is stopped. `tell` is called once,
   * when the wait lasts.
   */
  async wait(name: string, tell: (holder: LeaseHolder) => void): Promise<Turn> {
    const since = this.clock.now();
    let isTold = false;
    while (this.clock.now() < since + WAIT_MS) {
      await this.clock.sleep(POLL_MS, this.signal);
      const answer = await this.ask(name);
      if (answer === true) return 'mine';
      if (answer === false || isTold || this.clock.now() < since + TELL_MS) continue;
      isTold = true;
      tell(answer);
    }
    return 'late';
  }

  private async ask(name: string): Promise<boolean | LeaseHolder> {
    try {
      return await this.cache.lease(name);
    } catch {
      return true;
    }
  }
}
