import { hostname } from 'node:os';
import type {
  CallOptions,
  Clock,
  Datastore,
  RunRecord,
  RunStatus,
  RunSummary,
  TaskStatus,
} from '../../contract/index.ts';
import { bodyOf, createOnce, readObject } from '../objects/body.ts';
import { decodeEnvelope, encodeEnvelope, readStored } from '../objects/envelope.ts';
import { cancelKey, fenceKey, liveKey } from '../objects/keys.ts';
import { asCount, asFields, asString } from '../objects/shape.ts';

/** Ms between two heartbeats, unless a run says otherwise. */
export const HEARTBEAT_MS = 5_000;
/** A run is lost when its heartbeat is older than this many intervals. */
const STALE_INTERVALS = 4;

/** What `runs/<flow>/<id>/live` holds: who drives the run, and how often it says so. */
export interface Heartbeat {
  readonly host: string;
  readonly pid: number;
  /** Ms between two heartbeats. */
  readonly intervalMs: number;
}

/** A heartbeat with when it was last given, by the store's clock, in ms since the Unix epoch. */
export interface SeenHeartbeat extends Heartbeat {
  readonly modifiedAt: number;
}

/** Whether the writer of a heartbeat must be taken for dead. `now` in ms since the Unix epoch. */
export function isStale(heartbeat: Pick<SeenHeartbeat, 'modifiedAt' | 'intervalMs'>, now: number): boolean {
  return now - heartbeat.modifiedAt > STALE_INTERVALS * heartbeat.intervalMs;
}

/**
 * How a run stands. A summary has the last word, then the end its journal tells of (`status` of a `RunState`); a run with
 * neither is running while its heart beats, and lost otherwise: a dead run never looks alive.
 */
export function statusOf(
  run: { readonly summary?: Pick<RunSummary, 'status'> | undefined; readonly status?: RunStatus | undefined },
  heartbeat: Pick<SeenHeartbeat, 'modifiedAt' | 'intervalMs'> | undefined,
  now: number,
): RunStatus {
  if (run.summary) return run.summary.status;
  if (run.status !== undefined && run.status !== 'running') return run.status;
  return heartbeat && !isStale(heartbeat, now) ? 'running' : 'lost';
}

/** What a task of a run in this state is: one that had not ended is lost or cancelled with its run. */
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

/** The heartbeat of a run; `undefined` when it never gave one. */
export async function readHeartbeat(
  store: Datastore,
  run: { readonly flow: string; readonly id: string },
  options: CallOptions = {},
): Promise<SeenHeartbeat | undefined> {
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

/** What stands beside a run from outside. */
export interface Markers {
  /** Another process has taken over: whoever drives the run writes nothing more. */
  readonly fenced: boolean;
  /** Somebody wants the run to stop: results so far are kept. */
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

/** Takes a run away from whoever drives it. `false` when somebody else (`by`, e.g. a run id) did so first. */
export function writeFence(
  store: Datastore,
  run: { readonly flow: string; readonly id: string },
  by: string,
  options: CallOptions = {},
): Promise<boolean> {
  return createOnce(store, fenceKey(run.flow, run.id), [encodeEnvelope('fence', { by })], options);
}

/** Asks whoever drives a run to stop. `false` when somebody asked before. */
export function writeCancel(
  store: Datastore,
  run: { readonly flow: string; readonly id: string },
  by: string,
  options: CallOptions = {},
): Promise<boolean> {
  return createOnce(store, cancelKey(run.flow, run.id), [encodeEnvelope('cancel', { by })], options);
}

export interface HeartbeatTimerOptions {
  readonly store: Datastore;
  readonly run: Pick<RunRecord, 'flow' | 'id'>;
  readonly clock: Clock;
  /** Ms. */
  readonly intervalMs: number;
  /** Told at every beat what stands beside the run, so that a run without events notices too. */
  readonly onMarkers: (markers: Markers) => void;
}

/** Gives a run's heartbeat. */
export class HeartbeatTimer {
  constructor(private readonly options: HeartbeatTimerOptions) {}

  beat(): Promise<void> {
    const { store, run, intervalMs } = this.options;
    return writeHeartbeat(store, run, { host: hostname(), pid: process.pid, intervalMs });
  }

  /** Beats until `signal` aborts. */
  async keep(signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        await this.options.clock.sleep(this.options.intervalMs, signal);
      } catch {
        return;
      }
      await this.beatOnce();
    }
  }

  /** A beat that fails is made up for by the next: several must fail before the run counts as lost. */
  private async beatOnce(): Promise<void> {
    const { store, run, onMarkers: heed } = this.options;
    const [markers] = await Promise.allSettled([checkMarkers(store, run), this.beat()]);
    if (markers.status === 'fulfilled') heed(markers.value);
  }
}
