import { nameRows, type Row, varOf, worldOf } from '../harness/row.ts';
import { declareTable } from '../harness/table.ts';
import { type Change, withEnv } from '../harness/world.ts';
import { ENV_ACCESSES, ENV_EXPRESSIONS, envChanges } from '../ways/env.ts';
import { ODD_CHANGES, WORD_ROWS, ZONE_CHANGES, ZONE_ROWS } from '../ways/regions/zone.ts';

const UNREAD: Change = {
  name: 'a variable that nobody reads',
  touches: ['enumeration'],
  apply: (world) => withEnv(world, { NOBODY_READS_THIS: '1' }),
};

function declare(
  name: string,
  given: readonly Row[],
  changes: (names: readonly string[]) => readonly Change[],
  processes = false,
): void {
  const rows = nameRows(given);
  const names = rows.map(({ id }) => varOf(id));
  declareTable(name, { rows, world: worldOf(rows, () => ({})), changes: changes(names), processes });
}

declare('environment, however it is reached', ENV_ACCESSES, envChanges);
declare('environment, by every expression', ENV_EXPRESSIONS, (names) => [...envChanges(names), UNREAD]);
declare('time zone and locale', [...ZONE_ROWS, ...WORD_ROWS], () => [...ZONE_CHANGES, ...ODD_CHANGES, UNREAD], true);
