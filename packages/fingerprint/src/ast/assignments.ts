import { boundNames } from './bindings.ts';
import { child, list, type Node, need, text, unwrap } from './node.ts';

/** Kinds of nodes that may give a variable another value. A `var` may be declared twice, or be a parameter. */
const ASSIGNING: ReadonlySet<string> = new Set([
  'AssignmentExpression',
  'UpdateExpression',
  'ForOfStatement',
  'ForInStatement',
  'VariableDeclaration',
]);

/** True if a node may give a variable another value than that of its declaration. */
export function assigns(node: Node): boolean {
  return ASSIGNING.has(node.type) && (node.type !== 'VariableDeclaration' || node.kind === 'var');
}

/** The names that such a node assigns, and whether all their new values are primitives. */
export function assignedBy(node: Node): { readonly names: readonly string[]; readonly isPrimitive: boolean } {
  switch (node.type) {
    case 'AssignmentExpression': {
      const left = need(node, 'left');
      const isOne = left.type === 'Identifier';
      const isPrimitive = isArithmetic(node) || isPrimitiveValue(unwrap(need(node, 'right')));
      return { names: boundNames(unwrap(left)), isPrimitive: isOne && isPrimitive };
    }
    case 'UpdateExpression':
      return { names: boundNames(unwrap(need(node, 'argument'))), isPrimitive: true };
    case 'VariableDeclaration': {
      const all = list(node, 'declarations');
      const values = all.flatMap((each) => child(each, 'init') ?? []);
      return {
        names: all.flatMap((each) => boundNames(need(each, 'id'))),
        isPrimitive: values.every((each) => isPrimitiveValue(unwrap(each))),
      };
    }
    default: {
      const left = need(node, 'left');
      return { names: left.type === 'VariableDeclaration' ? [] : boundNames(unwrap(left)), isPrimitive: false };
    }
  }
}

function isArithmetic(node: Node): boolean {
  return /^([-+*/%&|^]|\*\*|<<|>>>?)=$/.test(text(node, 'operator'));
}

function isPrimitiveValue(node: Node): boolean {
  if (node.type === 'Literal') return !node.regex;
  return /^(UnaryExpression|TemplateLiteral|BinaryExpression|UpdateExpression)$/.test(node.type);
}
