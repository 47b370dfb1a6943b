import { hostname } from 'node:os';
import { type CallOptions, type Clock, type Datastore, type RunRecord, VarveError } from '../../contract/index.ts';
import { HEARTBEAT_MS, HeartbeatTimer, type Markers } from './heartbeat.ts';
import { acquireLease, type Lease, type LeaseOwner, lookAgain, readLease, releaseLease, renewLease } from './lease.ts';
import { type Moment, momentOf, msSince } from './moment.ts';
import { StoreClock } from './store-clock.ts';

/** Name of the lease that a collector holds while it works: no run continues before it is released. */
const NAME = 'gc';
/** Ms between two renewals of a collector's lease. */
const RENEW_MS = 10_000;
/** A collector counts as dead when its last renewal is older. Ms. */
const DEAD_MS = 60_000;
/** A collector that could not renew its lease for so long deletes nothing more. Ms. */
const OVERDUE_MS = 40_000;
/** Ms between two checks for the end of a collection. */
const POLL_MS = 250;

export interface WaitOptions extends CallOptions {
  /** Called once with the owner of the lease, before the wait begins. */
  onWait?(owner: LeaseOwner): void;
}

/**
 * Resolves when no collection is under way. A collector takes its lease first and then looks for heartbeats and pins, so
 * a caller that has written one before is seen by every collector that this call has not seen.
 */
export async function waitForGc(store: Datastore, clock: Clock, options: WaitOptions = {}): Promise<void> {
  const { onWait, ...call } = options;
  const storeClock = new StoreClock(store, clock, call);
  for (let waiting = false; ; waiting = true) {
    const owner = await collectorOf(store, storeClock, call);
    if (!owner) return;
    if (!waiting) onWait?.(owner);
    await clock.sleep(POLL_MS, call.signal);
  }
}

/** Owner of the collection that is under way; `undefined` when there is none, or when its process counts as dead. */
export async function collectorOf(
  store: Datastore,
  storeClock: StoreClock,
  options: CallOptions = {},
): Promise<LeaseOwner | undefined> {
  const lease = await readLease(store, NAME, options);
  return lease && aliveOwner(store, lease, storeClock, options);
}

/** A lease that is stale is read once more: a slow store may have taken so long to tell the time that it was renewed meanwhile. */
async function aliveOwner(
  store: Datastore,
  lease: Lease,
  storeClock: StoreClock,
  options: CallOptions = {},
): Promise<LeaseOwner | undefined> {
  const now = await storeClock.now();
  if (now - lease.modifiedAt <= DEAD_MS) return lease.owner;
  const again = await lookAgain(store, lease, options);
  return again && now - again.modifiedAt <= DEAD_MS ? again.owner : undefined;
}

/** The right to delete unneeded objects. One process has it at a time. */
export class CollectorLease {
  private readonly stopped = new AbortController();
  private lost = false;
  private keeping: Promise<void> = Promise.resolve();

  private constructor(
    private readonly store: Datastore,
    private readonly clock: Clock,
    private lease: Lease,
    /** When the last renewal that succeeded began. */
    private renewedAt: Moment,
  ) {}

  /** Throws `VARVE_GC_BUSY` while another process has it. */
  static async take(store: Datastore, clock: Clock): Promise<CollectorLease> {
    const owner = { host: hostname(), pid: process.pid, takenAt: clock.now() };
    const storeClock = new StoreClock(store, clock);
    const began = momentOf(clock);
    const isAlive = async (lease: Lease) => (await aliveOwner(store, lease, storeClock)) !== undefined;
    const taken = await acquireLease(store, NAME, owner, { isAlive });
    if (!taken.held) throw gcBusy(taken.owner);
    const lease = new CollectorLease(store, clock, taken.lease, began);
    lease.keeping = lease.keep();
    return lease;
  }

  /** When it was taken or renewed last, ms since the Unix epoch, by the store's clock. */
  get takenAt(): number {
    return this.lease.modifiedAt;
  }

  /** Throws `VARVE_GC_LOST` when runs may no longer be waiting for this collector. */
  check(): void {
    if (!this.lost && msSince(this.renewedAt, this.clock) <= OVERDUE_MS) return;
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

  /** After a failed renewal the next one may still be in time. */
  private async renew(): Promise<void> {
    const began = momentOf(this.clock);
    try {
      const renewed = await renewLease(this.store, this.lease);
      if (renewed) {
        this.lease = renewed;
        this.renewedAt = began;
      } else this.lost = true;
    } catch {
      // `check` compares the time of the last renewal.
    }
  }
}

export interface GuardOptions {
  readonly onWarning: (message: string) => void;
  /** The error when a collector has taken this process for dead. */
  readonly lost: () => VarveError;
}

/** The protection from collectors that a heartbeat gives. */
export interface Guard {
  /** Aborts with the error of `lost` once it is known that the protection has ended. */
  readonly signal: AbortSignal;
  /** When the last heartbeat began. */
  readonly beatenAt: Moment | undefined;
  /** To be called before anything becomes visible: throws the error of `lost` when the protection has ended. */
  confirm(): Promise<void>;
  /** The same, but it asks the store in any case: two requests. */
  look(): Promise<void>;
}

/**
 * Runs `start` when no collection is under way. The heartbeat comes first, so that a collector that does not hold its
 * lease yet sees the run. It beats until `start` has ended. Rejects with the error of `lost` whenever a collector has taken this
 * process for dead meanwhile, because it slept: what `start` has written may be gone.
 */
export async function withoutCollector<T>(
  parts: { readonly store: Datastore; readonly clock: Clock },
  run: Pick<RunRecord, 'flow' | 'id'>,
  { onWarning, lost }: GuardOptions,
  start: (guard: Guard) => Promise<T>,
): Promise<T> {
  const { store, clock } = parts;
  const ended = new AbortController();
  const onMarkers = ({ fenced }: Markers) => fenced && !ended.signal.aborted && ended.abort(lost());
  const heartbeat = new HeartbeatTimer({ store, run, clock, intervalMs: HEARTBEAT_MS, onMarkers });
  const stopped = new AbortController();
  const guard: Guard = {
    signal: ended.signal,
    get beatenAt() {
      return heartbeat.beatenAt;
    },
    async confirm() {
      await heartbeat.confirm();
      ended.signal.throwIfAborted();
    },
    async look() {
      await heartbeat.look();
      ended.signal.throwIfAborted();
    },
  };
  await heartbeat.beat();
  void heartbeat.keep(stopped.signal);
  try {
    const onWait = ({ pid, host }: { readonly pid: number; readonly host: string }) =>
      onWarning(`waiting for varve gc to end: process ${pid} on ${host}`);
    await waitForGc(store, clock, { onWait });
    await guard.confirm();
    const done = await start(guard);
    await guard.confirm();
    return done;
  } catch (error) {
    throw ended.signal.aborted ? ended.signal.reason : error;
  } finally {
    stopped.abort();
  }
}

function gcBusy({ host, pid, takenAt }: LeaseOwner): VarveError {
  const since = new Date(takenAt).toISOString();
  return new VarveError('VARVE_GC_BUSY', `varve gc is at work already: process ${pid} on ${host}, since ${since}.`, {
    hint: 'Wait for its end. When it was killed, its place is free again after a minute.',
  });
}
