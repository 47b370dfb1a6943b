import { readFileSync } from 'node:fs';
import { countsLine, mergeReports } from './stages/counts.mjs';

const reports = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')));
console.log(countsLine(mergeReports(reports)));
