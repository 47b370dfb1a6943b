/** @typedef {import('./read-table.mjs').Entry} Entry */

const HEAD = `# Errors

<!-- Made from packages/cli/src/error-codes by \`node scripts/error-docs.mjs\`: change it there. -->

Every message of varve's own ends in a code that stays the same when its wording changes. Look it up here: what it
means, what to do, and the [exit code](exit-codes.md) of a command that it ends. When a step fails because of it, the run
ends with exit code 1, whatever is said here.`;

/** Renders the page of all error codes: a heading for each, sorted within its group.
 * @param {readonly import('./read-table.mjs').Group[]} groups
 * @param {Readonly<Record<string, number>>} exitCodes By the names that entries use.
 * @returns {string} Markdown. */
export function renderPage(groups, exitCodes) {
  const contents = groups.map(({ title, entries }) => {
    const codes = Object.keys(entries).length;
    return `- [${title}](#${anchorOf(title)}): ${codes} ${codes === 1 ? 'code' : 'codes'}`;
  });
  const sections = groups.flatMap(({ title, about, entries }) => [
    `## ${title}\n\n${about}`,
    ...Object.entries(entries)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([code, entry]) => renderEntry(code, entry, exitCodes)),
  ]);
  return `${[HEAD, contents.join('\n'), ...sections].join('\n\n')}\n`;
}

/** @param {string} code @param {Entry} entry @param {Readonly<Record<string, number>>} exitCodes */
function renderEntry(code, { meaning, remedy, exit }, exitCodes) {
  const ending = exit === undefined ? '' : `\n\nExit code: ${exitCodes[exit]}`;
  return `### ${code}\n\n${meaning}\n\n**What to do:** ${remedy}${ending}`;
}

/** Makes the anchor that GitHub gives a heading. @param {string} title */
function anchorOf(title) {
  return title.toLowerCase().replaceAll(' ', '-');
}
