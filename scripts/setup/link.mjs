import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Lists the missing links to commands of workspace packages, in the packages that depend on them. pnpm leaves a link out
 * when the file of the command does not exist at install time, as on a fresh checkout.
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
