/** One node of the parser's tree, in the shape of typescript-estree. Offsets count UTF-16 units. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

/** The node in a field; `undefined` if there is none. */
export function child(node: Node, field: string): Node | undefined {
  const value = node[field];
  return isNode(value) ? value : undefined;
}

/** The node in a field that the grammar requires. Throws if it is missing: the file is then hashed whole. */
export function need(node: Node, field: string): Node {
  const value = child(node, field);
  if (!value) throw new UnknownSyntax(`${node.type}.${field}`);
  return value;
}

/** The nodes in a list field. Holes of arrays are left out. */
export function list(node: Node, field: string): readonly Node[] {
  const value = node[field];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** The string in a field; empty if there is none. */
export function text(node: Node, field: string): string {
  const value = node[field];
  return typeof value === 'string' ? value : '';
}

/** The name of an identifier, or the value of a literal as a string. */
export function nameOf(node: Node): string {
  return node.type === 'Literal' ? String(node.value) : text(node, 'name');
}

/** Thrown for unknown syntax: its file is then hashed whole. */
export class UnknownSyntax extends Error {
  override readonly name = 'UnknownSyntax';
}

const WRAPPERS: ReadonlySet<string> = new Set([
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
  'TSTypeAssertion',
  'TSInstantiationExpression',
  'ParenthesizedExpression',
]);

/** True if a node only adds a type or parentheses to its `expression`. */
export function isWrapper(node: Node): boolean {
  return WRAPPERS.has(node.type);
}

/** The expression inside types, parentheses and optional chains. */
export function unwrap(node: Node): Node {
  let inner = node;
  while (isWrapper(inner) || inner.type === 'ChainExpression') inner = need(inner, 'expression');
  return inner;
}

const FUNCTIONS: ReadonlySet<string> = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
]);

export function isFunction(node: Node): boolean {
  return FUNCTIONS.has(node.type);
}

export function isClass(node: Node): boolean {
  return node.type === 'ClassDeclaration' || node.type === 'ClassExpression';
}

/** True for a function or class that takes its name from its variable or property, where code can read it. */
export function isAnonymous(node: Node | undefined): boolean {
  if (!node) return false;
  const inner = unwrap(node);
  return (isFunction(inner) || isClass(inner)) && !child(inner, 'id');
}

/** The literal property name of a member expression; `undefined` for a computed one. */
export function memberName(node: Node): string | undefined {
  const property = need(node, 'property');
  if (property.type === 'PrivateIdentifier') return `#${text(property, 'name')}`;
  if (node.computed !== true) return text(property, 'name');
  if (property.type === 'Literal' && typeof property.value === 'number') return String(property.value);
  return literalText(property);
}

/** The value of a string literal or of a template without expressions. */
export function literalText(node: Node): string | undefined {
  const inner = unwrap(node);
  if (inner.type === 'Literal' && typeof inner.value === 'string') return inner.value;
  if (inner.type !== 'TemplateLiteral' || list(inner, 'expressions').length > 0) return undefined;
  const cooked = (list(inner, 'quasis')[0]?.value as { cooked?: unknown } | undefined)?.cooked;
  return typeof cooked === 'string' ? cooked : undefined;
}
