/**
 * @typedef {object} Verdict
 * @property {string} kind The interface, e.g. `Datastore`.
 * @property {string} implementation
 * @property {string} case
 * @property {'passed' | 'failed' | 'skipped' | 'deviates'} state
 * @property {string} [reason] Of a skip or a deviation.
 */

/** Reads the verdict from a test of a conformance kit; `undefined` for any other test.
 * @param {string} suite @param {string} title @param {string} state @param {string | undefined} note
 * @returns {Verdict | undefined} */
export function readVerdict(suite, title, state, note) {
  const named = /^(.*) keeps the (\w+) contract$/.exec(suite);
  if (named === null) return undefined;
  const [, implementation = '', kind = ''] = named;
  const deviation = /^(.*) \[deviates: (.*)\]$/.exec(title);
  const about = { kind, implementation, case: deviation?.[1] ?? title };
  if (state === 'skipped') return { ...about, state, ...(note !== undefined && { reason: note }) };
  if (state !== 'passed') return { ...about, state: 'failed' };
  return deviation ? { ...about, state: 'deviates', reason: deviation[2] ?? '' } : { ...about, state };
}
