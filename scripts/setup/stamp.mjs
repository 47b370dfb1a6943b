import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const FOLDER = 'node_modules/.cache/varve-setup';

/** Digests files and folders by path and content. A missing file is no error, and changes the digest.
 * @param {string} root
 * @param {readonly string[]} paths Relative to `root`.
 * @returns {string} */
export function digestOf(root, paths) {
  const hash = createHash('sha256');
  for (const path of paths.flatMap((each) => filesUnder(root, each))) {
    const full = join(root, path);
    const content = existsSync(full) ? createHash('sha256').update(readFileSync(full)).digest('hex') : 'missing';
    hash.update(`${JSON.stringify(path)} ${content}\n`);
  }
  return hash.digest('hex');
}

/** Reads the stamp of `name`, or `undefined`. @param {string} root @param {string} name */
export function readStamp(root, name) {
  const file = stampFile(root, name);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** @param {string} root @param {string} name @param {string} value */
export function writeStamp(root, name, value) {
  const file = stampFile(root, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, value);
}

/** @param {string} root @param {string} name */
function stampFile(root, name) {
  return join(root, FOLDER, encodeURIComponent(name));
}

/** @param {string} root @param {string} path @returns {string[]} */
function filesUnder(root, path) {
  const full = join(root, path);
  if (!existsSync(full) || !statSync(full).isDirectory()) return [path];
  return readdirSync(full)
    .sort()
    .flatMap((name) => filesUnder(root, `${path}/${name}`));
}
