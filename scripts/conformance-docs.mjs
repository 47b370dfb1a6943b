import { checkPage, writePage } from './conformance-docs/page-file.mjs';
import { main } from './shell/main.mjs';

await main('conformance-docs', process.argv.includes('--check') ? checkPage : writePage);
