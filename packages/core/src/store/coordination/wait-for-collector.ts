import type { Clock, Datastore, RunRecord } from '../../contract/index.ts';
import { waitForGc } from './collector-lease.ts';
import { HEARTBEAT_MS } from './heartbeat.ts';
import { Pulse } from './pulse.ts';

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
  const pulse = new Pulse({ store, run, clock, intervalMs: HEARTBEAT_MS, heed: () => {} });
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
