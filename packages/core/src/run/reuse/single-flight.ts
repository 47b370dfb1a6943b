import type { Clock } from '../../contract/index.ts';
import type { CachePort } from '../plan/ports.ts';

/** Time between two tries to take a lease. */
const POLL_MS = 500;
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
    try {
      return await this.cache.lease(name);
    } catch {
      return true;
    }
  }

  /** Resolves when the process that executes the task has ended or died. Rejects when the run is stopped. */
  async wait(name: string): Promise<Turn> {
    const until = this.clock.now() + WAIT_MS;
    while (this.clock.now() < until) {
      await this.clock.sleep(POLL_MS, this.signal);
      if (await this.reserve(name)) return 'mine';
    }
    return 'late';
  }
}
