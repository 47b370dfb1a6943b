import type { CacheEntry } from '../../cache/entry.ts';
import { observer } from '../../cache/observe.ts';
import type { Reason } from '../../cache/reason.ts';
import type { Unusable } from '../../cache/step-index.ts';
import { questionsOf, seenBy } from '../../cache/task-key.ts';
import type { Reference, TaskOutcome, TaskSpec } from '../../contract/index.ts';
import type { RunIdentity } from '../plan/task-spec.ts';

/** What a task that was executed leaves for others. Throws when it says of itself what nobody understands. */
export function entryOf(
  spec: TaskSpec,
  outcome: TaskOutcome & { readonly ok: true },
  from: { readonly identity: RunIdentity; readonly at: number; readonly element: string | undefined },
): CacheEntry {
  const { flow, runId, runNumber } = from.identity;
  const writes: Record<string, Reference> = Object.create(null);
  for (const name in outcome.writes) writes[name] = outcome.writes[name]?.reference as Reference;
  return {
    ...seenBy(observer(spec, from.element), questionsOf(outcome.reads)),
    task: spec.task,
    label: spec.label,
    writes,
    deletes: outcome.deletes,
    ...(outcome.log && { log: outcome.log.reference }),
    ms: outcome.ms,
    generation: 0,
    origin: { flow, runId, number: runNumber },
    at: from.at,
  };
}

/** Why a result that is there is not used. */
export function unusableReason(entry: CacheEntry, because: Unusable): Reason {
  if (because === 'forced') return { code: 'FORCED', text: 'asked for' };
  if (because === 'expired')
    return { code: 'EXPIRED', text: `the result of ${entry.origin.flow}/${entry.origin.number} is too old` };
  const { by, why } = entry.withdrawn ?? { by: 'somebody', why: '' };
  return { code: 'INVALIDATED', text: `by ${by}${why === '' ? '' : `: ${why}`}` };
}
