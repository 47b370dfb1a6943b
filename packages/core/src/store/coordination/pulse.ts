import { hostname } from 'node:os';
import type { Clock, Datastore, RunRecord } from '../../contract/index.ts';
import { checkMarkers, type Markers, writeHeartbeat } from './heartbeat.ts';

export interface PulseOptions {
  readonly store: Datastore;
  readonly run: Pick<RunRecord, 'flow' | 'id'>;
  readonly clock: Clock;
  /** Ms. */
  readonly intervalMs: number;
  /** Told at every beat what stands beside the run, so that a run without events notices too. */
  readonly heed: (markers: Markers) => void;
}

/** Gives a run's heartbeat. */
export class Pulse {
  constructor(private readonly options: PulseOptions) {}

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
    const { store, run, heed } = this.options;
    const [markers] = await Promise.allSettled([checkMarkers(store, run), this.beat()]);
    if (markers.status === 'fulfilled') heed(markers.value);
  }
}
