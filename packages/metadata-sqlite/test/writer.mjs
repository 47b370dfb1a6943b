// Appends events to a run until it is killed or has written enough: node writer.mjs <file> <run id> <events> [wait]
// Prints each length that is stored. With `wait` it begins when something arrives on its standard input.
import { once } from 'node:events';
import { sqliteMetadata } from '@varve/metadata-sqlite';

const [file, id, count, wait] = process.argv.slice(2);
const provider = await sqliteMetadata({ file }).provides.metadata({ projectRoot: '/', stateDir: '/' });
const run = {
  id,
  flow: 'Written',
  number: 1,
  tags: [],
  createdAt: 1,
  user: 'ada',
  host: 'lab',
  varve: '0',
  parameters: {},
  bundle: 'sha256:00',
  graph: [],
};
if (!(await provider.run('Written', id))) {
  await provider.createRun(run).catch((error) => {
    if (error.code !== 'already-exists') throw error;
  });
}
if (wait) {
  process.stdout.write('ready\n');
  await once(process.stdin, 'data');
  process.stdin.destroy();
}
for (let length = 0; length < Number(count); length++) {
  const event = { type: 'task-started', at: 1, task: `${process.pid}`, attempt: length };
  try {
    await provider.append(run, [event], { expectedLength: length });
    process.stdout.write(`${length + 1}\n`);
  } catch (error) {
    if (error.code !== 'already-exists') throw error;
  }
}
await provider.close();
