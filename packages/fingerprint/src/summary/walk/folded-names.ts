import { list, type Node, need, unwrap } from '../../ast/node.ts';

/** Stands in the name of a reference for text that is known when the code is compiled, if at all. */
const ANY = '\0';
/** Marks the name of a reference as a pattern, for imports that the compiler may have found. */
const MARK = '\0?';
/** Names that one expression may mean: of more, any import of the file counts. */
const MOST = 64;

/** Code that no compiler replaces by its value. */
const RUN = new Set([
  'Identifier',
  'CallExpression',
  'NewExpression',
  'AwaitExpression',
  'ThisExpression',
  'ImportExpression',
  'YieldExpression',
  'TaggedTemplateExpression',
]);

/**
 * Names of references for what a compiler may take an expression to be that is no literal: `'./a' + '.ts'`, the branches of
 * `x ? './a.ts' : './b.ts'`, a member of an enum. Empty when only a run can tell its value.
 */
export function foldedNames(source: Node): readonly string[] {
  const all = alternatives(source);
  return (all.length > MOST ? [ANY] : [...new Set(all)]).map((each) => MARK + each);
}

/** Tests specifiers by such a name; `undefined` for any other name. */
export function foldedPattern(name: string): RegExp | undefined {
  if (!name.startsWith(MARK)) return undefined;
  const parts = name.slice(MARK.length).split(ANY);
  return new RegExp(`^${parts.map((part) => part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('.*')}$`, 's');
}

function alternatives(node: Node): readonly string[] {
  const inner = unwrap(node);
  if (RUN.has(inner.type)) return [];
  switch (inner.type) {
    case 'Literal':
      return [typeof inner.value === 'string' ? inner.value : ANY];
    case 'ConditionalExpression':
      return [...alternatives(need(inner, 'consequent')), ...alternatives(need(inner, 'alternate'))];
    case 'SequenceExpression':
      return alternatives(list(inner, 'expressions').at(-1) ?? inner);
    case 'BinaryExpression':
      return inner.operator === '+' ? joined([need(inner, 'left'), need(inner, 'right')], ['', '', '']) : [ANY];
    case 'TemplateLiteral':
      return joined(list(inner, 'expressions'), list(inner, 'quasis').map(cooked));
    default:
      return [ANY];
  }
}

/** Every way to join the expressions, with fixed text around them. */
function joined(expressions: readonly Node[], around: readonly string[]): readonly string[] {
  let all: readonly string[] = [around[0] ?? ''];
  for (const [at, expression] of expressions.entries()) {
    const ends = alternatives(expression).map((each) => each + (around[at + 1] ?? ''));
    all = all.flatMap((start) => ends.map((end) => start + end));
    if (all.length > MOST) return [ANY];
  }
  return all;
}

function cooked({ value }: Node): string {
  const text = (value as { cooked?: unknown } | undefined)?.cooked;
  return typeof text === 'string' ? text : ANY;
}
