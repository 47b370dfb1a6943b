import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pinnedPnpm, pnpmArguments } from '../shell/pnpm.mjs';
import { capture } from '../shell/run.mjs';
import { missingCommands } from './link.mjs';
import { digestOf, readStamp, writeStamp } from './stamp.mjs';

const SHARED = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc'];

/** Installs the packages of the lockfile, unless they are installed already. Resolves with true if it had to.
 * @param {string} root
 * @param {readonly import('./members.mjs').Member[]} members
 * @param {import('./progress.mjs').Progress} progress */
export async function installIfStale(root, members, progress) {
  const wanted = installKey(root, members);
  const isThere = members.every((member) => existsSync(join(root, member.folder, 'node_modules')));
  if (isThere && readStamp(root, 'install') === wanted) return false;
  await progress.timed(`installing with ${pinnedPnpm()}`, () => install(root, []));
  writeStamp(root, 'install', wanted);
  return true;
}

/** Links commands of built packages where links are missing. Resolves with true if it had to.
 * @param {string} root
 * @param {readonly import('./members.mjs').Member[]} members
 * @param {import('./progress.mjs').Progress} progress */
export async function linkIfMissing(root, members, progress) {
  if (missingCommands(root, members).length === 0) return false;
  await progress.timed('linking commands', () => install(root, ['--offline']));
  const left = missingCommands(root, members);
  if (left.length > 0)
    throw new Error(`these commands could not be linked, is their package built?\n${left.join('\n')}`);
  return true;
}

/** @param {string} root @param {readonly string[]} options */
async function install(root, options) {
  const { code, output } = await capture('npx', pnpmArguments(['install', '--frozen-lockfile', ...options]), {
    cwd: root,
    env: { ...process.env, CI: 'true' },
  });
  if (code !== 0) throw new Error(`pnpm install ended with code ${code}:\n${output.trim()}\n${adviceFor(output)}`);
}

/** @param {string} root @param {readonly import('./members.mjs').Member[]} members */
function installKey(root, members) {
  const manifests = members.map((member) => `${member.folder}/package.json`);
  return `${process.platform}-${process.arch} ${digestOf(root, [...SHARED, ...manifests])}`;
}

/** @param {string} output */
function adviceFor(output) {
  if (output.includes('ERR_PNPM_OUTDATED_LOCKFILE')) {
    return 'A package.json was changed without the lockfile. Run: node scripts/pnpm.mjs install --no-frozen-lockfile';
  }
  return 'The npm registry must be reachable for the first set-up. Check `npm ping`, then try again.';
}
