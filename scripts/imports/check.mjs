import { posix } from 'node:path';
import { CORE_FLOORS, isOurs, ONLY_IN_APP, packageOf, ruleFor } from './rules.mjs';

/**
 * @typedef {object} Finding
 * @property {string} file
 * @property {string} specifier What is imported.
 * @property {string} why
 * @property {string} mayImport What is allowed instead.
 */

const CORE_SOURCE = 'packages/core/src/';

/** Says which imports of a file go against the directions laid down in `rules.mjs`.
 * @param {string} file Relative to the repository, with `/`.
 * @param {readonly string[]} specifiers As written in the file.
 * @returns {Finding[]} */
export function checkImports(file, specifiers) {
  return specifiers.flatMap((specifier) => {
    const found = specifier.startsWith('.') ? checkRelative(file, specifier) : checkBare(file, specifier);
    return found === undefined ? [] : [{ file, specifier, ...found }];
  });
}

/** @param {Finding} finding */
export function describe({ file, specifier, why, mayImport }) {
  return `${file}\n  imports '${specifier}': ${why}\n  may import: ${mayImport}`;
}

/** @param {string} file @param {string} specifier */
function checkRelative(file, specifier) {
  const target = posix.join(posix.dirname(file), specifier);
  const home = homeOf(file);
  if (home !== undefined && !target.startsWith(`${home}/`)) {
    const isSharedBuild = /\/tsdown\.config\.ts$/.test(file) && target === 'scripts/tsdown.base.ts';
    if (!isSharedBuild) return { why: `it reaches out of ${home} by path`, mayImport: mayImportBare(file) };
  }
  return checkFloor(file, target);
}

/** @param {string} file @param {string} specifier */
function checkBare(file, specifier) {
  const floor = floorOf(file);
  if (floor === 'contract') {
    return { why: 'the contract has no dependency', mayImport: 'files of packages/core/src/contract' };
  }
  if (file.startsWith(CORE_SOURCE) && floor !== 'app' && ONLY_IN_APP.includes(packageOf(specifier))) {
    return { why: 'only packages/core/src/app knows the container', mayImport: mayImportBare(file) };
  }
  const rule = ruleFor(file);
  if (rule === undefined || !isOurs(specifier) || rule.allows(specifier)) return undefined;
  return { why: `${homeOf(file)} may not import this part of varve`, mayImport: rule.mayImport };
}

/** @param {string} file @param {string} target */
function checkFloor(file, target) {
  const from = floorOf(file);
  const to = floorOf(target);
  if (from === undefined || to === undefined || from === '') return undefined;
  const height = CORE_FLOORS.indexOf(from);
  if (height === -1) return { why: `${from}/ is no floor of core`, mayImport: 'add it to scripts/imports/rules.mjs' };
  const below = CORE_FLOORS.slice(0, height + 1);
  if (below.includes(to)) return undefined;
  return { why: `${to || 'the root of src'} stands above ${from}`, mayImport: `${below.join(', ')}, and npm packages` };
}

/** The folder of core's source a file is in; `''` for the root of it, which may see all; `undefined` outside it.
 * @param {string} file */
function floorOf(file) {
  if (!file.startsWith(CORE_SOURCE)) return undefined;
  const parts = file.slice(CORE_SOURCE.length).split('/');
  return parts.length > 1 ? parts[0] : '';
}

/** The folder of the package a file belongs to. @param {string} file */
function homeOf(file) {
  const [parent = '', name] = file.split('/');
  if (parent === 'packages' || parent === 'examples') return `${parent}/${name}`;
  return parent === 'bench' || parent === 'scripts' ? parent : undefined;
}

/** @param {string} file */
function mayImportBare(file) {
  return ruleFor(file)?.mayImport ?? 'anything';
}
