import { hostname } from 'node:os';
import {
  type CallOptions,
  type Clock,
  type Datastore,
  type RunListing,
  type RunRecord,
  type RunStatus,
  type RunSummary,
  StoreError,
  type TaskStatus,
} from '../../contract/index.ts';
import { bodyOf, createOnce, readObject } from '../objects/body.ts';
import { decodeEnvelope, encodeEnvelope, readStored } from '../objects/envelope.ts';
import { cancelKey, fenceKey, liveKey } from '../objects/keys.ts';
import { asCount, asFields, asString } from '../objects/shape.ts';
import { type Moment, momentOf, msSince } from './moment.ts';

/** Ms between two heartbeats, unless a run says otherwise. */
export const HEARTBEAT_MS = 5_000;
/** A run is lost when its heartbeat is older than this many intervals. */
const STALE_INTERVALS = 4;
/** After so many intervals without a heartbeat its writer looks whether it was taken for dead: well before it can be. */
const SURE_INTERVALS = 2;

/** The content of `runs/<flow>/<id>/live`: the process that drives the run, and its heartbeat interval. */
export interface Heartbeat {
  readonly host: string;
  readonly pid: number;
  /** Ms between two heartbeats. */
  readonly intervalMs: number;
}

/** A heartbeat that was read back. */
export interface StoredHeartbeat extends Heartbeat {
  /** Time of the last beat, in ms since the Unix epoch, by the store's clock. */
  readonly modifiedAt: number;
}

/** True when the writer of a heartbeat counts as dead. `now` in ms since the Unix epoch, by the store's clock. */
export function isStale(heartbeat: Pick<StoredHeartbeat, 'modifiedAt' | 'intervalMs'>, now: number): boolean {
  return now - heartbeat.modifiedAt > STALE_INTERVALS * heartbeat.intervalMs;
}

/**
 * The status of a run. A summary has the last word, then the end in its journal (`status` of a `RunState`); a run with
 * neither is running while its heartbeat is fresh, and lost otherwise: a dead run never looks alive.
 */
export function statusOf(
  run: { readonly summary?: Pick<RunSummary, 'status'> | undefined; readonly status?: RunStatus | undefined },
  heartbeat: Pick<StoredHeartbeat, 'modifiedAt' | 'intervalMs'> | undefined,
  now: number,
): RunStatus {
  if (run.summary) return run.summary.status;
  if (run.status !== undefined && run.status !== 'running') return run.status;
  return heartbeat && !isStale(heartbeat, now) ? 'running' : 'lost';
}

/** The status of a task, given that of its run: a task that had not ended is lost or cancelled with its run. */
export function taskStatusIn(run: RunStatus, task: TaskStatus): TaskStatus {
  if (run === 'running' || (task !== 'running' && task !== 'queued')) return task;
  return run === 'lost' ? 'lost' : 'cancelled';
}

export async function writeHeartbeat(
  store: Datastore,
  run: { readonly flow: string; readonly id: string },
  heartbeat: Heartbeat,
  options: CallOptions = {},
): Promise<void> {
  await store.put(liveKey(run.flow, run.id), bodyOf([encodeEnvelope('live', heartbeat)]), options);
}

/** The heartbeat of a run; `undefined` when there never was one. */
export async function readHeartbeat(
  store: Datastore,
  run: { readonly flow: string; readonly id: string },
  options: CallOptions = {},
): Promise<StoredHeartbeat | undefined> {
  const key = liveKey(run.flow, run.id);
  const info = await store.stat(key, options);
  const bytes = info && (await readObject(store, key, options));
  if (!bytes) return undefined;
  return readStored(key, () => {
    const fields = asFields(decodeEnvelope('live', bytes, key), '');
    return {
      host: asString(fields.host, '.host'),
      pid: asCount(fields.pid, '.pid'),
      intervalMs: asCount(fields.intervalMs, '.intervalMs'),
      modifiedAt: info.modifiedAt,
    };
  });
}

/** Requests of other processes to a run. */
export interface Markers {
  /** Another process has taken over: the run writes nothing more. */
  readonly fenced: boolean;
  /** The run is to stop: results so far are kept. */
  readonly cancelled: boolean;
}

export async function checkMarkers(
  store: Datastore,
  run: { readonly flow: string; readonly id: string },
  options: CallOptions = {},
): Promise<Markers> {
  const [fence, cancel] = await Promise.all([
    store.stat(fenceKey(run.flow, run.id), options),
    store.stat(cancelKey(run.flow, run.id), options),
  ]);
  return { fenced: fence !== undefined, cancelled: cancel !== undefined };
}

/** Asks a run to stop. `false` when it had been asked before. */
export function writeCancel(
  store: Datastore,
  run: { readonly flow: string; readonly id: string },
  by: string,
  options: CallOptions = {},
): Promise<boolean> {
  return createOnce(store, cancelKey(run.flow, run.id), [encodeEnvelope('cancel', { by })], options);
}

/**
 * The status of a listed run; `status` is the end in its journal, where that was read. A run that another process has taken over is
 * lost, also while its own process, which may only have slept, still beats. `now`: by the store's clock. A heartbeat that is
 * stale is read once more: a slow store may have taken so long for the answers that a fresh one aged meanwhile.
 */
export async function readStatus(
  store: Datastore,
  listing: RunListing & { readonly status?: RunStatus },
  now: () => Promise<number>,
): Promise<RunStatus> {
  const { record, summary, status: ended = 'running' } = listing;
  const heartbeat = summary ? undefined : await readHeartbeat(store, record);
  const time = heartbeat && ended === 'running' ? await now() : 0;
  const first = statusOf(listing, heartbeat, time);
  const status = first === 'lost' && time > 0 ? statusOf(listing, await readHeartbeat(store, record), time) : first;
  if (status !== 'running') return status;
  return (await store.stat(fenceKey(record.flow, record.id))) ? 'lost' : status;
}

/** Markers for a process that may have slept: when its heartbeat was deleted, it was taken for dead a long time ago. */
async function markersAfterSleep(store: Datastore, run: Pick<RunRecord, 'flow' | 'id'>): Promise<Markers> {
  const [markers, live] = await Promise.all([checkMarkers(store, run), store.stat(liveKey(run.flow, run.id))]);
  return { ...markers, fenced: markers.fenced || live === undefined };
}

export interface HeartbeatTimerOptions {
  readonly store: Datastore;
  readonly run: Pick<RunRecord, 'flow' | 'id'>;
  readonly clock: Clock;
  /** Ms. */
  readonly intervalMs: number;
  /** When the last beat began, if the run has had one. */
  readonly beatenAt?: Moment | undefined;
  /** Called at every beat, so that a run without events notices requests too. */
  readonly onMarkers: (markers: Markers) => void;
}

/** Writes the heartbeat of a run at its interval, and knows whether another process may have taken the run for dead. */
export class HeartbeatTimer {
  private last: Moment | undefined;
  private fenced = false;
  private confirming: Promise<void> | undefined;

  constructor(private readonly options: HeartbeatTimerOptions) {
    this.last = options.beatenAt;
  }

  /** When the last beat that succeeded began; `undefined` before the first one. */
  get beatenAt(): Moment | undefined {
    return this.last;
  }

  /** True while no other process can have taken the run for dead. */
  get isSure(): boolean {
    const { clock, intervalMs } = this.options;
    return !this.fenced && this.last !== undefined && msSince(this.last, clock) <= SURE_INTERVALS * intervalMs;
  }

  async beat(): Promise<void> {
    const { store, run, clock, intervalMs } = this.options;
    const began = momentOf(clock);
    // One that had to wait may be made when the run was long taken for dead and removed: the next one looks first.
    const beforeAttempt = () => {
      if (this.last !== undefined && msSince(began, clock) > SURE_INTERVALS * intervalMs) throw tooLate();
    };
    await writeHeartbeat(store, run, { host: hostname(), pid: process.pid, intervalMs }, { beforeAttempt });
    this.last = began;
  }

  /** Beats until `signal` aborts, or another process has taken over. */
  async keep(signal: AbortSignal): Promise<void> {
    while (!this.fenced) {
      try {
        await this.options.clock.sleep(this.options.intervalMs, signal);
      } catch {
        return;
      }
      await this.beatOnce();
    }
  }

  /**
   * Resolves when it is certain whether another process has taken over: `onMarkers` was told before. Asks the store only after
   * a time without heartbeats, as after a sleep of the machine, and then beats again.
   */
  confirm(): Promise<void> {
    if (this.isSure || this.fenced) return Promise.resolve();
    this.confirming ??= this.beatAgain().finally(() => {
      this.confirming = undefined;
    });
    return this.confirming;
  }

  /** Asks the store whether another process has taken over, whatever the clocks say: those of a machine that is held still with it. */
  async look(): Promise<void> {
    const { store, run } = this.options;
    this.tell(await markersAfterSleep(store, run));
  }

  /** A process that was taken for dead must not look alive again, so it looks first; and after it, for who was about to. */
  private async beatAgain(): Promise<void> {
    await this.look();
    if (this.fenced) return;
    await this.beat();
    await this.look();
  }

  /** One failed beat does no harm: several must fail before the run counts as lost. */
  private async beatOnce(): Promise<void> {
    if (!this.isSure) return this.confirm().catch(() => {});
    const { store, run } = this.options;
    const [markers] = await Promise.allSettled([checkMarkers(store, run), this.beat()]);
    if (markers.status === 'fulfilled') this.tell(markers.value);
  }

  private tell(markers: Markers): void {
    this.fenced ||= markers.fenced;
    this.options.onMarkers(markers);
  }
}

function tooLate(): StoreError {
  return new StoreError('unavailable', 'the heartbeat could not be written in time', { retryable: true });
}
