import type { CaseResult } from '@varve/conformance';
import { EXIT } from '../../exit-codes.ts';
import { duration, type Paint, painter } from '../../print/format.ts';
import { print, printJson } from '../../print/stdout.ts';
import { findProject } from '../open-project.ts';
import type { CommonOptions } from '../options.ts';

export interface CheckStoreOptions extends CommonOptions {
  /** `--no-heavy`: leave out the cases that move many or large objects. */
  readonly heavy?: boolean;
}

/** `varve check-store`: runs the conformance cases against the configured store, under a scratch prefix. */
export async function checkStore(options: CheckStoreOptions): Promise<number> {
  const stack = await findProject(options);
  const store = await stack.require('datastore');
  const paint = painter(process.stdout);
  try {
    const { checkDatastore } = await import('@varve/conformance');
    if (!options.json) print(`${paint('bold', store.name)}`);
    const results = await checkDatastore(store, {
      heavy: options.heavy ?? true,
      reopen: () => stack.require('datastore'),
      onResult: (result) => options.json || print(renderResult(result, paint)),
    });
    return summarise(store.name, results, options);
  } finally {
    await store.close?.();
  }
}

const GLYPH = { passed: '✔', failed: '✖', skipped: '⊘', deviates: '!' } as const;
const STYLE = { passed: 'green', failed: 'red', skipped: 'dim', deviates: 'yellow' } as const;

function renderResult({ case: name, verdict, reason, error, ms }: CaseResult, paint: Paint): string {
  const why = reason ?? (error === undefined ? undefined : String((error as Error).message ?? error));
  const time = ms < 1000 ? '' : `  ${duration(ms)}`;
  return ` ${paint(STYLE[verdict], GLYPH[verdict])} ${name}${time}${why === undefined ? '' : `\n     ${why}`}`;
}

function summarise(store: string, results: readonly CaseResult[], options: CheckStoreOptions): number {
  const count = (verdict: CaseResult['verdict']) => results.filter((result) => result.verdict === verdict).length;
  if (options.json) {
    const plain = results.map(({ error, ...result }) => ({
      ...result,
      ...(error !== undefined && { error: String((error as Error).message ?? error) }),
    }));
    printJson({ store, results: plain });
  } else print(`${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`);
  return count('failed') === 0 ? EXIT.ok : EXIT.setup;
}
