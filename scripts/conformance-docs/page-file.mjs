import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../shell/root.mjs';
import { renderPage } from './render-page.mjs';
import { runKits } from './run-kits.mjs';

const PAGE = 'docs/write-a-plugin/conformance.md';

/** Runs the kits and writes the page of all verdicts. Resolves with the exit code. */
export async function writePage() {
  writeFileSync(join(ROOT, PAGE), await freshPage());
  console.log(`conformance: wrote ${PAGE}`);
  return 0;
}

/** Runs the kits and says whether the page shows what came out. Resolves with the exit code. */
export async function checkPage() {
  if (readFileSync(join(ROOT, PAGE), 'utf8').replaceAll('\r\n', '\n') === (await freshPage())) {
    console.log(`conformance: ${PAGE} is up to date`);
    return 0;
  }
  console.error(`conformance: ${PAGE} differs from the run. Write it anew: node scripts/conformance-docs.mjs`);
  return 1;
}

async function freshPage() {
  return renderPage(await runKits());
}
