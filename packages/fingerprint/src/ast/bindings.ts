import { child, list, type Node, nameOf, need, text } from './node.ts';

/** The name that a namespace declares: `A` for `A.B.C`. */
export function namespaceName(node: Node): string {
  let id = need(node, 'id');
  while (id.type === 'TSQualifiedName') id = need(id, 'left');
  return nameOf(id);
}

/** The names that a pattern binds, in source order. */
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

/** The properties that a destructuring pattern reads; `undefined` if it may read any. */
export function pickedNames(pattern: Node): readonly string[] | undefined {
  if (pattern.type !== 'ObjectPattern') return undefined;
  const names = list(pattern, 'properties').map((each) => {
    if (each.type !== 'Property') return undefined;
    const key = need(each, 'key');
    return each.computed === true ? undefined : nameOf(key);
  });
  return names.every((name) => name !== undefined) ? names : undefined;
}

/** The names that a declaration adds to its scope. */
export function declaredNames(node: Node): readonly string[] {
  if (node.type === 'VariableDeclaration') {
    return list(node, 'declarations').flatMap((each) => boundNames(need(each, 'id')));
  }
  if (node.type === 'TSModuleDeclaration') return [namespaceName(node)];
  const id = child(node, 'id');
  return id ? [nameOf(id)] : [];
}
