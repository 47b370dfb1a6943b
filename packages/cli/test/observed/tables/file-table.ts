import { dirOf, nameRows, type Row, worldOf } from '../harness/row.ts';
import { declareTable } from '../harness/table.ts';
import { FOLDER, fileChanges, filled } from '../ways/files.ts';

/** A table whose rows each have a folder of their own, in which files change. */
export function declareFileTable(name: string, given: readonly Row[]): void {
  const rows = nameRows(given);
  declareTable(name, {
    rows,
    world: worldOf(rows, ({ id }) => filled(FOLDER, dirOf(id))),
    changes: fileChanges(rows.map(({ id }) => dirOf(id))),
  });
}
