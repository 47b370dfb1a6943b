import { randomUUID } from 'node:crypto';
import { type Datastore, type RunRecord, type RunStatus, VarveError } from '@varve/core/contract';
import { writeCancel } from '@varve/core/internal';

/**
 * What became of the wish that a run stops: `asked`, its process notices within seconds; `asked-before`, somebody else had
 * asked; `cancelled-before`, it had ended so already; `lost`, its process is gone, and should it come back it stops.
 */
export type Cancellation = 'asked' | 'asked-before' | 'cancelled-before' | 'lost';

/** `status`: how the run stands now. `who` asks. Throws `VARVE_RUN_ENDED` for a run that has succeeded or failed. */
export async function cancelRun(
  store: Datastore,
  run: Pick<RunRecord, 'flow' | 'id' | 'number'>,
  status: RunStatus,
  who: string,
): Promise<Cancellation> {
  if (status === 'succeeded' || status === 'failed') throw endedError(run, status);
  if (status === 'cancelled') return 'cancelled-before';
  // Nobody else writes the same bytes: whoever finds others there has not been the first.
  const isFirst = await writeCancel(store, run, `${who} ${randomUUID()}`);
  if (status === 'lost') return 'lost';
  return isFirst ? 'asked' : 'asked-before';
}

function endedError({ flow, number }: Pick<RunRecord, 'flow' | 'number'>, status: string): VarveError {
  return new VarveError('VARVE_RUN_ENDED', `${flow}/${number} has ended already: it ${status}`, {
    hint: `There is nothing left to cancel. See what it did: varve show ${flow}/${number}`,
  });
}
