import { nameRows, worldOf } from '../harness/row.ts';
import { declareTable } from '../harness/table.ts';
import { COMPILER_ROWS, compilerChanges, startOf } from '../ways/compiler.ts';

/** What shows an option, each reached in two ways; random edits reach it in all. */
const rows = nameRows(COMPILER_ROWS.flatMap((reached, at) => [0, 3].flatMap((more) => reached[(at + more) % 7] ?? [])));

declareTable('options of the compiler', {
  rows,
  world: worldOf(rows, ({ id }) => startOf(id)),
  changes: compilerChanges(rows.map(({ id }) => id)),
});
