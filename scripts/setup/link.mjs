import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The commands of workspace packages that the packages depending on them cannot call yet. pnpm leaves a command out
 * when its file is not there at install time, and on a fresh checkout nothing is built by then.
 * @param {string} root
 * @param {readonly import('./members.mjs').Member[]} members
 * @returns {string[]} Paths that should be there, relative to the repository. */
export function missingCommands(root, members) {
  const commands = new Map(members.map((member) => [member.name, member.commands]));
  return members
    .flatMap((member) => member.dependsOn.flatMap((name) => linksOf(member.folder, commands.get(name) ?? [])))
    .filter((link) => !existsSync(join(root, link)));
}

/** @param {string} folder @param {readonly string[]} commands */
function linksOf(folder, commands) {
  return commands.map((command) => `${folder}/node_modules/.bin/${command}`);
}
