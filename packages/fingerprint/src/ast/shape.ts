import { isNode, type Node } from './node.ts';

/**
 * The fields of each kind of node that are code, in evaluation order: plain values as `=name`, nodes as `name`. Types,
 * modifiers and positions are not listed, so they never reach a hash. A kind that is not listed and has no handler is
 * unknown syntax.
 */
export const SHAPES: Readonly<Record<string, readonly string[]>> = {
  ArrayExpression: ['elements'],
  ArrayPattern: ['elements'],
  AssignmentExpression: ['=operator', 'left', 'right'],
  AssignmentPattern: ['left', 'right'],
  AwaitExpression: ['argument'],
  BinaryExpression: ['=operator', 'left', 'right'],
  BreakStatement: ['label'],
  CatchClause: ['param', 'body'],
  ConditionalExpression: ['test', 'consequent', 'alternate'],
  ContinueStatement: ['label'],
  DebuggerStatement: [],
  Decorator: ['expression'],
  ExpressionStatement: ['expression'],
  ForInStatement: ['left', 'right', 'body'],
  ForOfStatement: ['=await', 'left', 'right', 'body'],
  ForStatement: ['init', 'test', 'update', 'body'],
  ImportExpression: ['=phase', 'source', 'options'],
  LabeledStatement: ['label', 'body'],
  MetaProperty: [],
  NewExpression: ['callee', 'arguments'],
  ObjectExpression: ['properties'],
  ObjectPattern: ['properties'],
  RestElement: ['argument'],
  ReturnStatement: ['argument'],
  SequenceExpression: ['expressions'],
  SpreadElement: ['argument'],
  StaticBlock: ['body'],
  Super: [],
  SwitchCase: ['test', 'consequent'],
  SwitchStatement: ['discriminant', 'cases'],
  TaggedTemplateExpression: ['tag', 'quasi'],
  TemplateLiteral: ['quasis', 'expressions'],
  ThrowStatement: ['argument'],
  TryStatement: ['block', 'handler', 'finalizer'],
  UnaryExpression: ['=operator', 'argument'],
  UpdateExpression: ['=operator', '=prefix', 'argument'],
  VariableDeclaration: ['=kind', 'declarations'],
  VariableDeclarator: ['id', 'init'],
  WhileStatement: ['test', 'body'],
  DoWhileStatement: ['body', 'test'],
  WithStatement: ['object', 'body'],
  IfStatement: ['test', 'consequent', 'alternate'],
  YieldExpression: ['=delegate', 'argument'],
  BlockStatement: ['body'],
  CallExpression: ['=optional', 'callee', 'arguments'],
  ChainExpression: ['expression'],
  LogicalExpression: ['=operator', 'left', 'right'],
  MemberExpression: ['=optional', 'object', 'property'],
  ArrowFunctionExpression: ['params', 'body'],
  FunctionExpression: ['params', 'body'],
  FunctionDeclaration: ['params', 'body'],
  ClassDeclaration: ['decorators', 'superClass', 'body'],
  ClassExpression: ['decorators', 'superClass', 'body'],
  ClassBody: ['body'],
  MethodDefinition: ['decorators', 'key', 'value'],
  PropertyDefinition: ['decorators', 'key', 'value'],
  AccessorProperty: ['decorators', 'key', 'value'],
  Property: ['key', 'value'],
  TSParameterProperty: ['decorators', 'parameter'],
  TSEnumDeclaration: ['body'],
  TSEnumBody: ['members'],
  TSEnumMember: ['id', 'initializer'],
  TSModuleDeclaration: ['body'],
  TSModuleBlock: ['body'],
  TSAsExpression: ['expression'],
  TSSatisfiesExpression: ['expression'],
  TSNonNullExpression: ['expression'],
  TSTypeAssertion: ['expression'],
  TSInstantiationExpression: ['expression'],
  ParenthesizedExpression: ['expression'],
  ExportNamedDeclaration: ['declaration'],
  ExportDefaultDeclaration: ['declaration'],
  TSExportAssignment: ['expression'],
  TSImportEqualsDeclaration: ['moduleReference'],
  TSQualifiedName: ['left'],
  JSXElement: ['openingElement', 'children'],
  JSXFragment: ['children'],
  JSXOpeningElement: ['name', 'attributes'],
  JSXAttribute: ['name', 'value'],
  JSXSpreadAttribute: ['argument'],
  JSXSpreadChild: ['expression'],
  JSXExpressionContainer: ['expression'],
  JSXMemberExpression: ['object', 'property'],
  JSXNamespacedName: ['namespace', 'name'],
  JSXEmptyExpression: [],
};

/** The children that are code. Types are left out. */
export function children(node: Node): readonly Node[] {
  const found: Node[] = [];
  for (const field of SHAPES[node.type] ?? []) {
    const value = node[field];
    if (Array.isArray(value)) {
      for (const each of value) if (isNode(each)) found.push(each);
    } else if (isNode(value)) found.push(value);
  }
  return found;
}

/** Statements and members that only the type checker uses. */
const ERASED: ReadonlySet<string> = new Set([
  'TSInterfaceDeclaration',
  'TSTypeAliasDeclaration',
  'TSDeclareFunction',
  'TSNamespaceExportDeclaration',
  'TSAbstractMethodDefinition',
  'TSAbstractPropertyDefinition',
  'TSAbstractAccessorProperty',
  'TSIndexSignature',
  'EmptyStatement',
]);

const BODILESS = 'TSEmptyBodyFunctionExpression';

/** True if removing types removes the whole statement or class member. */
export function isErased(node: { readonly type: string; readonly [field: string]: unknown }): boolean {
  if (ERASED.has(node.type) || node.declare === true) return true;
  const value = node.value as { type?: unknown } | null | undefined;
  if (node.type === 'MethodDefinition') return value?.type === BODILESS;
  if (node.type === 'TSModuleDeclaration') return isTypeOnlyNamespace(node);
  if (node.type === 'TSImportEqualsDeclaration') return node.importKind === 'type';
  return false;
}

interface Bodied {
  readonly type: string;
  readonly body?: unknown;
  readonly declaration?: unknown;
  readonly [field: string]: unknown;
}

/** True for a namespace that holds only types. */
function isTypeOnlyNamespace(node: Bodied): boolean {
  const body = node.body as Bodied | null | undefined;
  if (!body) return true;
  if (body.type === 'TSModuleDeclaration') return isErased(body);
  const statements = Array.isArray(body.body) ? (body.body as Bodied[]) : [];
  return statements.every((statement) => {
    if (statement.type !== 'ExportNamedDeclaration') return isErased(statement);
    const inner = statement.declaration as Bodied | null | undefined;
    return inner ? isErased(inner) : statement.exportKind === 'type';
  });
}
