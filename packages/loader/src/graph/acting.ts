import { isNode, type Node, nodesOf } from './nodes.ts';

const NOTHING: ReadonlySet<string> = new Set([
  ...['ImportDeclaration', 'ExportAllDeclaration', 'FunctionDeclaration', 'EmptyStatement'],
  ...['TSInterfaceDeclaration', 'TSTypeAliasDeclaration'],
]);
const VALUES: ReadonlySet<string> = new Set([
  ...['Literal', 'Identifier', 'FunctionExpression', 'ArrowFunctionExpression', 'ThisExpression'],
]);
/** Types around a value. */
const TYPED: ReadonlySet<string> = new Set([
  ...['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression', 'TSTypeAssertion'],
]);
const COLLECTIONS: ReadonlySet<unknown> = new Set(['Map', 'Set', 'WeakMap', 'WeakSet']);

/** True unless a module only declares things when it is evaluated: then nothing else can notice when that was. */
export function acts(body: unknown): boolean {
  return !nodesOf(body).every(isDeclaring);
}

function isDeclaring(node: Node): boolean {
  if (node.declare === true || NOTHING.has(node.type)) return true;
  switch (node.type) {
    case 'ExpressionStatement':
      return typeof node.directive === 'string';
    case 'VariableDeclaration':
      return nodesOf(node.declarations).every(
        ({ id, init }) => isNode(id) && id.type === 'Identifier' && isQuietOrNone(init),
      );
    case 'ExportNamedDeclaration':
      return !isNode(node.declaration) || isDeclaring(node.declaration);
    case 'ExportDefaultDeclaration':
      return isNode(node.declaration) && (isDeclaring(node.declaration) || isQuiet(node.declaration));
    case 'ClassDeclaration':
      return isQuietClass(node);
    default:
      return false;
  }
}

/** True for an expression that runs no code of anybody. */
function isQuiet(node: Node): boolean {
  if (VALUES.has(node.type)) return true;
  if (TYPED.has(node.type)) return isQuietOrNone(node.expression);
  switch (node.type) {
    case 'TemplateLiteral':
      return nodesOf(node.expressions).length === 0;
    case 'UnaryExpression':
      return ['!', 'void', 'typeof'].includes(String(node.operator)) ? isQuietOrNone(node.argument) : isNumber(node);
    case 'ArrayExpression':
      return nodesOf(node.elements).every(isQuiet);
    case 'ObjectExpression':
      return nodesOf(node.properties).every(
        ({ type, computed, value }) => type === 'Property' && computed !== true && isQuietOrNone(value),
      );
    case 'NewExpression':
      return isNode(node.callee) && COLLECTIONS.has(node.callee.name) && nodesOf(node.arguments).length === 0;
    case 'ClassExpression':
      return isQuietClass(node);
    default:
      return false;
  }
}

/** `-1`, which is not a literal of its own. */
function isNumber({ operator, argument }: Node): boolean {
  return operator === '-' && isNode(argument) && argument.type === 'Literal';
}

function isQuietOrNone(value: unknown): boolean {
  return !isNode(value) || isQuiet(value);
}

function isQuietClass({ decorators, superClass, body }: Node): boolean {
  if (nodesOf(decorators).length > 0 || !isQuietOrNone(superClass)) return false;
  return nodesOf((body as Node).body).every(
    ({ type, decorators: own, computed, static: isStatic, value }) =>
      type !== 'StaticBlock' &&
      [own, ...parametersOf(value).map(({ decorators: its }) => its)].every((one) => nodesOf(one).length === 0) &&
      computed !== true &&
      (isStatic !== true || type === 'MethodDefinition' || isQuietOrNone(value)),
  );
}

function parametersOf(value: unknown): readonly Node[] {
  return isNode(value) ? nodesOf(value.params) : [];
}
