import type { GcPlan, KeepReason } from '@varve/core/app';
import type { ObjectInfo } from '@varve/core/contract';
import { bytes, type Paint } from '../../print/format.ts';
import { table } from '../../print/table.ts';

/** What `varve gc` has found, and done unless it is a dry run. */
export interface GcOutcome {
  readonly store: string;
  readonly dryRun: boolean;
  readonly plan: GcPlan;
  /** Of the project's own folder. */
  readonly local: { readonly files: number; readonly bytes: number };
  readonly keepLast: number;
  readonly older: string;
}

/** Names of runs in a table at most. */
const NAMES_MAX = 12;

export function renderGc(outcome: GcOutcome, paint: Paint): string {
  const { store, dryRun, plan, local } = outcome;
  const lines = [paint('bold', `${dryRun ? 'Would delete from' : 'Deleted from'} ${store}`)];
  const runs = plan.runs.map(({ flow, number }) => `${flow}/${number}`);
  const named = runs.slice(0, NAMES_MAX).join(' ') + (runs.length > NAMES_MAX ? ' …' : '');
  const row = (what: string, objects: readonly ObjectInfo[]) => [
    what,
    String(objects.length),
    bytes(sizeOf(objects)),
    '',
  ];
  const rows = [
    ['runs', String(runs.length), bytes(sizeOf(plan.others)), named],
    row('pages of results', plan.pages),
    row('commit batches', plan.batches),
    row('large artifacts', plan.blobs),
    row('damaged, put aside', plan.quarantine),
    ['local copies', String(local.files), bytes(local.bytes), ''],
    ['together', '', bytes(totalOf(plan) + local.bytes), ''],
  ];
  lines.push(table(['WHAT', 'COUNT', 'SIZE', 'RUNS'], rows), '', ...keptLines(outcome));
  if (plan.live.length > 0)
    lines.push('', 'Runs are going on in this store: nothing is deleted before they have ended.');
  else if (dryRun) lines.push('', 'Nothing was deleted. varve gc --yes deletes it.');
  return lines.join('\n');
}

function keptLines({ plan, keepLast, older }: GcOutcome): string[] {
  const why: Readonly<Record<KeepReason, string>> = {
    live: 'going on',
    pinned: 'pinned',
    last: `among the newest ${keepLast} of their flow`,
    young: `younger than ${older}`,
    starting: 'not ended, and younger than an hour',
    origin: 'resumed by a run that is kept',
  };
  const counts = countReasons(plan);
  const parts = Object.entries(counts).map(([reason, count]) => `${count} ${why[reason as KeepReason]}`);
  const { batches, bytes: size, unused } = plan.slack;
  return [
    `Kept: ${plan.kept.length} ${plan.kept.length === 1 ? 'run' : 'runs'}${parts.length === 0 ? '' : ` (${parts.join(', ')})`}`,
    ...(batches === 0
      ? []
      : [
          `Slack: ${batches} batches of removed runs, ${bytes(size)}, hold something that is needed, and ${bytes(unused)} that is not.`,
        ]),
  ];
}

/** What `--json` prints. */
export function gcDocument({ store, dryRun, plan, local }: GcOutcome): object {
  const sum = (objects: readonly ObjectInfo[]) => ({ count: objects.length, bytes: sizeOf(objects) });
  return {
    store,
    dryRun,
    live: plan.live.length,
    removed: {
      runs: plan.runs.map(({ flow, number, id }) => ({ flow, number, id })),
      markers: sum(plan.others),
      pages: sum(plan.pages),
      batches: sum(plan.batches),
      blobs: sum(plan.blobs),
      quarantine: sum(plan.quarantine),
      local: { count: local.files, bytes: local.bytes },
      bytes: totalOf(plan) + local.bytes,
    },
    kept: plan.kept.map(({ record: { flow, number, id }, why }) => ({ flow, number, id, why })),
    slack: plan.slack,
    unreadable: plan.unreadable.map(({ code, message }) => ({ code, message })),
  };
}

function countReasons({ kept }: GcPlan): Partial<Record<KeepReason, number>> {
  const counts: Partial<Record<KeepReason, number>> = {};
  for (const { why } of kept) counts[why] = (counts[why] ?? 0) + 1;
  return counts;
}

function totalOf({ others, pages, batches, blobs, quarantine }: GcPlan): number {
  return [others, pages, batches, blobs, quarantine].reduce((sum, objects) => sum + sizeOf(objects), 0);
}

function sizeOf(objects: readonly ObjectInfo[]): number {
  return objects.reduce((sum, { size }) => sum + size, 0);
}
