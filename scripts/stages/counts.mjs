/**
 * @typedef {'passed' | 'failed' | 'skipped'} Outcome
 * @typedef {object} Report What vitest's JSON reporter writes, as far as it is read here.
 * @property {readonly { name: string, status: string, assertionResults: readonly { fullName: string, status: string }[] }[]} testResults
 */

/** Merges several runs of the same tests: a test failed if it failed in any run, and passed if it passed in one and failed
 * in none. A file that could not be loaded counts as one failed test. Tests of one name in one file are told apart by their
 * order, so a file that runs in two projects counts twice.
 * @param {readonly Report[]} reports
 * @returns {Map<string, Outcome>} */
export function mergeReports(reports) {
  /** @type {Map<string, Outcome>} */
  const merged = new Map();
  for (const report of reports) {
    for (const [key, outcome] of outcomesOf(report)) merged.set(key, worseOf(merged.get(key), outcome));
  }
  return merged;
}

/** @param {ReadonlyMap<string, Outcome>} outcomes */
export function countsLine(outcomes) {
  const count = (/** @type {Outcome} */ wanted) => [...outcomes.values()].filter((each) => each === wanted).length;
  return `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`;
}

/** @param {Report} report @returns {Map<string, Outcome>} */
function outcomesOf(report) {
  /** @type {Map<string, Outcome>} */
  const outcomes = new Map();
  for (const { name, status, assertionResults } of report.testResults) {
    if (status === 'failed' && assertionResults.every((test) => test.status !== 'failed')) {
      outcomes.set(freeKey(outcomes, name), 'failed');
    }
    for (const test of assertionResults) {
      outcomes.set(freeKey(outcomes, `${name} > ${test.fullName}`), outcomeFrom(test.status));
    }
  }
  return outcomes;
}

/** @param {ReadonlyMap<string, Outcome>} taken @param {string} key */
function freeKey(taken, key) {
  let number = 1;
  while (taken.has(`${key} #${number}`)) number += 1;
  return `${key} #${number}`;
}

/** @param {string} status @returns {Outcome} */
function outcomeFrom(status) {
  return status === 'passed' || status === 'failed' ? status : 'skipped';
}

/** @param {Outcome | undefined} before @param {Outcome} now @returns {Outcome} */
function worseOf(before, now) {
  if (before === 'failed' || now === 'failed') return 'failed';
  return before === 'passed' || now === 'passed' ? 'passed' : 'skipped';
}
