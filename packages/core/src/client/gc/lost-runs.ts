import { type CallOptions, type Datastore, type MetadataProvider, VarveError } from '../../contract/index.ts';
import { createOnce } from '../../store/objects/create-once.ts';
import { seal } from '../../store/objects/sealed.ts';

import type { Inventory } from './inventory.ts';

/**
 * Fences every run that never said that it ended. Its process may only have been asleep: when it wakes, it must not
 * announce anything that rests on what was deleted meanwhile. `ended`: prefixes of the runs that did say so.
 */
export async function fenceLostRuns(
  store: Datastore,
  { runs }: Inventory,
  ended: ReadonlySet<string>,
  options: CallOptions = {},
): Promise<void> {
  for (const [prefix, { live, others }] of runs) {
    const key = `${prefix}fence`;
    if (!live || ended.has(prefix) || others.some((info) => info.key === key)) continue;
    await createOnce(store, key, [seal('fence', { by: 'gc' })], options);
  }
}

/**
 * Why it is not known what is needed: runs that left bytes here and are recorded where nobody has looked. Their own
 * journals would tell; `known`: prefixes of the runs that are recorded where somebody has.
 */
export function strangers(
  { runs }: Inventory,
  known: ReadonlySet<string>,
  metadata: MetadataProvider | undefined,
): VarveError[] {
  const found = [...runs].filter(([prefix, { batches, live }]) => {
    if (known.has(prefix) || batches.length === 0) return false;
    // A heartbeat is deleted before the record of its run: what is left of a removed one has none.
    return metadata ? live !== undefined : batches.some(({ key }) => key.startsWith(`${prefix}bytes/`));
  });
  return found.map(([prefix]) => {
    const where = metadata ? `is not known to ${metadata.name}` : 'is recorded by a metadata plugin';
    return new VarveError('VARVE_GC_STRANGER', `The run ${prefix.slice(0, -1)} ${where}.`, {
      hint: 'Collect with the configuration it ran with, which knows what it refers to.',
    });
  });
}
