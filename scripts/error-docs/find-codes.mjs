import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Codes are in quotes; names of environment variables and constants are not. */
const LITERAL = /(['"])(VARVE_[A-Z0-9_]+)\1/g;

/** Finds the files that use each error code, in the sources of the packages.
 * @param {string} root The repository.
 * @param {readonly string[]} except Paths that are left out, relative to `root`.
 * @returns {Map<string, string[]>} Files by code, relative to `root`. */
export function findCodes(root, except) {
  /** @type {Map<string, string[]>} */
  const found = new Map();
  for (const file of sourcesOf(root).filter((path) => !except.some((left) => path.startsWith(left)))) {
    for (const code of codesIn(readFileSync(join(root, file), 'utf8'))) {
      found.set(code, [...(found.get(code) ?? []), file]);
    }
  }
  return found;
}

/** @param {string} text @returns {Set<string>} */
export function codesIn(text) {
  return new Set([...text.matchAll(LITERAL)].flatMap(([, , code]) => (code === undefined ? [] : [code])));
}

/** @param {string} root @returns {string[]} */
function sourcesOf(root) {
  return readdirSync(join(root, 'packages')).flatMap((name) => filesUnder(root, `packages/${name}/src`));
}

/** @param {string} root @param {string} folder @returns {string[]} */
function filesUnder(root, folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return filesUnder(root, path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}
