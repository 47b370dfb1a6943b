import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { isSource } from '../imports/places.mjs';

/** The faces of the packages: each `index.ts` of their sources, and the files behind what `package.json` exports.
 * @param {string} root
 * @param {readonly string[]} files
 * @param {readonly import('../setup/members.mjs').Member[]} members */
export function facesOf(root, files, members) {
  const entries = members.flatMap((member) => entriesOf(root, member.folder));
  return files.filter((file) => isSource(file) && (file.endsWith('/index.ts') || entries.includes(file)));
}

/** Finds what a face lacks: a sentence that says what is behind it, and names written out by hand.
 * @param {string} file @param {string} text
 * @returns {import('../imports/check.mjs').Finding[]} */
export function checkFace(file, text) {
  const findings = [];
  if (!beginsWithSentence(text)) {
    findings.push({
      place: file,
      problem: 'does not begin with a doc comment that holds a sentence',
      remedy: 'say on top, in one sentence, what is behind this face',
    });
  }
  for (const from of starsIn(file, text)) {
    findings.push({
      place: file,
      problem: `exports * from '${from}'`,
      remedy: 'list the names by hand: a face shows what may be used',
    });
  }
  return findings;
}

/** @param {string} text */
function beginsWithSentence(text) {
  const comment = /^\/\*\*([\s\S]*?)\*\//.exec(text)?.[1] ?? '';
  const words = comment.replaceAll(/\s*\*?\s+/g, ' ').trim();
  return /^[A-Z`@].* .*[.:!]( |$)/.test(words);
}

/** @param {string} file @param {string} text */
function starsIn(file, text) {
  const { statements } = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext);
  return statements.flatMap((statement) => {
    if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier === undefined) return [];
    const { exportClause, moduleSpecifier } = statement;
    if (exportClause !== undefined && ts.isNamedExports(exportClause)) return [];
    return ts.isStringLiteral(moduleSpecifier) ? [moduleSpecifier.text] : [];
  });
}

/** The sources of a package's entries that stand directly in `src`, by the names of their outputs.
 * @param {string} root @param {string} folder */
function entriesOf(root, folder) {
  const manifest = join(root, folder, 'package.json');
  const { exports = {} } = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')) : {};
  return Object.values(exports).flatMap((target) => {
    const name = /^\.\/dist\/(\w[\w-]*)\.js$/.exec(target?.default ?? '')?.[1];
    return name === undefined ? [] : [`${folder}/src/${name}.ts`];
  });
}
