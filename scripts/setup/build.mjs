import { join } from 'node:path';
import { capture, forEachLimited } from '../shell/run.mjs';
import { inBuildOrder } from './members.mjs';
import { digestOf, readStamp, writeStamp } from './stamp.mjs';

const SHARED = ['pnpm-lock.yaml', 'tsconfig.base.json', 'scripts/tsdown.base.ts'];
const OWN = ['package.json', 'tsconfig.json', 'tsdown.config.ts', 'src'];
const AT_ONCE = 2;

/** Builds every package whose sources, tools or dependencies have changed since its `dist` was made.
 * Resolves with the number of packages built.
 * @param {string} root
 * @param {readonly import('./members.mjs').Member[]} members
 * @param {import('./progress.mjs').Progress} progress */
export async function buildIfStale(root, members, progress) {
  /** @type {Map<string, string>} */
  const keys = new Map();
  let built = 0;
  for (const level of inBuildOrder(members.filter((member) => member.isBuilt))) {
    for (const member of level) keys.set(member.name, buildKey(root, member, keys));
    const stale = level.filter((member) => readStamp(root, member.name) !== stampOf(root, member, keys));
    await forEachLimited(stale, AT_ONCE, (member) => build(root, member, progress));
    for (const member of stale) writeStamp(root, member.name, stampOf(root, member, keys));
    built += stale.length;
  }
  return built;
}

/** @param {string} root @param {import('./members.mjs').Member} member @param {import('./progress.mjs').Progress} progress */
async function build(root, member, progress) {
  await progress.timed(`building ${member.name}`, async () => {
    const tool = join(root, 'node_modules/tsdown/dist/run.mjs');
    const { code, output } = await capture(process.execPath, [tool], { cwd: join(root, member.folder) });
    if (code !== 0) throw new Error(`the build of ${member.name} ended with code ${code}:\n${output.trim()}`);
  });
}

/** @param {string} root @param {import('./members.mjs').Member} member @param {ReadonlyMap<string, string>} keys */
function buildKey(root, member, keys) {
  const below = member.buildsOn.flatMap((name) => keys.get(name) ?? []);
  return [digestOf(root, [...SHARED, ...OWN.map((path) => `${member.folder}/${path}`)]), ...below].join(' ');
}

/** Includes the digest of the output, so that a `dist` that was built or changed by hand is built again.
 * @param {string} root @param {import('./members.mjs').Member} member @param {ReadonlyMap<string, string>} keys */
function stampOf(root, member, keys) {
  return `${keys.get(member.name)}\n${digestOf(root, [`${member.folder}/dist`])}`;
}
