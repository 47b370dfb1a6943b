import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './root.mjs';

/**
 * @typedef {object} Page A page of the docs that a script makes.
 * @property {string} title For messages.
 * @property {string} file Relative to the repository.
 * @property {string} source For the message of a page that is out of date.
 * @property {string} script Relative to the repository.
 * @property {() => Promise<string>} render
 */

/** Writes a page, or with `--check` compares it with a fresh one. Resolves with the exit code.
 * @param {Page} page @param {readonly string[]} [args] */
export async function makePage({ title, file, source, script, render }, args = process.argv.slice(2)) {
  const path = join(ROOT, file);
  const fresh = await render();
  if (!args.includes('--check')) {
    writeFileSync(path, fresh);
    console.log(`${title}: wrote ${file}`);
    return 0;
  }
  if (existsSync(path) && readFileSync(path, 'utf8').replaceAll('\r\n', '\n') === fresh) {
    console.log(`${title}: ${file} is up to date`);
    return 0;
  }
  console.error(`${title}: ${file} differs from ${source}. Write it anew: node ${script}`);
  return 1;
}
