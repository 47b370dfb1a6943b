import type { RunListing, RunRecord } from '../contract/index.ts';
import { collect, type GcOptions, type GcParts, type GcPlan, planCollection } from './collect.ts';
import { pinRun, unpinRun } from './pins.ts';
import { type RemoveOptions, removeRun } from './remove-run.ts';

/** Keeps a store small: what may be done with runs that have ended. */
export class Upkeep {
  constructor(private readonly parts: GcParts) {}

  /** What `collect` would delete. Changes nothing. */
  plan(options: GcOptions): Promise<GcPlan> {
    return planCollection(this.parts, options);
  }

  /** Deletes what nobody needs. Throws `VARVE_GC_LIVE` and `VARVE_GC_BUSY`. */
  collect(options: GcOptions): Promise<GcPlan> {
    return collect(this.parts, options);
  }

  /** Forgets a run. Throws `VARVE_RUN_LIVE`, `VARVE_RUN_PINNED` and `VARVE_METADATA_UNSUITABLE`. */
  remove(listing: RunListing, options: RemoveOptions = {}): Promise<void> {
    return removeRun(listing, this.parts, options);
  }

  /** Keeps a run until it is unpinned. `false` when it was pinned before. */
  pin(run: RunRecord, by: string, reason?: string): Promise<boolean> {
    const { store, clock } = this.parts;
    return pinRun(store, run, { by, at: clock.now(), ...(reason !== undefined && { reason }) });
  }

  /** `false` when it was not pinned. */
  unpin(run: RunRecord): Promise<boolean> {
    return unpinRun(this.parts.store, run);
  }
}
