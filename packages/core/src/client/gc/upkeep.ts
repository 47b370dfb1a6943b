import { type RunListing, type RunRecord, VarveError } from '../../contract/index.ts';
import { type WaitOptions, waitForGc } from '../../store/coordination/collector-lease.ts';
import { pinRun, unpinRun } from '../../store/coordination/pins.ts';
import { DatastoreJournal } from '../../store/journal/journal-store.ts';
import { collect, type GcOptions, type GcParts, type GcPlan, planCollection } from './collect.ts';
import { type RemoveOptions, removeRun } from './remove-run.ts';

export interface PinOptions extends WaitOptions {
  readonly reason?: string;
}

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

  /**
   * Keeps a run until it is unpinned. `false` when it was pinned before. A collection under way may have decided before
   * it saw the pin: its end is waited for. Throws `VARVE_NO_RUN` when it has removed the run.
   */
  async pin(run: RunRecord, by: string, options: PinOptions = {}): Promise<boolean> {
    const { store, clock, metadata = new DatastoreJournal(store) } = this.parts;
    const { reason, ...wait } = options;
    const fresh = await pinRun(store, run, { by, at: clock.now(), ...(reason !== undefined && { reason }) });
    await waitForGc(store, clock, wait);
    if (await metadata.run(run.flow, run.id)) return fresh;
    await unpinRun(store, run);
    throw new VarveError('VARVE_NO_RUN', `varve gc has removed ${run.flow}/${run.number} before it was pinned`);
  }

  /** `false` when it was not pinned. */
  unpin(run: RunRecord): Promise<boolean> {
    return unpinRun(this.parts.store, run);
  }
}
