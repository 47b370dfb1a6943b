import type { Clock, Datastore, RunRecord } from '../contract/index.ts';
import { collectorOf } from '../gc/index.ts';
import { HEARTBEAT_MS, Pulse } from '../journal/index.ts';

/** Ms between two looks at whether a collection has ended. */
const LOOK_MS = 250;

/**
 * Runs `start` when nobody deletes anything from the store. The heartbeat comes first: a collector takes its lease and
 * looks for heartbeats after that, so one of the two sees the other. It beats until `start` has ended.
 */
export async function withoutCollector<T>(
  parts: { readonly store: Datastore; readonly clock: Clock },
  run: Pick<RunRecord, 'flow' | 'id'>,
  onWarning: (message: string) => void,
  start: () => Promise<T>,
): Promise<T> {
  const { store, clock } = parts;
  const pulse = new Pulse({ store, run, clock, intervalMs: HEARTBEAT_MS, heed: () => {} });
  const stopped = new AbortController();
  await pulse.beat();
  void pulse.keep(stopped.signal);
  try {
    let told = false;
    for (let by = await collectorOf(store, clock.now()); by; by = await collectorOf(store, clock.now())) {
      if (!told) onWarning(`waiting for varve gc to end: process ${by.pid} on ${by.host}`);
      told = true;
      await clock.sleep(LOOK_MS);
    }
    return await start();
  } finally {
    stopped.abort();
  }
}
