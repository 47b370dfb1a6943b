import { boundNames } from '../../ast/bindings.ts';
import { child, isFunction, list, memberName, type Node, need, text, unwrap } from '../../ast/node.ts';
import { children } from '../../ast/shape.ts';

/**
 * True if the value that an assignment fills a variable with depends on what the function around it was given, other than
 * by the key that it is kept under: then it is that of the first call. True, too, for an empty container, which others fill.
 */
export function isGivenFill(path: readonly Node[], assignment: Node): boolean {
  if (isEmptyContainer(unwrap(need(assignment, 'right')))) return true;
  const given = namesGiven(path);
  const keys = namesIn(keysOf(need(assignment, 'left')), new Set());
  const used = namesIn([need(assignment, 'right')], new Set());
  return [...used].some((name) => given.has(name) && !keys.has(name));
}

/** Parameters of the functions around the end of a path, `this`, and variables that are made of them. */
function namesGiven(path: readonly Node[]): ReadonlySet<string> {
  const functions = path.filter(isFunction);
  const given = new Set([
    'this',
    'arguments',
    ...functions.flatMap((each) => list(each, 'params').flatMap(boundNames)),
  ]);
  const declared = functions.flatMap((each) => declaratorsIn(need(each, 'body')));
  for (let size = -1; size !== given.size; ) {
    size = given.size;
    for (const each of declared) {
      const init = child(each, 'init');
      if (!init || ![...namesIn([init], new Set())].some((name) => given.has(name))) continue;
      for (const name of boundNames(need(each, 'id'))) given.add(name);
    }
  }
  return given;
}

function declaratorsIn(node: Node): readonly Node[] {
  const own = node.type === 'VariableDeclarator' ? [node] : [];
  return [...own, ...children(node).flatMap(declaratorsIn)];
}

/** Computed keys of a member such as `table[a][b]`. */
function keysOf(target: Node): readonly Node[] {
  const node = unwrap(target);
  if (node.type !== 'MemberExpression') return [];
  const own = memberName(node) === undefined ? [need(node, 'property')] : [];
  return [...keysOf(need(node, 'object')), ...own];
}

function namesIn(nodes: readonly Node[], found: Set<string>): ReadonlySet<string> {
  for (const node of nodes) {
    if (node.type === 'Identifier') found.add(text(node, 'name'));
    if (node.type === 'ThisExpression') found.add('this');
    const isNamed = node.type === 'MemberExpression' && memberName(node) !== undefined;
    namesIn(isNamed ? [need(node, 'object')] : children(node), found);
  }
  return found;
}

function isEmptyContainer(node: Node): boolean {
  if (node.type === 'ObjectExpression') return list(node, 'properties').length === 0;
  if (node.type === 'ArrayExpression') return list(node, 'elements').length === 0;
  if (node.type !== 'NewExpression' || list(node, 'arguments').length > 0) return false;
  const callee = need(node, 'callee');
  return (
    callee.type === 'Identifier' &&
    /^(Map|Set|WeakMap|WeakSet|Array|Object|URLSearchParams)$/.test(text(callee, 'name'))
  );
}
