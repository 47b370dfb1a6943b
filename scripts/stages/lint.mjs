import { join } from 'node:path';
import { ROOT } from '../shell/root.mjs';
import { run } from '../shell/run.mjs';
import { toolFile } from '../shell/tool.mjs';

/** Checks format, rules and sizes of files by Biome; folders, faces and imports; the page of error codes; unused files,
 * exports and dependencies by knip. Runs all of them, so that one call shows everything. Resolves with the exit code. */
export async function lint() {
  const codes = [
    await run(process.execPath, [toolFile('@biomejs/biome', 'biome'), 'check', '--error-on-warnings'], { cwd: ROOT }),
    await run(process.execPath, [join(ROOT, 'scripts/house.mjs'), '--check'], { cwd: ROOT }),
    await run(process.execPath, [join(ROOT, 'scripts/error-docs.mjs'), '--check'], { cwd: ROOT }),
    await run(process.execPath, [toolFile('knip', 'knip')], { cwd: ROOT }),
  ];
  return Math.max(...codes);
}
