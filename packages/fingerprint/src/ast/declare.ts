import { child, isFunction, isNode, list, type Node, nameOf, need, text } from './node.ts';
import { Scope, type Scopes } from './scopes.ts';
import { isErased, SHAPES } from './shape.ts';

/** Finds every declaration of a file before any reference is read, as functions and `var` may be used before. */
export function buildScopes(program: Node): Scopes {
  const scopes = new Map<Node, Scope>();
  const visit = (node: Node, scope: Scope): void => {
    if (isErased(node)) return;
    declareHere(node, scope);
    const inner = opens(node, scope);
    if (inner !== scope) scopes.set(node, inner);
    for (const next of children(node)) visit(next, inner);
  };
  const top = new Scope('program');
  scopes.set(program, top);
  for (const statement of list(program, 'body')) visit(statement, top);
  return scopes;
}

/** Every child that is code, types left out. */
export function children(node: Node): readonly Node[] {
  const fields = SHAPES[node.type] ?? [];
  return fields.flatMap((field) => {
    const value = node[field];
    return Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [];
  });
}

function declareHere(node: Node, scope: Scope): void {
  switch (node.type) {
    case 'VariableDeclaration':
      for (const name of list(node, 'declarations').flatMap((each) => boundNames(need(each, 'id')))) {
        if (node.kind === 'var') scope.declareVar(name);
        else scope.declare(name);
      }
      break;
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
    case 'TSEnumDeclaration': {
      const id = child(node, 'id');
      if (id) scope.declare(nameOf(id));
      break;
    }
    case 'TSModuleDeclaration':
      scope.declare(namespaceName(node));
      break;
    case 'TSImportEqualsDeclaration':
      scope.declare(nameOf(need(node, 'id')));
      break;
    case 'ImportDeclaration':
      for (const each of list(node, 'specifiers')) scope.declare(nameOf(need(each, 'local')));
      break;
  }
}

function opens(node: Node, scope: Scope): Scope {
  if (isFunction(node)) return openFunction(node, scope);
  switch (node.type) {
    case 'BlockStatement':
      return scope.kind === 'function' ? new Scope('body', scope) : new Scope('block', scope);
    case 'StaticBlock':
      return new Scope('body', scope);
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
    case 'SwitchStatement':
      return new Scope('block', scope);
    case 'CatchClause':
      return openWith(new Scope('block', scope), child(node, 'param'));
    case 'ClassExpression':
      return openWith(new Scope('block', scope), child(node, 'id'));
    case 'TSModuleBlock':
      return new Scope('namespace', scope);
    case 'TSEnumBody': {
      const inner = new Scope('enum', scope);
      for (const member of list(node, 'members')) inner.declare(nameOf(need(member, 'id')));
      return inner;
    }
    default:
      return scope;
  }
}

function openFunction(node: Node, scope: Scope): Scope {
  const inner = new Scope('function', scope);
  const id = child(node, 'id');
  if (id && node.type === 'FunctionExpression') inner.declare(nameOf(id));
  for (const parameter of list(node, 'params')) {
    for (const name of boundNames(parameter)) inner.declare(name);
  }
  return inner;
}

function openWith(scope: Scope, pattern: Node | undefined): Scope {
  for (const name of pattern ? boundNames(pattern) : []) scope.declare(name);
  return scope;
}

/** `A.B.C` declares `A`. */
export function namespaceName(node: Node): string {
  let id = need(node, 'id');
  while (id.type === 'TSQualifiedName') id = need(id, 'left');
  return nameOf(id);
}

/** The names that a pattern binds, in the order in which they are written. */
export function boundNames(pattern: Node): readonly string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [text(pattern, 'name')];
    case 'AssignmentPattern':
      return boundNames(need(pattern, 'left'));
    case 'RestElement':
      return boundNames(need(pattern, 'argument'));
    case 'TSParameterProperty':
      return boundNames(need(pattern, 'parameter'));
    case 'ArrayPattern':
      return list(pattern, 'elements').flatMap(boundNames);
    case 'ObjectPattern':
      return list(pattern, 'properties').flatMap((each) =>
        boundNames(each.type === 'Property' ? need(each, 'value') : each),
      );
    default:
      return [];
  }
}

/** The names a destructured value is asked for; nothing if it is asked for all. */
export function pickedNames(pattern: Node): readonly string[] | undefined {
  if (pattern.type !== 'ObjectPattern') return undefined;
  const names = list(pattern, 'properties').map((each) => {
    if (each.type !== 'Property') return undefined;
    const key = need(each, 'key');
    return each.computed === true ? undefined : nameOf(key);
  });
  return names.every((name) => name !== undefined) ? names : undefined;
}
