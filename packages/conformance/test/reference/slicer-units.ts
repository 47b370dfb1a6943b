import type { ModuleGraph, SourceModule } from '@varve/core/contract';
import ts from 'typescript';

/** A piece of code: a declaration, a member of a class with a base, or a statement that runs when its file is loaded. */
export interface Unit {
  readonly label: string;
  readonly file: string;
  readonly line: number;
  /** Without comments, laid out by the printer. */
  readonly text: string;
  readonly node: ts.Node;
  readonly source: ts.SourceFile;
  /** For members of a flow class: the name in `this.<name>`. */
  readonly member?: string;
}

export interface ParsedModule {
  readonly file: string;
  readonly source: ts.SourceFile;
  /** By local name. */
  readonly declared: ReadonlyMap<string, Unit>;
  readonly members: readonly Unit[];
  /** Statements that run when the file is loaded. */
  readonly effects: readonly Unit[];
  /** Local name to file and exported name; `*` is all of it. */
  readonly imported: ReadonlyMap<string, { readonly file: string; readonly name: string }>;
  /** Files whose exports are exported again. */
  readonly stars: readonly string[];
  /** Files by specifier. */
  readonly targets: ReadonlyMap<string, string>;
}

const printer = ts.createPrinter({ removeComments: true });

export function parseModules(graph: ModuleGraph): Map<string, ParsedModule> {
  const relative = (path: string): string => path.slice(graph.root.length + 1);
  return new Map(
    graph.modules.map((module) => [relative(module.path), parseModule(relative(module.path), module, relative)]),
  );
}

function parseModule(file: string, module: SourceModule, relative: (path: string) => string): ParsedModule {
  const source = ts.createSourceFile(file, new TextDecoder().decode(module.contents), ts.ScriptTarget.ES2022, true);
  const targets = new Map<string, string>();
  for (const { specifier, target } of module.imports)
    if (target.type === 'module') targets.set(specifier, relative(target.path));
  const parsed = {
    file,
    source,
    declared: new Map<string, Unit>(),
    members: [] as Unit[],
    effects: [] as Unit[],
    imported: new Map<string, { readonly file: string; readonly name: string }>(),
    stars: [] as string[],
    targets,
  };
  const unit = (name: string, node: ts.Node, member?: string): Unit => ({
    label: `${file}#${name}`,
    file,
    line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1,
    text: printer.printNode(ts.EmitHint.Unspecified, node, source).replaceAll(/\s+/g, ' '),
    node,
    source,
    ...(member === undefined ? {} : { member }),
  });
  for (const statement of source.statements) addStatement(parsed, statement, unit);
  return parsed;
}

type MakeUnit = (name: string, node: ts.Node, member?: string) => Unit;
type Draft = { [Key in keyof ParsedModule]: ParsedModule[Key] } & {
  readonly declared: Map<string, Unit>;
  readonly members: Unit[];
  readonly effects: Unit[];
  readonly imported: Map<string, { readonly file: string; readonly name: string }>;
  readonly stars: string[];
};

function addStatement(draft: Draft, statement: ts.Statement, unit: MakeUnit): void {
  if (ts.isImportDeclaration(statement)) addImport(draft, statement);
  else if (ts.isExportDeclaration(statement)) {
    const target = ts.isStringLiteralLike(statement.moduleSpecifier ?? statement)
      ? draft.targets.get((statement.moduleSpecifier as ts.StringLiteral).text)
      : undefined;
    if (target !== undefined) draft.stars.push(target);
  } else if (ts.isClassDeclaration(statement) && statement.heritageClauses !== undefined) {
    for (const member of statement.members) {
      const name = member.name?.getText(draft.source) ?? 'constructor';
      draft.members.push(unit(`${statement.name?.text ?? 'default'}.${name}`, member, name));
    }
  } else if (ts.isClassDeclaration(statement) || ts.isFunctionDeclaration(statement)) {
    const name = statement.name?.text ?? 'default';
    draft.declared.set(name, unit(name, statement));
  } else if (ts.isVariableStatement(statement)) {
    for (const declaration of statement.declarationList.declarations) {
      const name = declaration.name.getText(draft.source);
      draft.declared.set(name, unit(name, declaration));
    }
  } else draft.effects.push(unit(`effect ${draft.effects.length}`, statement));
}

function addImport(draft: Draft, { moduleSpecifier, importClause }: ts.ImportDeclaration): void {
  const file = draft.targets.get((moduleSpecifier as ts.StringLiteral).text);
  if (file === undefined || importClause === undefined) return;
  if (importClause.name !== undefined) draft.imported.set(importClause.name.text, { file, name: 'default' });
  const bindings = importClause.namedBindings;
  if (bindings === undefined) return;
  if (ts.isNamespaceImport(bindings)) draft.imported.set(bindings.name.text, { file, name: '*' });
  else
    for (const item of bindings.elements)
      draft.imported.set(item.name.text, { file, name: (item.propertyName ?? item.name).text });
}
