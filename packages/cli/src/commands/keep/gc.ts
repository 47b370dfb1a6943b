import type { GcPlan, KeepReason } from '@varve/client';
import { type ObjectInfo, VarveError } from '@varve/core/contract';
import { parseDuration } from '@varve/core/internal';
import { pruneState } from '@varve/runtime';
import { EXIT } from '../../exit-codes.ts';
import { bytes, type Paint, painter } from '../../print/format.ts';
import { print, printJson } from '../../print/stdout.ts';
import { table } from '../../print/table.ts';
import { abortOnInterrupt } from '../interrupt.ts';
import { withHistory } from '../open-project.ts';
import type { CommonOptions } from '../options.ts';

export interface GcCommandOptions extends CommonOptions {
  readonly keepLast: number;
  readonly older: string;
  readonly keepCache?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** `varve gc`: shows the objects that can be deleted, and deletes them with `--yes`. */
export async function gc(options: GcCommandOptions): Promise<number> {
  if (options.yes && options.dryRun) {
    throw new VarveError('VARVE_USAGE', '--yes and --dry-run contradict each other', { hint: 'Give one of them.' });
  }
  const olderMs = readAge(options.older);
  const dryRun = !options.yes;
  return withHistory(
    options,
    async ({ upkeep, store, stateDir }) => {
      const stop = abortOnInterrupt();
      const { keepLast, keepCache = false } = options;
      const request = { keepLast, olderMs, keepCache, signal: stop.signal };
      try {
        const plan = dryRun ? await upkeep.plan(request) : await upkeep.collect(request);
        const local = await pruneState(stateDir, { olderMs, now: Date.now(), dryRun });
        const outcome: GcOutcome = { store, dryRun, plan, local, keepLast, older: options.older };
        if (options.json) printJson(gcDocument(outcome));
        else print(renderGc(outcome, painter(process.stdout)));
        return endOf(plan);
      } catch (error) {
        if (!stop.signal.aborted) throw error;
        process.stderr.write('Stopped. What is kept is whole; run varve gc again to delete the rest.\n');
        return EXIT.interrupted;
      } finally {
        stop.end();
      }
    },
    dryRun ? 'short' : 'long',
  );
}

function endOf({ unreadable }: GcPlan): number {
  if (unreadable.length === 0) return EXIT.ok;
  throw new VarveError(
    'VARVE_GC_UNREADABLE',
    'what runs and results refer to cannot all be read, so only runs are removed',
    {
      findings: unreadable.map(({ code, message, hint }) => ({ code, message, hint: ownHint(code, hint) ?? REMEDY })),
    },
  );
}

/** Codes of the collection itself come with the way out. */
function ownHint(code: string, hint: string | undefined): string | undefined {
  return /^VARVE_GC_/.test(code) ? hint : undefined;
}

const REMEDY =
  'Put the object back from a backup. Or do without it: remove its run with varve runs rm, or the object itself if it is a record or a page of results under cache/.';

function readAge(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw new VarveError('VARVE_USAGE', `--older ${text} is no duration`, {
      cause: error,
      hint: "Write '30d', '12h' or '90m'.",
    });
  }
}

/** Outcome of `varve gc`. In a dry run nothing of the plan is deleted. */
export interface GcOutcome {
  readonly store: string;
  readonly dryRun: boolean;
  readonly plan: GcPlan;
  /** Deleted from the state folder of the project. */
  readonly local: { readonly files: number; readonly bytes: number };
  readonly keepLast: number;
  readonly older: string;
}

/** Most names of runs in a table cell. */
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

/** The outcome for `--json`. */
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
