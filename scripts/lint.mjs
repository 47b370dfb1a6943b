import { main } from './shell/main.mjs';
import { lint } from './stages/lint.mjs';

await main('lint', lint);
