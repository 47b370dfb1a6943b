import { child, isFunction, isWrapper, list, type Node, need, text } from '../../ast/node.ts';

/** The assignment whose target the node at `at` is, through patterns; `declared` for the name of a declaration. */
export function assignedAt(path: readonly Node[], at: number): Node | 'declared' | undefined {
  for (let i = at; ; i--) {
    const [node, parent] = [path[i], path[i - 1]];
    if (!node || !parent) return undefined;
    if (
      parent.type === 'AssignmentExpression' ||
      parent.type === 'ForOfStatement' ||
      parent.type === 'ForInStatement'
    ) {
      return parent.left === node ? parent : undefined;
    }
    if (parent.type === 'VariableDeclarator') return parent.id === node ? 'declared' : undefined;
    if (parent.type === 'AssignmentPattern' && parent.left !== node) return undefined;
    if (isParameterOf(node, parent)) return 'declared';
    if (!PATTERNS.has(parent.type) && !isWrapper(parent)) return undefined;
    if (parent.type === 'Property' && (parent.value !== node || path[i - 2]?.type !== 'ObjectPattern'))
      return undefined;
  }
}

const PATTERNS: ReadonlySet<string> = new Set([
  'ArrayPattern',
  'ObjectPattern',
  'Property',
  'RestElement',
  'AssignmentPattern',
  'TSParameterProperty',
]);

function isParameterOf(node: Node, parent: Node): boolean {
  if (isFunction(parent)) return list(parent, 'params').includes(node) || parent.id === node;
  return parent.type === 'CatchClause' && parent.param === node;
}

/** Whether an assignment stands in an `if` that asks whether the same name has no value yet. */
export function guarded(path: readonly Node[], at: number): boolean {
  const target = path[at];
  if (target?.type !== 'Identifier') return false;
  for (let i = at; i > 0; i--) {
    const node = path[i];
    if (node && isFunction(node)) return false;
    if (node?.type === 'IfStatement' && asksEmpty(need(node, 'test'), text(target, 'name'))) {
      return node.consequent === path[i + 1];
    }
  }
  return false;
}

function asksEmpty(test: Node, name: string): boolean {
  const isName = (node: Node | undefined) => node?.type === 'Identifier' && node.name === name;
  if (test.type === 'UnaryExpression') return test.operator === '!' && isName(child(test, 'argument'));
  if (test.type !== 'BinaryExpression' || !/^===?$/.test(text(test, 'operator'))) return false;
  const [left, right] = [child(test, 'left'), child(test, 'right')];
  const other = isName(left) ? right : isName(right) ? left : undefined;
  if (other?.type === 'Identifier') return other.name === 'undefined';
  return other?.type === 'Literal' && other.value === null;
}
