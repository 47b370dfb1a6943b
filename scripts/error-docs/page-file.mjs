import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../shell/root.mjs';
import { readExitCodes, readTable } from './read-table.mjs';
import { renderPage } from './render-page.mjs';

const PAGE = 'docs/reference/errors.md';

/** Writes the page of all error codes. Resolves with the exit code. */
export async function writePage() {
  writeFileSync(join(ROOT, PAGE), await freshPage());
  console.log(`error codes: wrote ${PAGE}`);
  return 0;
}

/** Says whether the page is what the table makes of it. Resolves with the exit code. */
export async function checkPage() {
  if (readPage() === (await freshPage())) {
    console.log(`error codes: ${PAGE} is up to date`);
    return 0;
  }
  console.error(`error codes: ${PAGE} differs from its table. Write it anew: node scripts/error-docs.mjs`);
  return 1;
}

async function freshPage() {
  return renderPage(await readTable(), await readExitCodes());
}

function readPage() {
  try {
    return readFileSync(join(ROOT, PAGE), 'utf8').replaceAll('\r\n', '\n');
  } catch {
    return undefined;
  }
}
