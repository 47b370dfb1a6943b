import { dirOf, nameRows, varOf, worldOf } from '../harness/row.ts';
import { declareTable } from '../harness/table.ts';
import { type Change, withEnv, withFiles } from '../harness/world.ts';
import { SENT_ROWS } from '../ways/commands/sent.ts';
import { SHELL_ROWS, shellChanges } from '../ways/commands/shell.ts';
import { filled } from '../ways/files.ts';

const shell = nameRows(SHELL_ROWS);
const names = shell.map(({ id }) => varOf(id));
const world = withFiles(
  worldOf(shell, () => ({})),
  { 'h1/.rc': 'first home\n', 'h2/.rc': 'second home\n' },
);
const env = { ...Object.fromEntries(names.map((name) => [name, '3'])), HOME: 'h1', CI: 'no', MY_TOKEN: 'one' };

declareTable('variables in texts for a shell', {
  ...{ rows: shell, world: withEnv(world, env), changes: shellChanges(names), warns: true },
});

const sent = nameRows(SENT_ROWS);
const put = (name: string, touches: readonly string[], files: Readonly<Record<string, string>>): Change => ({
  ...{ name, touches },
  apply: (before) => sent.reduce((changed, { id }) => withFiles(changed, filled(files, dirOf(id))), before),
});

declareTable('files that the input of a command names', {
  rows: sent,
  world: worldOf(sent, ({ id }) => filled({ '$DIR/a.txt': 'one\n', '$DIR/b.txt': 'text\n' }, dirOf(id))),
  changes: [
    put('a file edited', ['content'], { '$DIR/a.txt': 'two\n' }),
    put('a file edited that nobody names', ['other'], { '$DIR/b.txt': 'other\n' }),
  ],
  warns: true,
});
