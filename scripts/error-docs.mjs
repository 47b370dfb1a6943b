import { checkPage, writePage } from './error-docs/page-file.mjs';
import { main } from './shell/main.mjs';

await main('error-docs', process.argv.includes('--check') ? checkPage : writePage);
