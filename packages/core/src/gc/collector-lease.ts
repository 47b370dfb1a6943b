import { hostname } from 'node:os';
import { type Clock, type Datastore, VarveError } from '../contract/index.ts';
import { acquireLease, type Lease, type LeaseOwner, readLease, releaseLease, renewLease } from '../journal/index.ts';

/** What a collector holds while it works: no run goes on before it has given it back. */
const NAME = 'gc';
/** Ms between two signs of life of a collector. */
const RENEW_MS = 10_000;
/** A collector is taken for dead when its last sign of life is older. Ms. */
const DEAD_MS = 60_000;
/** A collector that could not give a sign of life for so long deletes nothing more. Ms. */
const OVERDUE_MS = 40_000;

/** Who collects in a store at this moment; `undefined` for nobody alive. `now` in ms since the Unix epoch. */
export async function collectorOf(store: Datastore, now: number): Promise<LeaseOwner | undefined> {
  const lease = await readLease(store, NAME);
  return lease && isAlive(lease, now) ? lease.owner : undefined;
}

function isAlive({ modifiedAt }: Lease, now: number): boolean {
  return now - modifiedAt <= DEAD_MS;
}

/** The right to delete what nobody needs. One has it at a time. */
export class CollectorLease {
  private readonly stopped = new AbortController();
  private renewedAt: number;
  private lost = false;
  private keeping: Promise<void> = Promise.resolve();

  private constructor(
    private readonly store: Datastore,
    private readonly clock: Clock,
    private lease: Lease,
  ) {
    this.renewedAt = clock.now();
  }

  /** Throws `VARVE_GC_BUSY` while somebody else has it. `now` tells the time by which the lease of another is judged. */
  static async take(store: Datastore, clock: Clock): Promise<CollectorLease> {
    const owner = { host: hostname(), pid: process.pid, takenAt: clock.now() };
    const taken = await acquireLease(store, NAME, owner, { isAlive: (lease) => isAlive(lease, clock.now()) });
    if (!taken.held) throw busy(taken.owner);
    const lease = new CollectorLease(store, clock, taken.lease);
    lease.keeping = lease.keep();
    return lease;
  }

  /** Ms since the Unix epoch, by the store's clock: when it was taken. */
  get takenAt(): number {
    return this.lease.modifiedAt;
  }

  /** Throws `VARVE_GC_LOST` when runs may no longer be waiting for this collector. */
  check(): void {
    if (!this.lost && this.clock.now() - this.renewedAt <= OVERDUE_MS) return;
    throw new VarveError('VARVE_GC_LOST', 'varve gc was held up for so long that runs may have started meanwhile.', {
      hint: 'Nothing is damaged, and nothing more was deleted. Run it again.',
    });
  }

  async release(): Promise<void> {
    this.stopped.abort();
    await this.keeping;
    await releaseLease(this.store, this.lease);
  }

  private async keep(): Promise<void> {
    for (;;) {
      try {
        await this.clock.sleep(RENEW_MS, this.stopped.signal);
      } catch {
        return;
      }
      await this.renew();
    }
  }

  /** A renewal that fails is made up for by the next, unless it comes too late. */
  private async renew(): Promise<void> {
    const began = this.clock.now();
    try {
      const renewed = await renewLease(this.store, this.lease);
      if (renewed) {
        this.lease = renewed;
        this.renewedAt = began;
      } else this.lost = true;
    } catch {
      // `check` sees how long it has been.
    }
  }
}

function busy({ host, pid, takenAt }: LeaseOwner): VarveError {
  const since = new Date(takenAt).toISOString();
  return new VarveError('VARVE_GC_BUSY', `varve gc is at work already: process ${pid} on ${host}, since ${since}.`, {
    hint: 'Wait for its end. When it was killed, its place is free again after a minute.',
  });
}
