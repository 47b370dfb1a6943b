import { child, list, type Node, need } from '../../ast/node.ts';
import type { Handlers, Walker } from './walker.ts';

/** Handlers for JSX. Text is collapsed as the compiler does, so that line breaks change nothing. */
export const jsxHandlers: Handlers = {
  JSXElement(walker, node) {
    walker.out.token('JSXElement');
    referToFactory(walker, node);
    walker.visit(need(node, 'openingElement'));
    readChildren(walker, list(node, 'children'));
  },
  JSXFragment(walker, node) {
    walker.out.token('JSXFragment');
    referToFactory(walker, node);
    readChildren(walker, list(node, 'children'));
  },
  JSXAttribute(walker, node) {
    walker.out.token('JSXAttribute');
    walker.visit(need(node, 'name'));
    const value = child(node, 'value');
    const inner = value?.type === 'JSXExpressionContainer' ? need(value, 'expression') : value;
    if (inner?.type === 'Literal') walker.visit(inner);
    else walker.value(value);
  },
};

/** The file does not name the function that makes elements. */
function referToFactory(walker: Walker, node: Node): void {
  walker.out.refer({ kind: 'jsx', name: 'jsx' }, 0, walker.when, walker.line(node));
  for (const pragma of walker.file.jsx) {
    walker.out.token(`@${pragma}`);
    const root = /^jsx(?:Frag)? ([\w$]+)/.exec(pragma)?.[1];
    if (root === undefined || !walker.file.top.has(root)) continue;
    walker.out.refer({ kind: 'name', name: root }, 0, walker.when, walker.line(node));
  }
}

function readChildren(walker: Walker, children: readonly Node[]): void {
  let words = '';
  const flush = () => {
    if (words !== '') walker.out.token(`words ${JSON.stringify(words)}`);
    words = '';
  };
  for (const each of children) {
    const fixed = fixedText(each);
    if (fixed !== undefined) words += fixed;
    else {
      flush();
      walker.visit(each);
    }
  }
  flush();
  walker.out.token(')');
}

/** The constant text of a child: JSX text, a string in braces, or an empty comment. `undefined` for anything else. */
function fixedText(node: Node): string | undefined {
  if (node.type === 'JSXText') return collapse(String(node.value));
  if (node.type !== 'JSXExpressionContainer') return undefined;
  const inner = need(node, 'expression');
  if (inner.type === 'JSXEmptyExpression') return '';
  return inner.type === 'Literal' && typeof inner.value === 'string' ? inner.value : undefined;
}

/** Trims lines where they break, drops empty ones and joins the others by one space. */
function collapse(value: string): string {
  const lines = value.split(/\r\n|\n|\r/);
  return lines
    .map((line, i) => {
      const start = i === 0 ? line : line.replace(/^[ \t]+/, '');
      return i === lines.length - 1 ? start : start.replace(/[ \t]+$/, '');
    })
    .filter((line) => line !== '')
    .join(' ');
}
