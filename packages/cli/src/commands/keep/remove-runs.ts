import { EXIT } from '../../exit-codes.ts';
import { print, printJson } from '../../print/stdout.ts';
import { withHistory } from '../open-project.ts';
import type { CommonOptions } from '../options.ts';
import { findRun } from '../targets.ts';

export interface RemoveRunsOptions extends CommonOptions {
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/** `varve runs rm`: removes all named runs, or none when one of them may not be removed. */
export async function removeRuns(targets: readonly string[], options: RemoveRunsOptions): Promise<number> {
  const { force = false, dryRun = false } = options;
  return withHistory(options, async (opened) => {
    const { upkeep } = opened;
    const listings = [];
    for (const target of targets) listings.push(await findRun(opened, target));
    for (const listing of listings) await upkeep.remove(listing, { force, dryRun: true });
    if (!dryRun) for (const listing of listings) await upkeep.remove(listing, { force });
    const removed = listings.map(({ record: { flow, number, id } }) => ({ flow, number, id }));
    if (options.json) printJson({ dryRun, removed });
    else {
      for (const { flow, number } of removed) print(`${dryRun ? 'would remove' : 'removed'} ${flow}/${number}`);
      print('What only they needed is still stored. varve gc shows it, varve gc --yes deletes it.');
    }
    return EXIT.ok;
  });
}
