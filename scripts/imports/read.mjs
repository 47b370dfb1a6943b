import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const FOLDERS = ['packages', 'examples', 'bench', 'scripts'];

/** The source files git knows or would add.
 * @param {string} root
 * @returns {string[]} Relative to the repository, with `/`. */
export function sourceFiles(root) {
  const listed = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard', '--', ...FOLDERS], { cwd: root });
  return listed
    .toString('utf8')
    .split('\0')
    .filter((file) => /\.[mc]?[jt]s$/.test(file) && !file.includes('/fixtures/') && existsSync(join(root, file)))
    .sort();
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
