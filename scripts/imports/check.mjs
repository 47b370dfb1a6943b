import { posix } from 'node:path';
import { homeOf, isCore, roomOf, roomsBelow } from './places.mjs';
import { FORBIDDEN, isOurs, packageOf, ROOMS, ruleFor } from './rules.mjs';

/**
 * @typedef {object} Finding
 * @property {string} place A file or folder.
 * @property {string} problem
 * @property {string} remedy
 */

const SHARED_BUILD = 'scripts/tsdown.base.ts';

/** Finds the imports of a file that go against the directions laid down in `rules.mjs`.
 * @param {string} file Relative to the repository, with `/`.
 * @param {readonly string[]} specifiers As written in the file.
 * @returns {Finding[]} */
export function checkImports(file, specifiers) {
  return specifiers.flatMap((specifier) => {
    const found = specifier.startsWith('.') ? checkRelative(file, specifier) : checkBare(file, specifier);
    if (found === undefined) return [];
    return [{ place: file, problem: `imports '${specifier}': ${found.why}`, remedy: `may import: ${found.mayImport}` }];
  });
}

/** Finds the folders of core that the table of rooms does not know.
 * @param {readonly string[]} files
 * @returns {Finding[]} */
export function checkRooms(files) {
  const lost = files.filter((file) => isCore(file) && roomOf(file) === undefined);
  return [...new Set(lost.map((file) => posix.dirname(file)))].map((place) => ({
    place,
    problem: 'is no room of core',
    remedy: 'move its files to a room, or add it to ROOMS in scripts/imports/rules.mjs',
  }));
}

/** @param {string} file @param {string} specifier */
function checkRelative(file, specifier) {
  const target = posix.join(posix.dirname(file), specifier);
  const home = homeOf(file);
  if (home !== undefined && !target.startsWith(`${home}/`)) {
    const isSharedBuild = file.endsWith('/tsdown.config.ts') && target === SHARED_BUILD;
    if (!isSharedBuild) return { why: `it reaches out of ${home} by path`, mayImport: mayImportBare(file) };
  }
  return checkRoom(roomOf(file), roomOf(target));
}

/** @param {string} file @param {string} specifier */
function checkBare(file, specifier) {
  if (roomOf(file) === 'contract') {
    return { why: 'the contract has no dependency', mayImport: 'files of packages/core/src/contract' };
  }
  const name = packageOf(specifier);
  const rule = ruleFor(file);
  for (const { imports, in: where, except, why } of FORBIDDEN) {
    if (imports.includes(name) && where.test(file) && !except?.test(file))
      return { why, mayImport: mayImportBare(file) };
  }
  if (rule === undefined || !isOurs(specifier) || rule.allows(specifier)) return undefined;
  return { why: `${homeOf(file)} may not import this part of varve`, mayImport: rule.mayImport };
}

/** @param {string | undefined} from @param {string | undefined} to Rooms. */
function checkRoom(from, to) {
  const rule = ROOMS.find(({ room }) => room === from);
  if (rule === undefined || to === undefined || to === from) return undefined;
  if (rule.mayImport.flatMap(roomsBelow).includes(to)) return undefined;
  return { why: `${from} may not import ${to}`, mayImport: [...rule.mayImport, 'npm packages'].join(', ') };
}

/** @param {string} file */
function mayImportBare(file) {
  return ruleFor(file)?.mayImport ?? 'anything';
}
