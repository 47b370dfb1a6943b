import { ROOT } from '../shell/root.mjs';
import { buildIfStale } from './build.mjs';
import { installIfStale, linkIfMissing } from './install.mjs';
import { readMembers } from './members.mjs';
import { checkNode } from './node-version.mjs';
import { progressTo, seconds } from './progress.mjs';

/** Makes a checkout ready: installs dependencies and builds packages where they are missing or stale. Rejects with a
 * message for people.
 * @param {{ build: boolean }} options */
export async function setUp({ build }) {
  const start = performance.now();
  const print = (/** @type {string} */ line) => console.log(line);
  const progress = progressTo(print);
  print('set-up');
  checkNode(process.versions.node);
  const members = readMembers(ROOT);
  const installed = await installIfStale(ROOT, members, progress);
  const built = build ? await buildIfStale(ROOT, members, progress) : 0;
  const linked = build && (await linkIfMissing(ROOT, members, progress));
  const what = installed || built > 0 || linked ? 'done' : 'nothing to do';
  print(`  ${what} (${seconds(performance.now() - start)})`);
}
