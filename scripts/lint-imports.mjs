import { checkImports, describe } from './imports/check.mjs';
import { importsOf, sourceFiles } from './imports/read.mjs';
import { ROOT } from './shell/root.mjs';

const files = sourceFiles(ROOT);
const findings = files.flatMap((file) => checkImports(file, importsOf(ROOT, file)));
for (const finding of findings) console.error(`${describe(finding)}\n`);
console.log(`import directions: ${files.length} files, ${findings.length} findings`);
process.exitCode = findings.length === 0 ? 0 : 1;
