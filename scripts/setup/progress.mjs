/**
 * @typedef {object} Progress
 * @property {<T>(what: string, work: () => Promise<T>) => Promise<T>} timed Does the work, then prints its name and its
 *   time; prints no time when it fails.
 */

/** Prints one line when work starts and one with the time when it ends, readable also when two run side by side.
 * @param {(line: string) => void} print
 * @param {() => number} now Milliseconds.
 * @returns {Progress} */
export function progressTo(print, now = () => performance.now()) {
  return {
    async timed(what, work) {
      const start = now();
      print(`  ${what} ...`);
      const result = await work();
      print(`  ${what}: done in ${seconds(now() - start)}`);
      return result;
    },
  };
}

/** @param {number} milliseconds */
export function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
