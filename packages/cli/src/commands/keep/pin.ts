import type { RunListing } from '@varve/core/contract';
import { type OpenHistory, userName } from '@varve/runtime';
import { EXIT } from '../../exit-codes.ts';
import { print, printJson } from '../../print/stdout.ts';
import { withHistory } from '../open-project.ts';
import type { CommonOptions } from '../options.ts';
import { findRun } from '../targets.ts';

/** `varve pin` */
export function pin(target: string, options: CommonOptions & { readonly reason?: string }): Promise<number> {
  return change(target, options, true, ({ upkeep }, { record }) => upkeep.pin(record, userName(), pinOptions(options)));
}

function pinOptions({ reason }: { readonly reason?: string }) {
  return {
    ...(reason !== undefined && { reason }),
    onWait: ({ pid, host }: { readonly pid: number; readonly host: string }) =>
      void process.stderr.write(`waiting for varve gc to end: process ${pid} on ${host}\n`),
  };
}

/** `varve unpin` */
export function unpin(target: string, options: CommonOptions): Promise<number> {
  return change(target, options, false, ({ upkeep }, { record }) => upkeep.unpin(record));
}

async function change(
  target: string,
  options: CommonOptions,
  pinned: boolean,
  act: (opened: OpenHistory, listing: RunListing) => Promise<boolean>,
): Promise<number> {
  return withHistory(options, async (opened) => {
    const listing = await findRun(opened, target);
    const { flow, number, id } = listing.record;
    const changed = await act(opened, listing);
    const word = pinned ? 'pinned' : 'unpinned';
    if (options.json) printJson({ run: { flow, number, id }, pinned, changed });
    else print(`${flow}/${number} ${changed ? 'is' : 'was'} ${word}${changed ? '' : ' before'}`);
    return EXIT.ok;
  });
}
