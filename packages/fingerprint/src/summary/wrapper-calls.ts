import { child, isFunction, list, memberName, type Node, need, text, unwrap } from '../ast/node.ts';
import type { Unit } from './summary.ts';
import type { FileContext } from './walk/walker.ts';

/** The call that makes the value of a variable, with what it is given. */
export interface HandingCall {
  readonly to: NonNullable<Unit['handsTo']>;
  /** The arguments at those positions, as the walker meets them. */
  readonly nodes: readonly Node[];
}

/**
 * Reads `const x = f(…)` and `const x = ns.f(…)` where `f` is a name of the file's top scope and the arguments are
 * literals, functions and names; nothing for all else.
 */
export function handingCall(file: FileContext, declarator: Node): HandingCall | undefined {
  const init = child(declarator, 'init');
  const call = init && unwrap(init);
  if (call?.type !== 'CallExpression' || call.optional === true) return undefined;
  const callee = calleeOf(file, unwrap(need(call, 'callee')));
  const given = list(call, 'arguments');
  if (!callee || !given.every((each) => each.type === 'Literal' || isFunctionOrName(unwrap(each)))) return undefined;
  const positions = given.flatMap((each, position) => (isFunctionOrName(unwrap(each)) ? [position] : []));
  if (positions.length === 0) return undefined;
  return { to: { ...callee, positions }, nodes: given.filter((_, position) => positions.includes(position)) };
}

function calleeOf(file: FileContext, callee: Node): { readonly name: string; readonly member?: string } | undefined {
  if (callee.type === 'Identifier')
    return file.top.has(text(callee, 'name')) ? { name: text(callee, 'name') } : undefined;
  if (callee.type !== 'MemberExpression' || callee.optional === true) return undefined;
  const [object, member] = [unwrap(need(callee, 'object')), memberName(callee)];
  if (object.type !== 'Identifier' || member === undefined || !file.top.has(text(object, 'name'))) return undefined;
  return { name: text(object, 'name'), member };
}

/** Whether evaluating the argument runs nothing. */
function isFunctionOrName(node: Node): boolean {
  if (node.type === 'MemberExpression') {
    return memberName(node) !== undefined && isFunctionOrName(unwrap(need(node, 'object')));
  }
  return node.type === 'Identifier' || isFunction(node);
}
