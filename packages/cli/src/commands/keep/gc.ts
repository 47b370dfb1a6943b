import { type GcPlan, parseDuration, pruneState } from '@varve/core/app';
import { VarveError } from '@varve/core/contract';
import { EXIT } from '../../exit-codes.ts';
import { painter } from '../../print/format.ts';
import { print, printJson, withHistory } from '../open-project.ts';
import type { CommonOptions } from '../program.ts';
import { type GcOutcome, gcDocument, renderGc } from './render-gc.ts';

export interface GcCommandOptions extends CommonOptions {
  readonly keepLast: number;
  readonly older: string;
  readonly keepCache?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** `varve gc`: shows what would be deleted, and deletes it with `--yes`. */
export async function gc(options: GcCommandOptions): Promise<number> {
  if (options.yes && options.dryRun) {
    throw new VarveError('VARVE_USAGE', '--yes and --dry-run contradict each other', { hint: 'Give one of them.' });
  }
  const olderMs = readAge(options.older);
  const dryRun = !options.yes;
  return withHistory(options, async ({ upkeep, store, stateDir }) => {
    const stop = stopOnInterrupt();
    const { keepLast, keepCache = false } = options;
    const asked = { keepLast, olderMs, keepCache, signal: stop.signal };
    try {
      const plan = dryRun ? await upkeep.plan(asked) : await upkeep.collect(asked);
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
  });
}

function endOf({ unreadable }: GcPlan): number {
  if (unreadable.length === 0) return EXIT.ok;
  throw new VarveError(
    'VARVE_GC_UNREADABLE',
    'what runs and results refer to cannot all be read, so only runs are removed',
    {
      findings: unreadable.map(({ code, message }) => ({ code, message, hint: REMEDY })),
    },
  );
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

/** The first Ctrl-C lets what is under way come to its end; the second one kills. */
function stopOnInterrupt(): { readonly signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const stop = () => controller.abort();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, stop);
  return {
    signal: controller.signal,
    end: () => {
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.removeListener(name, stop);
    },
  };
}
