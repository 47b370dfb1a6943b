import { join } from 'node:path';
import { setUp } from './setup/set-up.mjs';
import { main } from './shell/main.mjs';
import { ROOT } from './shell/root.mjs';
import { run } from './shell/run.mjs';

/** @param {readonly string[]} args */
async function varve(...args) {
  console.log(`\n$ varve ${args.join(' ')}`);
  return run(process.execPath, [join(ROOT, 'packages/cli/bin/varve.js'), ...args], {
    cwd: join(ROOT, 'examples/penguins'),
  });
}

await main('demo', async () => {
  await setUp({ build: true });
  return (
    (await varve('run', 'penguins.ts')) ||
    // Nothing has changed: nothing is executed.
    (await varve('run', 'penguins.ts')) ||
    (await varve('artifacts', 'get', '@last', 'best')) ||
    varve('show', '@last/train')
  );
});
