import { pickedNames } from '../../ast/bindings.ts';
import { memberName, type Node, need, text } from '../../ast/node.ts';
import type { Handlers, Walker } from './walker.ts';

/** Handlers for `this` and `super`: they record the members that a piece uses, and whether the object escapes. */
export const thisHandlers: Handlers = {
  ThisExpression(walker, node) {
    walker.out.token('this');
    if (walker.self === 'other') return;
    const use = useOfThis(walker.path);
    if (use.names) for (const name of use.names) referToMember(walker, node, name);
    else noteEscape(walker, node, use.escape);
  },
  Super(walker, node) {
    walker.out.token('super');
    if (walker.self === 'other') return;
    const parent = walker.path.at(-2);
    const kind = walker.self === 'static' ? 'static-super' : 'super';
    const name = parent?.type === 'MemberExpression' ? memberName(parent) : 'constructor';
    if (name === undefined) noteEscape(walker, node, 'members');
    else walker.out.refer({ kind, name }, 0, walker.when, walker.line(node));
  },
};

function referToMember(walker: Walker, node: Node, name: string): void {
  // `PrivateIdentifier` has a handler of its own.
  if (name.startsWith('#')) return;
  if (name === 'constructor') return noteEscape(walker, node, 'members');
  const kind = walker.self === 'static' ? 'static' : 'this';
  walker.out.refer({ kind, name }, 0, walker.when, walker.line(node));
}

function noteEscape(walker: Walker, node: Node, what: 'fields' | 'members'): void {
  walker.out.escape(what);
  if (what === 'members') walker.out.hazard({ kind: 'this-escapes', line: walker.line(node) });
}

type ThisUse =
  | { readonly names: readonly string[]; readonly escape?: undefined }
  | { readonly names?: undefined; readonly escape: 'fields' | 'members' };

const ESCAPES: ThisUse = { escape: 'members' };

function useOfThis(path: readonly Node[]): ThisUse {
  let at = path.length - 1;
  while (path[at - 1] && isTransparent(path[at - 1] as Node)) at--;
  const [node, parent] = [path[at], path[at - 1]];
  if (!node || !parent) return ESCAPES;
  if (parent.type === 'MemberExpression' && parent.object === node) {
    const name = memberName(parent);
    return name === undefined ? ESCAPES : { names: [name] };
  }
  if (parent.type === 'VariableDeclarator') {
    const names = pickedNames(need(parent, 'id'));
    return names ? { names } : ESCAPES;
  }
  if (parent.type === 'BinaryExpression' && parent.operator === 'in') return { escape: 'fields' };
  if (parent.type === 'SpreadElement' && path[at - 2]?.type === 'ObjectExpression') return { escape: 'fields' };
  return listsFields(node, parent) ? { escape: 'fields' } : ESCAPES;
}

function isTransparent(node: Node): boolean {
  return /^(TSAs|TSSatisfies|TSNonNull|TSInstantiation|Parenthesized|Chain)Expression$|^TSTypeAssertion$/.test(
    node.type,
  );
}

/** `Object.keys(this)` and the like see own fields, never methods. */
function listsFields(node: Node, parent: Node): boolean {
  if (parent.type !== 'CallExpression' || parent.callee === node) return false;
  const callee = need(parent, 'callee');
  if (callee.type !== 'MemberExpression') return false;
  const object = need(callee, 'object');
  const isObject = object.type === 'Identifier' && text(object, 'name') === 'Object';
  return isObject && /^(keys|values|entries|getOwnPropertyNames)$/.test(memberName(callee) ?? '');
}
