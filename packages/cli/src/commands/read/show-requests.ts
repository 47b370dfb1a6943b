import type { RunView } from '@varve/client';
import { VarveError } from '@varve/core/contract';
import { type StoreUsage, usageIn } from '@varve/core/internal';
import { bytes, type Paint } from '../../print/format.ts';
import { statusText } from '../../print/status.ts';
import { table } from '../../print/table.ts';

const CALLS: readonly (readonly [string, 'put' | 'get' | 'stat' | 'list' | 'copy' | 'delete'])[] = [
  ['write', 'put'],
  ['read', 'get'],
  ['look up', 'stat'],
  ['list', 'list'],
  ['copy', 'copy'],
  ['delete', 'delete'],
];

/** `varve show --requests`: the calls of a run to its store. */
export function renderRequests(run: RunView, paint: Paint): string {
  const usage = usageOf(run);
  const all = CALLS.reduce((sum, [, name]) => sum + usage[name], 0);
  const crossed = { put: bytes(usage.bytesWritten), get: bytes(usage.bytesRead) } as Record<string, string>;
  const rows = CALLS.map(([word, name]) => [word, String(usage[name]), crossed[name] ?? '']);
  const saved = usage.bytesSaved > 0 ? [['saved', '', `${bytes(usage.bytesSaved)} by compression`]] : [];
  return [
    `${paint('bold', `${run.flow} #${run.number}`)}  ${statusText(run.status, paint)}`,
    '',
    table(['CALL', 'TIMES', 'BYTES'], [...rows, ...saved, ['in all', String(all), perTask(all, run)]]),
  ].join('\n');
}

/** Throws `VARVE_NOT_COUNTED` for a run that has not ended: its calls are counted at its end. */
function usageOf(run: RunView): StoreUsage {
  const usage = usageIn(run.summary?.metrics);
  if (usage) return usage;
  const name = `${run.flow}/${run.number}`;
  throw new VarveError('VARVE_NOT_COUNTED', `no calls to the store are recorded for ${name}`, {
    hint: run.summary
      ? 'It was made by an older version of varve, or in memory by a test.'
      : 'They are recorded when a run ends: this one is going on, or it was killed.',
  });
}

function perTask(calls: number, run: RunView): string {
  const tasks = run.steps.reduce((sum, step) => sum + step.total, 0);
  return tasks === 0 ? '' : `${(calls / tasks).toFixed(3)} a task`;
}
