import { pnpmArguments } from './shell/pnpm.mjs';
import { run } from './shell/run.mjs';

process.exitCode = await run('npx', pnpmArguments(process.argv.slice(2)));
