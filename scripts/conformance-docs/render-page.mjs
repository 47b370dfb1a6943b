/** @typedef {import('./read-verdict.mjs').Verdict} Verdict */

const HEAD = `# Which implementation passes which case

<!-- Made from a run of the tests by \`node scripts/conformance-docs.mjs\`: run it again instead of changing this. -->

Every case of [\`@varve/conformance\`](../../packages/conformance/README.md), and what came of it for each implementation in
this repository. A case is skipped where it does not apply: the implementation does not declare what the case needs, or its
test leaves out the cases that move many or large objects. A deviation is a case that an implementation is known not to
pass, with the reason its test gives. The reference implementations live in memory and prove the kit itself.`;

/** Renders the page of all verdicts: a table for each kind of plugin, a column for each implementation.
 * @param {readonly Verdict[]} verdicts
 * @returns {string} Markdown. */
export function renderPage(verdicts) {
  const kinds = unique(verdicts.map(({ kind }) => kind));
  const sections = kinds.map((kind) =>
    renderKind(
      kind,
      verdicts.filter((verdict) => verdict.kind === kind),
    ),
  );
  return `${[HEAD, ...sections].join('\n\n')}\n`;
}

/** @param {string} kind @param {readonly Verdict[]} verdicts */
function renderKind(kind, verdicts) {
  const implementations = unique(verdicts.map(({ implementation }) => implementation));
  const cases = unique(verdicts.map((verdict) => verdict.case));
  const table = cases.map((name) =>
    implementations.map((implementation) =>
      renderCell(verdicts.filter((one) => one.case === name && one.implementation === implementation)),
    ),
  );
  const totals = implementations.map((_, i) => `**${table.filter((cells) => cells[i] === 'passed').length} passed**`);
  const lines = [
    row(['case', ...implementations]),
    row(['---', ...implementations.map(() => '---')]),
    ...cases.map((name, i) => row([name, ...(table[i] ?? [])])),
    row([`**${cases.length} cases**`, ...totals]),
  ];
  return `## ${kind}\n\n${lines.join('\n')}`;
}

/** The same implementation may be tested in two files: shows one word where they agree. @param {readonly Verdict[]} verdicts */
function renderCell(verdicts) {
  const words = verdicts.map(({ state, reason }) => (reason === undefined ? state : `${state}: ${reason}`));
  return unique(words).join(', ') || 'not run';
}

/** @param {readonly string[]} cells */
function row(cells) {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** @param {readonly string[]} words */
function unique(words) {
  return [...new Set(words)];
}
