import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readMembers } from '../setup/members.mjs';
import { ROOT } from '../shell/root.mjs';
import { capture, forEachLimited } from '../shell/run.mjs';
import { toolFile } from '../shell/tool.mjs';

const AT_ONCE = 2;
const EXTRA = [
  'scripts/tsconfig.json',
  'packages/core/test/types/tsconfig.standard.json',
  'packages/core/test/types/tsconfig.legacy.json',
];

/** Compiles every package with its tests, the scripts, and the type tests in both decorator flavours, without output.
 * Resolves with the exit code. */
export async function types() {
  const projects = [...readMembers(ROOT).map((member) => `${member.folder}/tsconfig.json`), ...EXTRA].filter(
    (project) => existsSync(join(ROOT, project)),
  );
  const codes = await forEachLimited(projects, AT_ONCE, compile);
  return Math.max(...codes);
}

/** @param {string} project */
async function compile(project) {
  const { code, output } = await capture(process.execPath, [toolFile('typescript', 'tsc'), '-p', project], {
    cwd: ROOT,
  });
  console.log(code === 0 ? `  ok    ${project}` : `  FAIL  ${project}\n${output}`);
  return code;
}
