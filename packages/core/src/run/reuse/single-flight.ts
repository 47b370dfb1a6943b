import type { Clock } from '../../contract/index.ts';
import type { CachePort } from '../plan/ports.ts';

/** Ms between two looks at whether somebody else has ended. */
const LOOK_MS = 500;
/** Longest wait for somebody else, ms: then the task is executed here too. */
const WAIT_MS = 30 * 60_000;

/** How a wait for another process ended: this one may execute the task now, in one case whatever the other does. */
export type Turn = 'mine' | 'late';

/**
 * Lets one process execute a task for all that share a store. Advisory: whatever goes wrong here, a task is executed twice
 * at worst, and whose result is used is decided by the pages alone.
 */
export class SingleFlight {
  constructor(
    private readonly cache: Pick<CachePort, 'lease'>,
    private readonly clock: Clock,
    /** Aborted when the run is stopped. */
    private readonly signal: AbortSignal,
  ) {}

  /** Whether nobody else executes the task now. */
  async reserve(name: string): Promise<boolean> {
    try {
      return await this.cache.lease(name);
    } catch {
      return true;
    }
  }

  /** Resolves when whoever executes the task has ended or died. Rejects when the run is stopped. */
  async wait(name: string): Promise<Turn> {
    const until = this.clock.now() + WAIT_MS;
    while (this.clock.now() < until) {
      await this.clock.sleep(LOOK_MS, this.signal);
      if (await this.reserve(name)) return 'mine';
    }
    return 'late';
  }
}
