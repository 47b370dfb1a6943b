import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const FOLDERS = ['packages', 'examples', 'bench', 'scripts'];
/** Not ours to judge: installed, built or written by a run, or broken on purpose for a test. */
const SKIPPED = new Set(['node_modules', 'dist', '.varve', 'fixtures']);

/** The source files of the workspace.
 * @param {string} root
 * @returns {string[]} Relative to the repository, with `/`. */
export function sourceFiles(root) {
  return FOLDERS.filter((folder) => existsSync(join(root, folder))).flatMap((folder) => filesUnder(root, folder));
}

/** Everything a file imports: static, dynamic with a literal, re-exports and types.
 * @param {string} root
 * @param {string} file */
export function importsOf(root, file) {
  return importsIn(readFileSync(join(root, file), 'utf8'));
}

/** @param {string} text @returns {string[]} */
export function importsIn(text) {
  return ts.preProcessFile(text, true, true).importedFiles.map((imported) => imported.fileName);
}

/** @param {string} root @param {string} folder @returns {string[]} */
function filesUnder(root, folder) {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : filesUnder(root, path);
    return entry.isFile() && /\.[mc]?[jt]s$/.test(entry.name) ? [path] : [];
  });
}
