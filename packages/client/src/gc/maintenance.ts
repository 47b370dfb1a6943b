import { type MetadataProvider, type RunListing, type RunRecord, VarveError } from '@varve/core/contract';
import {
  cancelKey,
  DatastoreJournal,
  fenceKey,
  fenceRun,
  isPinned,
  liveKey,
  pinKey,
  pinRun,
  readStatus,
  runPrefix,
  StoreClock,
  unpinRun,
  type WaitOptions,
  waitForGc,
} from '@varve/core/internal';

import { collect, type GcOptions, type GcParts, type GcPlan, planCollection } from './collect.ts';

export interface PinOptions extends WaitOptions {
  readonly reason?: string;
}

/** Keeps a store small: collects garbage, removes runs and pins them. */
export class Maintenance {
  constructor(private readonly parts: GcParts) {}

  /** The plan that `collect` would execute. Changes nothing. */
  plan(options: GcOptions): Promise<GcPlan> {
    return planCollection(this.parts, options);
  }

  /** Deletes everything that no kept run or page needs. Throws `VARVE_GC_LIVE` and `VARVE_GC_BUSY`. */
  collect(options: GcOptions): Promise<GcPlan> {
    return collect(this.parts, options);
  }

  /** Removes a run. Throws `VARVE_RUN_LIVE`, `VARVE_RUN_PINNED` and `VARVE_METADATA_UNSUITABLE`. */
  remove(listing: RunListing, options: RemoveOptions = {}): Promise<void> {
    return removeRun(listing, this.parts, options);
  }

  /**
   * Keeps a run until it is unpinned. Returns `false` when it was pinned already. Waits for the end of a running
   * collection, which may not have seen the pin. Throws `VARVE_NO_RUN` when that has removed the run.
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

  /** Returns `false` when it was not pinned. */
  unpin(run: RunRecord): Promise<boolean> {
    return unpinRun(this.parts.store, run);
  }
}

export interface RemoveOptions {
  /** Removes a pinned run, too. */
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/**
 * Removes the record of one run. Its batches, large artifacts and results stay until they are collected, because other
 * runs may refer to them. Throws `VARVE_RUN_LIVE`, `VARVE_RUN_PINNED` or `VARVE_METADATA_UNSUITABLE`.
 */
export async function removeRun(
  listing: RunListing,
  { store, metadata: external, clock }: Pick<GcParts, 'store' | 'metadata' | 'clock'>,
  options: RemoveOptions = {},
): Promise<void> {
  const metadata = external ?? new DatastoreJournal(store);
  const { record } = listing;
  const name = `${record.flow}/${record.number}`;
  if (!metadata.removeRun) throw cannotRemove(metadata);
  if ((await readStatus(store, listing, () => new StoreClock(store, clock).now())) === 'running') {
    throw new VarveError('VARVE_RUN_LIVE', `${name} is going on, so it is not removed.`, {
      hint: `Stop it first (varve cancel ${name}), or wait for its end. A run that was killed counts as going on for 20 seconds.`,
    });
  }
  const pinned = await isPinned(store, record);
  if (pinned && !options.force) {
    throw new VarveError('VARVE_RUN_PINNED', `${name} is pinned, so it is not removed.`, {
      hint: `Take the pin away with varve unpin ${name}, or remove it all the same with --force.`,
    });
  }
  if (options.dryRun) return;
  const { flow, id } = record;
  // Its process may only be asleep: it must not go on after the removal.
  if (!listing.summary) await fenceRun(store, runPrefix(flow, id), 'runs rm', { metadata: external });
  await store.delete(liveKey(flow, id));
  await metadata.removeRun(record);
  const markers = listing.summary ? [fenceKey(flow, id)] : [];
  for (const key of [cancelKey(flow, id), pinKey(flow, id), ...markers]) await store.delete(key);
}

function cannotRemove({ name }: MetadataProvider): VarveError {
  return new VarveError('VARVE_METADATA_UNSUITABLE', `${name} cannot remove runs.`, {
    hint: 'Its plugin has no removeRun: ask its author for it, or remove runs with the tools of that service.',
  });
}
