import { seconds } from './setup/progress.mjs';
import { setUp } from './setup/set-up.mjs';
import { main } from './shell/main.mjs';
import { parseArguments } from './stages/arguments.mjs';
import { lint } from './stages/lint.mjs';
import { packages } from './stages/packages.mjs';
import { types } from './stages/types.mjs';
import { vitest } from './stages/vitest.mjs';

/** @param {string} stage @param {readonly string[]} vitestArgs @returns {Promise<number>} */
async function runStage(stage, vitestArgs) {
  if (stage === 'lint') return lint();
  if (stage === 'types') return types();
  if (stage === 'packages') return packages();
  if (stage === 'vitest') return vitest(vitestArgs);
  await setUp({ build: true });
  return 0;
}

await main('test', async () => {
  const { stages, vitestArgs } = parseArguments(process.argv.slice(2));
  for (const stage of stages) {
    const start = performance.now();
    console.log(`\n== ${stage}`);
    const code = await runStage(stage, vitestArgs);
    console.log(`== ${stage} ${code === 0 ? 'passed' : 'FAILED'} in ${seconds(performance.now() - start)}`);
    if (code !== 0) return code;
  }
  return 0;
});
