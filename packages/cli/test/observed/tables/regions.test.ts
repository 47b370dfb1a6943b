import { nameRows, type Row, worldOf } from '../harness/row.ts';
import { declareTable } from '../harness/table.ts';
import { type Change, withEnv } from '../harness/world.ts';
import { FROM_UNNAMED, FROM_UTC, LOCALE_CHANGES, OPEN_LOCALE_ROWS, UNNAMED_ZONE_ROWS } from '../ways/regions/open.ts';

function declare(
  name: string,
  given: readonly Row[],
  changes: readonly Change[],
  env: Readonly<Record<string, string>>,
) {
  const rows = nameRows(given);
  const world = withEnv(
    worldOf(rows, () => ({})),
    env,
  );
  declareTable(name, { rows, world, changes, processes: true });
}

declare('a zone without a name', UNNAMED_ZONE_ROWS, FROM_UNNAMED, { TZ: 'JST-9' });
declare('zones of one name', UNNAMED_ZONE_ROWS, FROM_UTC, { TZ: 'UTC' });
declare('locales that are left open', OPEN_LOCALE_ROWS, LOCALE_CHANGES, {});
