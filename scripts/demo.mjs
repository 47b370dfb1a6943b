import { join } from 'node:path';
import { setUp } from './setup/set-up.mjs';
import { main } from './shell/main.mjs';
import { ROOT } from './shell/root.mjs';
import { run } from './shell/run.mjs';

const FLOW = 'penguins.ts';

/** @param {string} headline */
async function runFlow(headline) {
  console.log(`\n${headline}\n$ varve run ${FLOW}`);
  return run(process.execPath, [join(ROOT, 'packages/cli/bin/varve.js'), 'run', FLOW], {
    cwd: join(ROOT, 'examples/penguins'),
  });
}

await main('demo', async () => {
  await setUp({ build: true });
  return (await runFlow('demo: a run')) || (await runFlow('demo: the same once more'));
});
