import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMembers } from '../setup/members.mjs';
import { pnpmArguments } from '../shell/pnpm.mjs';
import { ROOT } from '../shell/root.mjs';
import { capture, forEachLimited } from '../shell/run.mjs';
import { toolFile } from '../shell/tool.mjs';

const AT_ONCE = 2;

/** Packs every public package as a release would, and runs publint and attw on the tarballs.
 * Resolves with the exit code. */
export async function packages() {
  const folder = mkdtempSync(join(tmpdir(), 'varve-packages-'));
  try {
    const members = readMembers(ROOT).filter((member) => member.isPublic);
    const codes = await forEachLimited(members, AT_ONCE, (member) => check(member, folder));
    return Math.max(...codes);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {import('../setup/members.mjs').Member} member @param {string} folder */
async function check(member, folder) {
  const tarball = join(folder, `${member.name.replace('/', '-')}.tgz`);
  const steps = [
    () => capture('npx', pnpmArguments(['pack', '--out', tarball]), { cwd: join(ROOT, member.folder) }),
    () => node(toolFile('publint', 'publint'), 'run', tarball, '--strict'),
    () => node(toolFile('@arethetypeswrong/cli', 'attw'), tarball, '--profile', 'esm-only', '--no-definitely-typed'),
  ];
  for (const step of steps) {
    const { code, output } = await step();
    if (code === 0) continue;
    console.log(`  FAIL  ${member.name}\n${output}`);
    return code;
  }
  console.log(`  ok    ${member.name}`);
  return 0;
}

/** @param {string} file @param {string[]} args */
function node(file, ...args) {
  return capture(process.execPath, [file, ...args], { cwd: ROOT });
}
