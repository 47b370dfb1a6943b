import { dirOf, nameRows, worldOf } from '../harness/row.ts';
import { declareTable } from '../harness/table.ts';
import { type Change, withEnv, withFiles } from '../harness/world.ts';
import { filled } from '../ways/files.ts';
import { PLACE_ROWS } from '../ways/places.ts';

const rows = nameRows(PLACE_ROWS);
const FILES = { '$DIR/a.txt': 'first: one\n', '$DIR/b.txt': 'text\n', '$DIR/sub/b.txt': 'text\n', '$DIR/c.txt': '-\n' };

function edit(name: string, touches: readonly string[], files: Readonly<Record<string, string>>): Change {
  const apply: Change['apply'] = (world) =>
    rows.reduce((changed, { id }) => withFiles(changed, filled(files, dirOf(id))), world);
  return { name, touches, apply };
}

declareTable('places in a flow', {
  rows,
  world: worldOf(rows, ({ id }) => filled(FILES, dirOf(id))),
  changes: [
    edit('a file edited', ['content'], { '$DIR/a.txt': 'first: two\n' }),
    edit('stored files edited', ['text'], { '$DIR/b.txt': 'TEXT\n', '$DIR/sub/b.txt': 'TEXT\n' }),
    edit('a file added below', ['below'], { '$DIR/sub/late/x.txt': 'x\n' }),
    edit('a file edited that nobody reads', [], { '$DIR/c.txt': 'x\n' }),
    {
      name: 'another zone and variable',
      touches: [],
      apply: (world) => withEnv(world, { TZ: 'Asia/Tokyo', X_X: '1' }),
    },
  ],
});
