import { nameOfResult, type Result } from '@varve/client';
import { VarveError } from '@varve/core/contract';
import { parseDuration } from '@varve/core/internal';
import type { OpenHistory } from '@varve/runtime';
import { EXIT } from '../../exit-codes.ts';
import { counted } from '../../print/format.ts';
import { print, printJson } from '../../print/stdout.ts';
import { plain } from '../../print/text.ts';
import { withHistory } from '../open-project.ts';
import type { CommonOptions } from '../options.ts';
import { invalidationNote, resultDocument, warnOfFault } from './results.ts';

const SHOWN = 10;

export interface WithdrawOptions extends CommonOptions {
  readonly step?: string;
  readonly older?: string;
  readonly why?: string;
  readonly dryRun?: boolean;
  readonly undo?: string;
}

/** `varve cache invalidate`: invalidates results, or undoes an invalidation. */
export function cacheInvalidate(selectors: readonly string[], options: WithdrawOptions): Promise<number> {
  const { undo, why = '' } = options;
  if (undo === undefined) return withdraw(selectors, { ...options, why });
  if (selectors.length > 0 || options.step !== undefined || options.older !== undefined)
    throw new VarveError('VARVE_USAGE', '--undo takes back a whole withdrawal: nothing else can be named beside it');
  return withHistory(options, async ({ results }) => {
    const pages = await results.restore(undo);
    if (options.json) printJson({ undone: undo, pages });
    else print(`✔ withdrawal ${undo} is taken back (${counted(pages, 'page')} removed): its results are used again`);
    return EXIT.ok;
  });
}

/** `varve cache refresh`: makes the next run recompute results. */
export function cacheRefresh(selectors: readonly string[], options: WithdrawOptions): Promise<number> {
  return withdraw(selectors, { ...options, why: 'refresh' });
}

function withdraw(selectors: readonly string[], options: WithdrawOptions & { readonly why: string }): Promise<number> {
  return withHistory(options, async (opened) => {
    const chosen = await choose(opened, selectors, options);
    const id = options.dryRun ? undefined : await opened.results.invalidate(chosen, invalidationNote(options.why));
    if (options.json)
      printJson({ withdrawal: id ?? null, dryRun: id === undefined, results: chosen.map(resultDocument) });
    else print(renderWithdrawn(chosen, id).join('\n'));
    return EXIT.ok;
  });
}

async function choose(
  { results, store }: OpenHistory,
  selectors: readonly string[],
  { step, older }: WithdrawOptions,
): Promise<readonly Result[]> {
  if (selectors.length === 0 && step === undefined && older === undefined)
    throw new VarveError('VARVE_USAGE', 'say which results', {
      hint: 'Name a run, a task, a step of a flow, or use --step or --older: varve cache invalidate Penguins/12',
    });
  const also = {
    ...(step !== undefined && { step }),
    ...(older !== undefined && { before: Date.now() - ageOf(older) }),
  };
  const named = await Promise.all(selectors.map((selector) => results.resolve(selector)));
  const queries = named.length === 0 ? [also] : named.map((query) => ({ ...query, ...also }));
  const chosen = await results.select(queries, warnOfFault);
  if (chosen.length > 0) return chosen;
  throw new VarveError('VARVE_NO_RESULT', `none of the results in ${store} is meant by that`, {
    hint: 'A result belongs to the run that executed the task, not to those that used it. See which there are: varve cache ls',
  });
}

function ageOf(text: string): number {
  try {
    return parseDuration(text as Parameters<typeof parseDuration>[0]);
  } catch (error) {
    throw new VarveError('VARVE_USAGE', `--older ${text}: ${(error as Error).message}`, {
      hint: "Write '30d', '12h' or '30m'.",
    });
  }
}

function renderWithdrawn(results: readonly Result[], id: string | undefined): string[] {
  const rest = results.length - SHOWN;
  return [
    ...results.slice(0, SHOWN).map((result) => ` ${plain(nameOfResult(result))}  ${plain(result.entry.label)}`),
    ...(rest > 0 ? [` … and ${rest} more`] : []),
    id === undefined
      ? `${counted(results.length, 'result')} would be withdrawn. Nothing was changed.`
      : `✔ ${counted(results.length, 'result')} withdrawn: runs that start from now on do not use them`,
    ...(id === undefined ? [] : [`  take it back: varve cache invalidate --undo ${id}`]),
  ];
}
