import { worldOf } from '../harness/row.ts';
import { declareTable } from '../harness/table.ts';
import { BEFORE, filledFor, LOAD_CHANGES, LOAD_ROWS } from '../ways/load.ts';

declareTable('while modules load', {
  rows: LOAD_ROWS,
  world: worldOf(LOAD_ROWS, ({ id }) => filledFor(id, BEFORE)),
  changes: LOAD_CHANGES,
  trusting: true,
});
