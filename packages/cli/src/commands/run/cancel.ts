import type { Cancellation, History } from '@varve/client';
import { type RunRecord, type RunStatus, VarveError } from '@varve/core/contract';

import { EXIT } from '../../exit-codes.ts';
import { print, printJson } from '../../print/stdout.ts';
import { withHistory } from '../open-project.ts';
import type { CommonOptions } from '../options.ts';
import { readPathspec } from '../targets.ts';

export interface CancelOptions extends CommonOptions {
  readonly wait: boolean;
}

/** A run checks for cancellation every 5 s, and gives its tasks 10 s then. */
const WAIT_MS = 20_000;

/** `varve cancel`: exit code 0 when the run has stopped, or with `--no-wait`; 1 when it still runs after 20 s. */
export async function cancel(target: string, options: CancelOptions): Promise<number> {
  const path = readPathspec(target);
  if (path.task !== undefined) {
    throw new VarveError('VARVE_USAGE', `${target} is a task, and only a whole run can be cancelled`, {
      hint: `Name the run: varve cancel ${target.slice(0, -path.task.length - 1)}`,
    });
  }
  return withHistory(options, async ({ history }) => {
    const { record } = await history.listing(path);
    const outcome = await history.cancel(record);
    const isGoingOn = outcome === 'asked' || outcome === 'asked-before';
    const status = isGoingOn && options.wait ? await endOf(history, record, options) : statusAfter(outcome);
    if (options.json) printJson({ cancel: { flow: record.flow, number: record.number, outcome, status } });
    else print(cancelMessage(record, outcome, status, options.wait));
    return isGoingOn && options.wait && status === 'running' ? EXIT.failed : EXIT.ok;
  });
}

async function endOf(history: History, record: RunRecord, { json }: CancelOptions): Promise<RunStatus> {
  const name = `${record.flow}/${record.number}`;
  if (!json) process.stderr.write(`${name} is told to stop; its tasks have 10 s for that\n`);
  const signal = AbortSignal.timeout(WAIT_MS);
  try {
    return await history.whenFinished(record, signal);
  } catch (error) {
    if (signal.aborted) return 'running';
    throw error;
  }
}

function statusAfter(outcome: Cancellation): RunStatus {
  if (outcome === 'cancelled-before') return 'cancelled';
  return outcome === 'lost' ? 'lost' : 'running';
}

function cancelMessage({ flow, number }: RunRecord, outcome: Cancellation, status: RunStatus, waited: boolean): string {
  const name = `${flow}/${number}`;
  const resume = `To go on with it: varve resume ${name}`;
  if (outcome === 'cancelled-before') return `${name} was cancelled before. ${resume}`;
  if (outcome === 'lost') return `${name} is lost: its process is gone, so there is nothing to stop. ${resume}`;
  if (status === 'cancelled') return `${name} is cancelled; what had finished is kept. ${resume}`;
  if (status !== 'running') return `${name} has ended: it ${status === 'lost' ? 'is lost' : status}.`;
  const message = outcome === 'asked' ? `${name} is told to stop` : `${name} had been told to stop before`;
  return waited ? `${message}, but it still goes on. See whether it ends: varve show ${name}` : `${message}.`;
}
