import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {object} Member A package of the workspace.
 * @property {string} name
 * @property {string} folder Relative to the repository, with `/`.
 * @property {boolean} isPublic
 * @property {boolean} isBuilt True if it has a build script.
 * @property {readonly string[]} commands Names of its commands.
 * @property {readonly string[]} buildsOn Names of the packages that must be built before it. Packages that only its tests use
 *   are not among them: they may depend on it in turn.
 * @property {readonly string[]} dependsOn Names of its dependencies of any kind.
 */

const PARENTS = ['packages', 'examples'];
const SINGLES = ['bench'];
const BUILD_FIELDS = ['dependencies', 'peerDependencies', 'optionalDependencies'];

/** Reads every package of the workspace, in order of folders.
 * @param {string} root
 * @returns {Member[]} */
export function readMembers(root) {
  const nested = PARENTS.filter((parent) => existsSync(join(root, parent))).flatMap((parent) =>
    readdirSync(join(root, parent))
      .sort()
      .map((name) => `${parent}/${name}`),
  );
  return [...nested, ...SINGLES]
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .map((folder) => memberFrom(folder, JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))));
}

/** Groups packages so that each builds only on packages of earlier groups.
 * @param {readonly Member[]} members
 * @returns {Member[][]} */
export function inBuildOrder(members) {
  const names = new Set(members.map((member) => member.name));
  const done = new Set();
  const levels = [];
  let waiting = [...members];
  while (waiting.length > 0) {
    const ready = waiting.filter((member) => member.buildsOn.every((name) => !names.has(name) || done.has(name)));
    if (ready.length === 0) throw new Error(`packages depend on each other: ${waiting.map((m) => m.name).join(', ')}`);
    for (const member of ready) done.add(member.name);
    waiting = waiting.filter((member) => !done.has(member.name));
    levels.push(ready);
  }
  return levels;
}

/** @param {string} folder @param {Record<string, any>} manifest @returns {Member} */
function memberFrom(folder, manifest) {
  return {
    name: manifest.name,
    folder,
    isPublic: manifest.private !== true,
    isBuilt: manifest.scripts?.build !== undefined,
    commands: commandsOf(manifest),
    buildsOn: namesIn(manifest, BUILD_FIELDS),
    dependsOn: namesIn(manifest, [...BUILD_FIELDS, 'devDependencies']),
  };
}

/** @param {Record<string, any>} manifest @param {readonly string[]} fields */
function namesIn(manifest, fields) {
  return [...new Set(fields.flatMap((field) => Object.keys(manifest[field] ?? {})))];
}

/** @param {Record<string, any>} manifest @returns {string[]} */
function commandsOf({ name, bin = {} }) {
  return typeof bin === 'string' ? [name.split('/').at(-1)] : Object.keys(bin);
}
