import { hostname } from 'node:os';
import { type CallOptions, type Clock, type Datastore, type RunRecord, VarveError } from '../../contract/index.ts';
import { HEARTBEAT_MS, HeartbeatTimer } from './heartbeat.ts';
import { acquireLease, type Lease, type LeaseOwner, readLease, releaseLease, renewLease } from './lease.ts';
import { StoreClock } from './store-clock.ts';

/** What a collector holds while it works: no run goes on before it has given it back. */
const NAME = 'gc';
/** Ms between two signs of life of a collector. */
const RENEW_MS = 10_000;
/** A collector is taken for dead when its last sign of life is older. Ms. */
const DEAD_MS = 60_000;
/** A collector that could not give a sign of life for so long deletes nothing more. Ms. */
const OVERDUE_MS = 40_000;

/** Ms between two looks at whether a collection has ended. */
const LOOK_MS = 250;

export interface WaitOptions extends CallOptions {
  /** Told once who collects, before the wait begins. */
  onWait?(owner: LeaseOwner): void;
}

/**
 * Resolves when nobody collects. A collector takes its lease first and then looks for heartbeats and pins, so whoever has
 * written one before this call is seen by every collector that this call has not seen.
 */
export async function waitForGc(store: Datastore, clock: Clock, options: WaitOptions = {}): Promise<void> {
  const { onWait, ...call } = options;
  const storeClock = new StoreClock(store, clock, call);
  for (let told = false; ; told = true) {
    const owner = await collectorOf(store, storeClock, call);
    if (!owner) return;
    if (!told) onWait?.(owner);
    await clock.sleep(LOOK_MS, call.signal);
  }
}

/** Who collects in a store at this moment; `undefined` for nobody alive. */
export async function collectorOf(
  store: Datastore,
  storeClock: StoreClock,
  options: CallOptions = {},
): Promise<LeaseOwner | undefined> {
  const lease = await readLease(store, NAME, options);
  return lease && (await isAlive(lease, storeClock)) ? lease.owner : undefined;
}

async function isAlive({ modifiedAt }: Lease, storeClock: StoreClock): Promise<boolean> {
  return (await storeClock.now()) - modifiedAt <= DEAD_MS;
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

  /** Throws `VARVE_GC_BUSY` while somebody else has it. */
  static async take(store: Datastore, clock: Clock): Promise<CollectorLease> {
    const owner = { host: hostname(), pid: process.pid, takenAt: clock.now() };
    const storeClock = new StoreClock(store, clock);
    const taken = await acquireLease(store, NAME, owner, { isAlive: (lease) => isAlive(lease, storeClock) });
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

/**
 * Runs `start` when nobody deletes anything from the store. The heartbeat comes first, so that a collector that does not
 * hold its lease yet sees the run. It beats until `start` has ended.
 */
export async function withoutCollector<T>(
  parts: { readonly store: Datastore; readonly clock: Clock },
  run: Pick<RunRecord, 'flow' | 'id'>,
  onWarning: (message: string) => void,
  start: () => Promise<T>,
): Promise<T> {
  const { store, clock } = parts;
  const pulse = new HeartbeatTimer({ store, run, clock, intervalMs: HEARTBEAT_MS, onMarkers: () => {} });
  const stopped = new AbortController();
  await pulse.beat();
  void pulse.keep(stopped.signal);
  try {
    const onWait = ({ pid, host }: { readonly pid: number; readonly host: string }) =>
      onWarning(`waiting for varve gc to end: process ${pid} on ${host}`);
    await waitForGc(store, clock, { onWait });
    return await start();
  } finally {
    stopped.abort();
  }
}
