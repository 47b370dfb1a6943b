#!/usr/bin/env node
import { endSoon, main } from '../dist/main.js';

process.exitCode = await main(process.argv.slice(2));
endSoon();
