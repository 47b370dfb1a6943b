import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const FOLDERS = ['packages', 'examples', 'bench', 'scripts'];
/** Installed, built or written by a run; or data of a test, which may be broken on purpose. */
const SKIPPED = new Set(['node_modules', 'dist', '.varve', 'fixtures', 'golden']);
const SOURCE = /\.[mc]?[jt]sx?$/;
const JAVASCRIPT = /\.[mc]?jsx?$/;

/** The source files of the workspace.
 * @param {string} root
 * @returns {string[]} Relative to the repository, with `/`. */
export function sourceFiles(root) {
  return FOLDERS.filter((folder) => existsSync(join(root, folder))).flatMap((folder) => filesUnder(root, folder));
}

/** Every module that a file names, once each: static imports, `import()` and `require()` with a literal, re-exports,
 * types, and in JavaScript the types of doc comments.
 * @param {string} text @param {string} [file] Its ending tells the language. @returns {string[]} */
export function importsIn(text, file = 'file.ts') {
  /** @type {Set<string>} */
  const found = new Set();
  const hasTypedComments = JAVASCRIPT.test(file);
  /** @param {ts.Node} node */
  const visit = (node) => {
    const specifier = specifierOf(node);
    if (specifier !== undefined && ts.isStringLiteralLike(specifier)) found.add(specifier.text);
    if (hasTypedComments) for (const comment of docsOf(node)) ts.forEachChild(comment, visit);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.ESNext));
  return [...found];
}

/** The doc comments that stand directly before a node. @param {ts.Node} node @returns {readonly ts.Node[]} */
function docsOf(node) {
  return /** @type {{ jsDoc?: readonly ts.Node[] }} */ (node).jsDoc ?? [];
}

/** @param {ts.Node} node @returns {ts.Node | undefined} */
function specifierOf(node) {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isJSDocImportTag(node)) {
    return node.moduleSpecifier;
  }
  if (ts.isExternalModuleReference(node)) return node.expression;
  if (ts.isImportTypeNode(node)) return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
  if (ts.isModuleDeclaration(node)) return node.name;
  if (ts.isCallExpression(node) && isLoader(node.expression)) return node.arguments[0];
  return undefined;
}

/** @param {ts.Expression} callee */
function isLoader(callee) {
  return callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require');
}

/** @param {string} root @param {string} folder @returns {string[]} */
function filesUnder(root, folder) {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : filesUnder(root, path);
    return entry.isFile() && SOURCE.test(entry.name) ? [path] : [];
  });
}
