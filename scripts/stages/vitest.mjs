import { ROOT } from '../shell/root.mjs';
import { run } from '../shell/run.mjs';
import { toolFile } from '../shell/tool.mjs';

/** Runs the tests once. Resolves with the exit code.
 * @param {readonly string[]} args Passed on to vitest: filters, reporters. */
export async function vitest(args) {
  return run(process.execPath, [toolFile('vitest', 'vitest'), 'run', ...args], { cwd: ROOT });
}
