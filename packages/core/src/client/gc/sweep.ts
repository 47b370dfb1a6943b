import type { CallOptions, Datastore, MetadataProvider, ObjectInfo } from '../../contract/index.ts';
import { liveKey } from '../../store/objects/key.ts';
import type { SweepPlan } from './plan-sweep.ts';

/** Objects deleted at once. */
const WIDTH = 16;

export interface SweepTools extends CallOptions {
  readonly store: Datastore;
  readonly metadata: MetadataProvider;
  /** Throws when nothing more may be deleted. */
  check(): void;
}

/**
 * Deletes what goes, one kind after the other: first what points to something, then what it pointed to. Stopped at any
 * place, what stays is whole, and the next collection finds the rest.
 */
export async function sweep(plan: SweepPlan, tools: SweepTools): Promise<void> {
  const { store, metadata, signal } = tools;
  const options = signal ? { signal } : {};
  const remove = ({ key }: ObjectInfo) => store.delete(key, options);
  await each(plan.pages, tools, remove);
  await each(plan.runs, tools, async (run) => {
    // So that what is left of a removed run is never taken for one whose process is asleep.
    await store.delete(liveKey(run.flow, run.id), options);
    await metadata.removeRun?.(run, options);
  });
  await each(plan.others, tools, remove);
  await each(plan.batches, tools, remove);
  await each(plan.blobs, tools, remove);
  await each(plan.quarantine, tools, remove);
}

/** Comes back when no deletion is under way any more, also when one of them failed. */
async function each<T>(
  items: readonly T[],
  { check, signal }: SweepTools,
  remove: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  let failed = false;
  const work = async () => {
    try {
      for (let next = queue.next(); !next.done && !failed; next = queue.next()) {
        signal?.throwIfAborted();
        check();
        await remove(next.value);
      }
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: WIDTH }, work));
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}
