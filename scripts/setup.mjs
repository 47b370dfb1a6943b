import { setUp } from './setup/set-up.mjs';
import { main } from './shell/main.mjs';

const USAGE = 'usage: node scripts/setup.mjs [--no-build]';

await main('set-up', async () => {
  const unknown = process.argv.slice(2).filter((argument) => argument !== '--no-build');
  if (unknown.length > 0) throw new Error(`unknown argument ${unknown.join(' ')}\n${USAGE}`);
  await setUp({ build: !process.argv.includes('--no-build') });
  return 0;
});
