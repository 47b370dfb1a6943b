import { dirOf, nameRows, varOf, worldOf } from '../harness/row.ts';
import { declareTable } from '../harness/table.ts';
import { ENV_EXPRESSIONS, envChanges } from '../ways/env.ts';
import { CALL_ROWS } from '../ways/file-calls.ts';
import { FILE_ACCESSES, FOLDER, fileChanges, filled } from '../ways/files.ts';
import { NAME_ROWS } from '../ways/names.ts';
import { ZONE_CHANGES, ZONE_ROWS } from '../ways/regions/zone.ts';

/** A sample of every kind of row, without those that depend on the whole project. */
const rows = nameRows(
  [...FILE_ACCESSES, ...CALL_ROWS, ...NAME_ROWS, ...ENV_EXPRESSIONS, ...ZONE_ROWS]
    .filter((_, at) => at % 6 === 0)
    .filter(({ way }) => !way.includes('createRequire')),
);
const ids = rows.map(({ id }) => id);

for (const runner of ['process', 'inline']) {
  declareTable(`with the runner ${runner}`, {
    rows,
    world: worldOf(rows, ({ id }) => filled(FOLDER, dirOf(id))),
    changes: [
      ...fileChanges(ids.map(dirOf)).slice(1, 3),
      ...envChanges(ids.map(varOf)).slice(0, 1),
      ...ZONE_CHANGES.slice(0, 1),
    ],
    args: ['--runner', runner],
    processes: true,
  });
}
