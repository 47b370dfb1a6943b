import { parseForESLint } from '@typescript-eslint/parser';
import { expect, test } from 'vitest';
import { loadParser } from '../../src/ast/parse.ts';
import { summarise } from '../../src/summary/summarise.ts';
import type { FileSummary, Part } from '../../src/summary/summary.ts';
import { corpusFiles } from './corpus.ts';

/** Top-level names that code uses as values, by the line on which the statement starts. */
type Found = Map<number, Set<string>>;

function ours(summary: FileSummary, starts: readonly number[]): Found {
  const found: Found = new Map();
  const parts: readonly Part[] = summary.units.flatMap(({ shape, ...unit }): Part[] =>
    shape ? [shape.header, ...shape.members, ...shape.members.flatMap(({ options }) => options ?? [])] : [unit],
  );
  for (const { line, refs } of parts) {
    for (const ref of refs) if (ref.kind === 'name') note(found, startOf(starts, line), ref.name);
  }
  return found;
}

function theirs(text: string): { readonly found: Found; readonly starts: readonly number[] } {
  const { ast, scopeManager } = parseForESLint(text, { sourceType: 'module', range: true, loc: true });
  const moduleScope = scopeManager.scopes.find(({ type }) => String(type) === 'module');
  const starts = ast.body.map(({ loc }) => loc.start.line);
  const found: Found = new Map();
  const erased = erasedNodes(ast.body, false);
  // The analyser gives a class a scope with its own name, which stands for the same class.
  const classes = scopeManager.scopes.filter(({ type, upper }) => String(type) === 'class' && upper === moduleScope);
  const inner = classes.flatMap(({ variables }) => variables.filter(({ name }) => moduleScope?.set.has(name)));
  for (const variable of [...(moduleScope?.variables ?? []), ...inner]) {
    for (const reference of variable.references) {
      const { identifier } = reference;
      if (!reference.isValueReference || reference.init === true) continue;
      if (erased.has(identifier)) continue;
      note(found, startOf(starts, identifier.loc.start.line), variable.name);
    }
  }
  return { found, starts };
}

const TYPES =
  /^TS(TypeQuery|InterfaceHeritage|ClassImplements|TypeAnnotation|TypeAliasDeclaration|InterfaceDeclaration|DeclareFunction|EmptyBody|TypeParameter)|^ExportSpecifier$/;

/** Nodes inside types and re-exports: they name values without using them. */
function erasedNodes(value: unknown, erased: boolean, found = new Set<unknown>()): Set<unknown> {
  if (Array.isArray(value)) for (const each of value) erasedNodes(each, erased, found);
  else if (typeof value === 'object' && value !== null && 'type' in value) {
    const inside = erased || TYPES.test(String(value.type)) || (value as { declare?: boolean }).declare === true;
    if (inside) found.add(value);
    for (const [key, inner] of Object.entries(value)) if (key !== 'parent') erasedNodes(inner, inside, found);
  }
  return found;
}

function startOf(starts: readonly number[], line: number): number {
  return starts.findLast((start) => start <= line) ?? 0;
}

function note(found: Found, line: number, name: string): void {
  const names = found.get(line) ?? new Set();
  found.set(line, names.add(name));
}

const plain = (found: Found) => [...found].map(([line, names]) => `${line}: ${[...names].sort().join(' ')}`).sort();

test('references to top-level names are those that a scope analyser finds', { timeout: 600_000 }, async () => {
  const parse = await loadParser();
  let names = 0;
  for (const { name, text } of corpusFiles(6)) {
    const { found, starts } = theirs(text);
    const summary = summarise(parse, text, 'ts');
    expect(summary.whole, name).toBeUndefined();
    const mine = ours(summary, starts);
    expect({ name, refs: plain(mine) }).toEqual({ name, refs: plain(found) });
    names += [...mine.values()].reduce((sum, { size }) => sum + size, 0);
  }
  expect(names).toBeGreaterThan(1000);
});
