import { randomUUID } from 'node:crypto';
import { type Datastore, type RunRecord, type RunStatus, VarveError } from '@varve/core/contract';
import { writeCancel } from '@varve/core/internal';

/**
 * Result of a request to cancel a run: `asked`, its process stops within seconds; `asked-before`, the request had been made
 * already; `cancelled-before`, the run had ended as cancelled; `lost`, its process is gone and would stop if it came back.
 */
export type Cancellation = 'asked' | 'asked-before' | 'cancelled-before' | 'lost';

/** `status` is the current one, `who` the user who asks. Throws `VARVE_RUN_ENDED` for a run that has succeeded or failed. */
export async function cancelRun(
  store: Datastore,
  run: Pick<RunRecord, 'flow' | 'id' | 'number'>,
  status: RunStatus,
  who: string,
): Promise<Cancellation> {
  if (status === 'succeeded' || status === 'failed') throw endedError(run, status);
  if (status === 'cancelled') return 'cancelled-before';
  // The bytes are unique, so the create succeeds for the first request only, also when it is retried.
  const isFirst = await writeCancel(store, run, `${who} ${randomUUID()}`);
  if (status === 'lost') return 'lost';
  return isFirst ? 'asked' : 'asked-before';
}

function endedError({ flow, number }: Pick<RunRecord, 'flow' | 'number'>, status: string): VarveError {
  return new VarveError('VARVE_RUN_ENDED', `${flow}/${number} has ended already: it ${status}`, {
    hint: `There is nothing left to cancel. See what it did: varve show ${flow}/${number}`,
  });
}
