import { child, isFunction, list, type Node, nameOf, need, unwrap } from '../../ast/node.ts';
import { children } from '../../ast/shape.ts';
import type { Walker } from './walker.ts';

/** Options of `@step` that only decide when and where a task runs. */
const PLACEMENT: ReadonlySet<string> = new Set(['retry', 'timeout', 'concurrency', 'rate', 'runner']);

/** Options of which only the named part affects a result. */
const PARTS: Readonly<Record<string, string>> = { cache: 'version', effect: 'key' };

/** Records the options of `@step` that affect the step's result, sorted by name. */
export function readStepDecorator(walker: Walker, decorator: Node): void {
  const expression = unwrap(need(decorator, 'expression'));
  const args = expression.type === 'CallExpression' ? list(expression, 'arguments') : [];
  const options = args.map(unwrap);
  walker.out.token('@step');
  if (args.length === 0) return;
  const [only] = options;
  if (only?.type !== 'ObjectExpression' || args.length > 1 || !isPlain(only)) {
    for (const each of args) walker.visit(each);
    return;
  }
  const properties = [...list(only, 'properties')].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  for (const property of properties) readOption(walker, keyOf(property), property);
}

/** True if every property has a literal name. */
function isPlain(object: Node): boolean {
  return list(object, 'properties').every((each) => each.type === 'Property' && each.computed !== true);
}

function keyOf(property: Node): string {
  return nameOf(need(property, 'key'));
}

function readOption(walker: Walker, name: string, property: Node): void {
  const part = PARTS[name];
  const value = unwrap(need(property, 'value'));
  if (!isQuiet(value)) return visitAs(walker, name, property);
  if (PLACEMENT.has(name)) return;
  if (part === undefined) return visitAs(walker, name, property);
  // `cache: true` and `false` decide whether a result is kept, not what it is.
  if (value.type === 'Literal') return;
  if (value.type !== 'ObjectExpression' || !isPlain(value)) return visitAs(walker, name, property);
  const inner = list(value, 'properties').find((each) => keyOf(each) === part);
  if (inner) visitAs(walker, `${name}.${part}`, inner);
}

/** True if evaluating an option runs no code: it then does not matter here where a task runs. */
function isQuiet(node: Node): boolean {
  if (/^(Call|New|Await|TaggedTemplate|Assignment|Update|Import)Expression$/.test(node.type)) return false;
  return isFunction(node) || children(node).every(isQuiet);
}

function visitAs(walker: Walker, name: string, property: Node): void {
  walker.out.token(`option ${name}`);
  const value = child(property, 'value');
  if (value) walker.visit(value);
}
