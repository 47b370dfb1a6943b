import { declaredNames } from '../ast/bindings.ts';
import { child, isNode, list, type Node, nameOf, need } from '../ast/node.ts';
import { isErased } from '../ast/shape.ts';
import type { ExportEntry, ImportBinding } from './summary.ts';

/** Local name of an anonymous default export. */
export const DEFAULT = '*default*';

/** The imports and exports of a file. */
export interface ModuleTable {
  readonly imports: Record<string, ImportBinding>;
  readonly exports: Record<string, ExportEntry>;
  readonly stars: string[];
  readonly bare: string[];
}

/** Reads imports and exports from the top-level statements. Types are left out. */
export function readModuleTable(program: Node): ModuleTable {
  const table: ModuleTable = { imports: empty(), exports: empty(), stars: [], bare: [] };
  for (const statement of list(program, 'body')) READERS[statement.type]?.(table, statement);
  return table;
}

/** Keys are names from user code, so there must be no prototype to find them on. */
function empty<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>;
}

type Reader = (table: ModuleTable, node: Node) => void;

const READERS: Readonly<Record<string, Reader>> = {
  ImportDeclaration: readImport,
  TSImportEqualsDeclaration: readImportEquals,
  ExportAllDeclaration(table, node) {
    if (node.exportKind === 'type') return;
    const from = nameOf(need(node, 'source'));
    const exported = child(node, 'exported');
    if (exported) table.exports[nameOf(exported)] = { from, name: '*' };
    else table.stars.push(from);
  },
  ExportNamedDeclaration: readNamedExport,
  ExportDefaultDeclaration(table, node) {
    const declaration = need(node, 'declaration');
    if (isErased(declaration)) return;
    const isDeclared = /^(Function|Class)Declaration$/.test(declaration.type);
    const id = isDeclared ? child(declaration, 'id') : undefined;
    table.exports.default = { local: id ? nameOf(id) : DEFAULT };
  },
};

function readImport(table: ModuleTable, node: Node): void {
  if (node.importKind === 'type') return;
  const from = nameOf(need(node, 'source'));
  const values = list(node, 'specifiers').filter((each) => each.importKind !== 'type');
  if (values.length === 0) table.bare.push(from);
  for (const each of values) {
    const imported = child(each, 'imported');
    const name = imported ? nameOf(imported) : each.type === 'ImportNamespaceSpecifier' ? '*' : 'default';
    table.imports[nameOf(need(each, 'local'))] = { from, name };
  }
}

function readImportEquals(table: ModuleTable, node: Node): void {
  const reference = need(node, 'moduleReference');
  if (isErased(node) || reference.type !== 'TSExternalModuleReference') return;
  const from = nameOf(need(reference, 'expression'));
  table.imports[nameOf(need(node, 'id'))] = { from, name: '*' };
}

function readNamedExport(table: ModuleTable, node: Node): void {
  if (node.exportKind === 'type') return;
  const declaration = child(node, 'declaration');
  if (declaration?.type === 'TSImportEqualsDeclaration') readImportEquals(table, declaration);
  if (declaration && !isErased(declaration)) {
    for (const name of declaredNames(declaration)) table.exports[name] = { local: name };
  }
  const source = isNode(node.source) ? nameOf(node.source) : undefined;
  const values = list(node, 'specifiers').filter((each) => each.exportKind !== 'type');
  // Some compiler options keep the import even though only types are named.
  if (source !== undefined && values.length === 0) table.bare.push(source);
  for (const each of values) {
    const [local, exported] = [nameOf(need(each, 'local')), nameOf(need(each, 'exported'))];
    table.exports[exported] = source === undefined ? { local } : { from: source, name: local };
  }
}
