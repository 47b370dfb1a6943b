import { posix } from 'node:path';

const MOST = 15;

/** Counts the source files of each folder, without its `index` and without what is in folders below.
 * @param {readonly string[]} files
 * @returns {Map<string, number>} */
export function countFolders(files) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const file of files.filter((path) => !/\/index\.\w+$/.test(path))) {
    const folder = posix.dirname(file);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return counts;
}

/** Finds folders that hold too many source files.
 * @param {readonly string[]} files
 * @returns {import('../imports/check.mjs').Finding[]} */
export function checkFolders(files) {
  return [...countFolders(files)]
    .filter(([, count]) => count > MOST)
    .map(([place, count]) => ({
      place,
      problem: `holds ${count} source files, at most ${MOST} are allowed besides its index`,
      remedy: 'group them in sub-folders by what they are about, or join those that are one thought',
    }));
}
