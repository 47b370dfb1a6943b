import { dirname, resolve } from 'node:path';
import type { SourceModule } from '@varve/core/contract';
import type { Declared } from './declared-by-lines.ts';

/** Finds what a module declares. A module with a mistake declares nothing: it is not run. */
export type Declare = (source: string, file: string, loader: SourceModule['loader']) => Declared;

/** A node of the parser's tree. */
interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Loads oxc-parser; `undefined` on a platform without it. */
export async function loadDeclare(): Promise<Declare | undefined> {
  try {
    const { parseSync } = await import('oxc-parser');
    return (source, file, loader) => {
      const lang = loader === 'js' ? 'jsx' : (loader as 'ts' | 'tsx' | 'jsx');
      const { program, module } = parseSync(`source.${lang}`, source, {
        ...{ lang, astType: 'ts', sourceType: 'unambiguous', preserveParens: false },
      });
      const found = new Found(file);
      for (const node of nodesOf(program.body)) found.statement(node, true);
      return { ...found.declared, hasUnnamed: found.declared.hasUnnamed && module.hasModuleSyntax };
    };
  } catch {
    return undefined;
  }
}

/** Statements that hold others, in which `var` declares a name of the top level. */
const HOLDS = ['body', 'block', 'consequent', 'alternate', 'init', 'left', 'handler', 'finalizer', 'cases'];
const TYPES_ONLY: ReadonlySet<string> = new Set(['TSInterfaceDeclaration', 'TSTypeAliasDeclaration']);
const NAMED: ReadonlySet<string> = new Set([
  ...['FunctionDeclaration', 'ClassDeclaration', 'TSEnumDeclaration', 'TSModuleDeclaration'],
]);

class Found {
  readonly declared = {
    names: [] as string[],
    patterns: [] as string[][],
    hasUnnamed: false,
    data: [] as { path: string; names: string[] }[],
  };

  constructor(private readonly file: string) {}

  /** `isTop`: false for one in a block, of which only `var` counts. */
  statement(node: Node, isTop: boolean): void {
    if (node.declare === true || TYPES_ONLY.has(node.type)) return;
    if (node.type === 'VariableDeclaration') return this.variables(node, isTop);
    if (NAMED.has(node.type)) {
      const { id } = node;
      // In a block that is not strict, a function declares a name around it, too.
      if ((isTop || node.type === 'FunctionDeclaration') && isNode(id)) this.declared.names.push(...namesIn(id));
      return;
    }
    if (node.type === 'ImportDeclaration') return this.imports(node);
    if (node.type === 'ExportDefaultDeclaration') return this.byDefault(node.declaration as Node);
    if (isNode(node.declaration)) return this.statement(node.declaration, isTop);
    for (const field of HOLDS)
      for (const each of nodesOf(node[field])) if (isStatement(each)) this.statement(each, false);
  }

  private variables({ kind, declarations }: Node, isTop: boolean): void {
    if (!isTop && kind !== 'var') return;
    for (const { id } of nodesOf(declarations)) {
      const names = isNode(id) ? namesIn(id) : [];
      this.declared.names.push(...names);
      if (names.length > 1) this.declared.patterns.push(names);
    }
  }

  private byDefault(declaration: Node): void {
    if (declaration.type === 'Identifier' || TYPES_ONLY.has(declaration.type)) return;
    if (NAMED.has(declaration.type) && isNode(declaration.id)) this.statement(declaration, true);
    else this.declared.hasUnnamed = true;
  }

  private imports({ source, specifiers, importKind }: Node): void {
    const path = (source as { readonly value?: unknown }).value;
    if (importKind === 'type' || typeof path !== 'string' || !/^\..*\.json$/s.test(path)) return;
    const names = nodesOf(specifiers).flatMap(({ local }) => (isNode(local) ? namesIn(local) : []));
    this.declared.data.push({ path: resolve(dirname(this.file), path), names });
  }
}

function isStatement({ type }: Node): boolean {
  return /(?:Statement|Declaration|Clause|SwitchCase)$/.test(type);
}

/** The names that an identifier or a pattern declares. */
function namesIn(target: Node): string[] {
  switch (target.type) {
    case 'Identifier':
      return [String(target.name)];
    case 'ObjectPattern':
      return nodesOf(target.properties).flatMap(({ value, argument }) => namesIn((value ?? argument) as Node));
    case 'ArrayPattern':
      return nodesOf(target.elements).flatMap(namesIn);
    case 'AssignmentPattern':
      return namesIn(target.left as Node);
    case 'RestElement':
      return namesIn(target.argument as Node);
    default:
      return [];
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as { readonly type?: unknown }).type === 'string';
}

/** The nodes in a field, one or a list. */
function nodesOf(value: unknown): readonly Node[] {
  return (Array.isArray(value) ? value : [value]).filter(isNode);
}
